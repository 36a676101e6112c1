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
        self._known: dict[object, T | None] = {}
        self._clues: dict[tuple[str, ...], list[T]] = {}

    def __call__(self, reading: Reading) -> list[list[T]]:
        """Features of every word of every segment, in order."""
        if len(self._known) > _CACHED_PAIRS:
            self._known.clear()
        sport = reading.sportiness()
        lines = iter(reading.lines())
        _, line_end, layout = next(lines)
        small = {word.text for word in reading.words}
        found: list[list[T]] = []
        for start, end in reading.segments:
            for index in range(start, end):
                while index >= line_end:
                    _, line_end, layout = next(lines)
                features = self._word(reading, index, small)
                self._layout(reading, index, (layout, sport), features)
                if index == start:
                    self._segment_start(reading, index, layout, features)
                if index == end - 1:
                    self._add("segE", features)
                if end - start == 1:
                    self._add("one", features)
                found.append(features)
        return found

    def _add(self, key: str, features: list[T]) -> None:
        known = self._known
        value = known[key] if key in known else known.setdefault(key, self._lookup(key))
        if value is not None:
            features.append(value)

    def _add_pattern(self, key: tuple[object, ...], pattern: str, features: list[T]) -> None:
        known = self._known
        if key in known:
            value = known[key]
        else:
            value = known[key] = self._lookup(pattern % key[1:])
        if value is not None:
            features.append(value)

    def _add_clues(self, clues: tuple[str, ...], features: list[T]) -> None:
        found = self._clues.get(clues)
        if found is None:
            values = [self._lookup(f"d={clue}") for clue in clues]
            found = self._clues[clues] = [value for value in values if value is not None]
        features.extend(found)

    def _word(self, reading: Reading, index: int, small: set[str]) -> list[T]:
        features: list[T] = []
        words, word = reading.words, reading.words[index]
        self._add("b", features)
        clues = reading.clues.get(word.text)
        if not word.candidate:
            self._add("d=L", features)
        elif reading.opens_sentence[index]:
            self._add("ss", features)
            if clues is not None and "C" not in clues:
                self._add("ss!C", features)
        if reading.capitals and reading.capitals[index]:
            self._add("caps", features)
        if clues:
            self._add_clues(clues, features)
        if word.text != word.lower and word.lower in small:
            self._add("d=low", features)
        before = words[index - 1] if index else None
        after = words[index + 1] if index + 1 < len(words) else None
        shapes = (before.shape if before else "^", word.shape, after.shape if after else "$")
        self._add_pattern(("c", *shapes), "c=%s|%s|%s", features)
        if before:
            self._add_pattern(("cw", before.lower, word.shape), "cw=%s|%s", features)
        if after:
            self._add_pattern(("cn", word.shape, after.lower), "cn=%s|%s", features)
        return features

    def _layout(self, reading: Reading, index: int, where: tuple[int, int], features: list[T]) -> None:
        layout, sport = where
        self._add_pattern(("sp", sport), "sp%d", features)
        if layout:
            self._add_pattern(("ln", layout), "ln%d", features)
        kinds = reading.words[index].kinds
        name = reading.names.get(index)
        if name is not None:
            for kind in name[1]:
                self._add_pattern(("gz", name[0], kind), "gz=%s%s", features)
            kinds = tuple(dict.fromkeys((*kinds, *name[1])))
        if layout or sport:
            for kind in kinds or ("-",):
                self._add_pattern(("lnk", layout, sport, kind), "ln%d|sp%d|%s", features)

    def _segment_start(self, reading: Reading, index: int, layout: int, features: list[T]) -> None:
        self._add("segB", features)
        if index == 0 or reading.words[index - 1].is_line_end:
            written = reading.written[index]
            if written != reading.words[index].text:
                self._add("capB", features)
            if not layout and len(written) >= _LEAST_DATELINE and written.isupper():
                self._add("dateline?", features)
