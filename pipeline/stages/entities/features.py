"""What the segment CRF sees of a word in its place.

The same code serves training, where a group of features is their texts, and tagging, where it is a row of summed weights: ``group``
turns the texts of features that always come together into either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from pipeline.stages.entities.reading import CLUES, Reading

T = TypeVar("T")
#: Groups of features that every word has: shapes, word before, word behind, flags, layout, start of a line.
GROUPS = 6
_CACHED_GROUPS = 200_000
_LEAST_DATELINE = 4
_FLAGS = ("d=L", "ss", "ss!C", "caps", "d=low", "segB", "segE", "one")


class ContextFeatures(Generic[T]):
    """Features that depend on the place of a word; those of the word types alone are in ``Word.own``, ``near`` and ``far``."""

    def __init__(self, group: Callable[[list[str]], T]) -> None:
        self._group = group
        self._known: dict[tuple[object, ...], T] = {}
        self._none = group([])

    @property
    def is_full(self) -> bool:
        """Whether it remembers so many groups that it should be cleared."""
        return len(self._known) > _CACHED_GROUPS

    def clear(self) -> None:
        """Forget every group."""
        self._known.clear()
        self._none = self._group([])

    def __call__(self, reading: Reading) -> list[T]:
        """Groups of every word of every segment, in order, ``GROUPS`` a word."""
        words, names = reading.words, reading.names
        sport = reading.sportiness()
        lines = iter(reading.lines())
        _, line_end, layout = next(lines)
        small = {word.text for word in words}
        known, none, add = self._known.get, self._none, self._add
        last = len(words) - 1
        found: list[T] = []
        for start, end in reading.segments:
            for index in range(start, end):
                while index >= line_end:
                    _, line_end, layout = next(lines)
                word = words[index]
                shape = word.shape
                before = after = none
                shape_before, shape_after = "^", "$"
                if index:
                    shape_before, lower = words[index - 1].shape, words[index - 1].lower
                    place: tuple[object, ...] = ("cw", lower, shape)
                    before = known(place) or add(place, [f"cw={lower}|{shape}"])
                if index < last:
                    shape_after, lower = words[index + 1].shape, words[index + 1].lower
                    place = ("cn", shape, lower)
                    after = known(place) or add(place, [f"cn={shape}|{lower}"])
                place = ("c", shape_before, shape, shape_after)
                shapes = known(place) or add(place, [f"c={shape_before}|{shape}|{shape_after}"])
                flags = self._flags(reading, index, start, end, small)
                name = names.get(index)
                place = ("layout", layout, sport, word.kinds, name)
                where = known(place) or add(place, _layout_features((layout, sport), word.kinds, name))
                opens_line = index == start and (index == 0 or words[index - 1].is_line_end)
                opening = self._line_start(reading, index, layout) if opens_line else none
                found += (shapes, before, after, flags, where, opening)
        return found

    def _add(self, key: tuple[object, ...], texts: list[str]) -> T:
        found = self._known[key] = self._group(texts)
        return found

    def _flags(self, reading: Reading, index: int, start: int, end: int, small: set[str]) -> T:
        word = reading.words[index]
        clues = reading.clues.get(word.text, 0)
        opens = reading.opens_sentence.get(index, False)
        key = (
            not word.candidate,
            opens,
            opens and not clues & CLUES["C"],
            bool(reading.capitals and reading.capitals[index]),
            word.lower in small and word.text != word.lower,
            index == start,
            index == end - 1,
            end - start == 1,
            clues,
        )
        found = self._known.get(key)
        if found is None:
            texts = ["b", *(name for name, holds in zip(_FLAGS, key, strict=False) if holds)]
            found = self._add(key, texts + [f"d={clue}" for clue, bit in CLUES.items() if clues & bit])
        return found

    def _line_start(self, reading: Reading, index: int, layout: int) -> T:
        written = reading.written[index]
        changed = written != reading.words[index].text
        dateline = not layout and len(written) >= _LEAST_DATELINE and written.isupper()
        key = ("line", changed, dateline)
        return self._known.get(key) or self._add(
            key, [name for name, holds in (("capB", changed), ("dateline?", dateline)) if holds]
        )


def _layout_features(where: tuple[int, int], kinds: tuple[str, ...], name: tuple[str, tuple[str, ...]] | None) -> list[str]:
    layout, sport = where
    found = [f"sp{sport}"]
    if layout:
        found.append(f"ln{layout}")
    if name is not None:
        found += [f"gz={name[0]}{kind}" for kind in name[1]]
        kinds = tuple(dict.fromkeys((*kinds, *name[1])))
    if layout or sport:
        found += [f"ln{layout}|sp{sport}|{kind}" for kind in kinds or ("-",)]
    return found
