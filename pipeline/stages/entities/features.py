"""What the segment CRF sees of a word in its place.

The same code serves training, where a feature is its text, and tagging, where it is a row of weights: ``lookup`` turns the text
of a feature into either, None for one that carries no weight.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from pipeline.stages.entities.reading import Reading

T = TypeVar("T")
_CACHED_PAIRS = 100_000
_LEAST_DATELINE = 4


class ContextFeatures(Generic[T]):
    """Features that depend on the place of a word; those of the word types alone are in ``Word.own``, ``near`` and ``far``."""

    def __init__(self, lookup: Callable[[str], T | None]) -> None:
        self._lookup = lookup
        self._known: dict[tuple[str, ...], T | None] = {}
        self._groups: dict[tuple[object, ...], list[T]] = {}

    def __call__(self, reading: Reading) -> list[list[T]]:
        """Features of every word of every segment, in order."""
        if len(self._known) > _CACHED_PAIRS:
            self._known.clear()
            self._groups.clear()
        sport = reading.sportiness()
        lines = iter(reading.lines())
        _, line_end, layout = next(lines)
        small = {word.text for word in reading.words}
        found: list[list[T]] = []
        for start, end in reading.segments:
            for index in range(start, end):
                while index >= line_end:
                    _, line_end, layout = next(lines)
                features: list[T] = []
                self._flags(reading, index, (start, end), small, features)
                self._neighbours(reading, index, features)
                self._layout(reading, index, (layout, sport), features)
                if index == start and (index == 0 or reading.words[index - 1].is_line_end):
                    self._line_start(reading, index, layout, features)
                found.append(features)
        return found

    def _add_group(self, key: tuple[object, ...], texts: Callable[[], list[str]], features: list[T]) -> None:
        """Add features that always come together; ``texts`` spells them out the first time."""
        found = self._groups.get(key)
        if found is None:
            values = [self._lookup(text) for text in texts()]
            found = self._groups[key] = [value for value in values if value is not None]
        features.extend(found)

    def _add(self, key: tuple[str, ...], pattern: str, features: list[T]) -> None:
        known = self._known
        if key in known:
            value = known[key]
        else:
            value = known[key] = self._lookup(pattern % key[1:])
        if value is not None:
            features.append(value)

    def _flags(self, reading: Reading, index: int, segment: tuple[int, int], small: set[str], features: list[T]) -> None:
        word = reading.words[index]
        clues = reading.clues.get(word.text, ())
        opens = reading.opens_sentence.get(index)
        flags = {
            "b": True,
            "d=L": not word.candidate,
            "ss": bool(opens),
            "ss!C": bool(opens) and "C" not in clues,
            "caps": bool(reading.capitals and reading.capitals[index]),
            "d=low": word.text != word.lower and word.lower in small,
            "segB": index == segment[0],
            "segE": index == segment[1] - 1,
            "one": segment[1] - segment[0] == 1,
        }
        key = ("flags", *flags.values(), clues)
        self._add_group(key, lambda: [name for name, holds in flags.items() if holds] + [f"d={clue}" for clue in clues], features)

    def _neighbours(self, reading: Reading, index: int, features: list[T]) -> None:
        words, word = reading.words, reading.words[index]
        before = words[index - 1] if index else None
        after = words[index + 1] if index + 1 < len(words) else None
        shapes = ("c", before.shape if before else "^", word.shape, after.shape if after else "$")
        self._add(shapes, "c=%s|%s|%s", features)
        if before:
            self._add(("cw", before.lower, word.shape), "cw=%s|%s", features)
        if after:
            self._add(("cn", word.shape, after.lower), "cn=%s|%s", features)

    def _layout(self, reading: Reading, index: int, where: tuple[int, int], features: list[T]) -> None:
        name = reading.names.get(index)
        kinds = reading.words[index].kinds
        self._add_group(("layout", where, kinds, name), lambda: _layout_features(where, kinds, name), features)

    def _line_start(self, reading: Reading, index: int, layout: int, features: list[T]) -> None:
        written = reading.written[index]
        changed = written != reading.words[index].text
        dateline = not layout and len(written) >= _LEAST_DATELINE and written.isupper()
        texts = [name for name, holds in (("capB", changed), ("dateline?", dateline)) if holds]
        self._add_group(("line", changed, dateline), lambda: texts, features)


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
