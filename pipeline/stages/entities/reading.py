"""Read a text once for every later step: words in natural letters, runs of capitalised words, and what repeats say of a word."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.entities.casing import true_case
from pipeline.stages.entities.lexicon import (
    CANDIDATE,
    CLUES,
    CLUES_BEFORE,
    CLUES_BEHIND,
    GIVEN,
    LINE_END,
    MARK,
    NUMBER,
    SENTENCE_END,
    SMALL,
    Lexicon,
    Word,
)
from pipeline.stages.entities.tokens import tokenize
from pipeline.stages.entities.vocabulary import words

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]
#: Small words that may stand between two parts of a name, at most this many.
_MOST_CONNECTORS = 2
_SPORT = words("soccer league cup match goal season game score team player")
#: A line with so few small words is a table row, with so many numbers a row of results.
_TABLE_SMALL_SHARE, _RESULTS_NUMBER_SHARE = 0.25, 0.15


class Reading:
    """A document as the taggers see it. Columns run parallel to ``words``."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        tokens = tokenize(text, elisions=lexicon.elisions)
        self.text = text
        self.elisions = lexicon.elisions
        self.capital_nouns = lexicon.capital_nouns
        self.written, self.starts, self.ends = tokens
        cased = true_case(tokens.words, lexicon.gazetteer, lexicon.casing.get)
        self.capitals = cased.capitals
        self.words: list[Word] = lexicon.words(cased.words)
        self.cased_text = text if cased.capitals is None else _write_over(text, self.starts, self.written, cased.words)
        self.bits: Integers = np.array([word.bits for word in self.words], np.int64)
        self.candidates: list[int] = np.flatnonzero(self.bits & CANDIDATE).tolist()
        self.segments = self._find_segments()
        self.opens_sentence = self._find_openings()
        self.names = self._find_names(lexicon)
        self.peoples = lexicon.gazetteer.peoples
        self.events = lexicon.gazetteer.events

    def surface(self, first: int, end: int) -> str:
        """Return the words from first to before end, in natural letters."""
        return self.cased_text[self.starts[first] : self.ends[end - 1]]

    def _find_segments(self) -> list[tuple[int, int]]:
        """Find runs of capitalised words, joined over at most two connectors."""
        words, size = self.words, len(self.words)
        segments: list[tuple[int, int]] = []
        end = 0
        for start in self.candidates:
            if start < end:
                continue
            end = start + 1
            while end < size:
                if words[end].candidate:
                    end += 1
                    continue
                after = end
                while after < size and after - end < _MOST_CONNECTORS and words[after].connector and not self._is_dash(after):
                    after += 1
                if after == end or after >= size or not words[after].candidate:
                    break
                end = after + 1
            segments.append((start, end))
        return segments

    def _is_dash(self, index: int) -> bool:
        """Whether a hyphen stands alone, as behind a dateline or between two teams."""
        return self.written[index] == "-" and self.starts[index] > self.ends[index - 1]

    def _find_openings(self) -> Flags:
        """Mark the words that no other word stands before in their sentence or line: marks between them do not count."""
        closes = self.bits & (SENTENCE_END | LINE_END) != 0
        counts = closes | (self.bits & MARK == 0)
        latest = np.maximum.accumulate(np.where(counts, np.arange(len(counts)), -1))
        opens = np.ones(len(counts), bool)
        opens[1:] = (latest[:-1] < 0) | closes[latest[:-1]]
        return opens

    def _find_names(self, lexicon: Lexicon) -> dict[int, tuple[str, tuple[str, ...]]]:
        """Word index → B or I and the kinds of a known name of several words that it stands in."""
        found: dict[int, tuple[str, tuple[str, ...]]] = {}
        free, line_end = 0, -1
        line_ends = iter([*np.flatnonzero(self.bits & LINE_END).tolist(), len(self.words)])
        for index in self.candidates:
            longest = self.words[index].longest
            if index < free or not longest:
                continue
            while line_end < index:
                line_end = next(line_ends)
            for length in range(min(longest, line_end - index), 1, -1):
                kinds = lexicon.gazetteer.kinds(self.surface(index, index + length))
                if kinds is not None:
                    listed = tuple(kinds.split())
                    found[index] = ("B", listed)
                    for inner in range(index + 1, index + length):
                        found[inner] = ("I", listed)
                    free = index + length
                    break
        return found

    @cached_property
    def clues(self) -> Integers:
        """Bits of ``CLUES`` for what stands beside any occurrence of each capitalised word; 0 for the other words."""
        bits = self.bits
        here = np.array(self.candidates, np.int64)
        beside = np.zeros((2, len(bits)), np.int64)
        beside[0, 1:], beside[1, :-1] = bits[:-1], bits[1:]
        found = (beside[0] & CLUES_BEHIND) | (beside[1] & CLUES_BEFORE)
        found[(bits & GIVEN != 0) & (beside[1] & CANDIDATE != 0)] |= CLUES["N"]
        inside = ~self.opens_sentence
        if self.capitals is not None:
            inside &= ~np.array(self.capitals)
        found[inside] |= CLUES["C"]
        by_type: dict[str, int] = {}
        candidates = [self.words[index].text for index in self.candidates]
        for text, bit in zip(candidates, found[here].tolist(), strict=True):
            by_type[text] = by_type.get(text, 0) | bit
        clues = np.zeros(len(bits), np.int64)
        clues[here] = [by_type[text] for text in candidates]
        return clues

    @cached_property
    def sportiness(self) -> int:
        """0 no sport, 1 perhaps, 2 surely: how many of ten telling words occur."""
        lower = self.text.lower()
        hits = sum([word in lower for word in _SPORT])
        return 0 if hits < 2 else 1 if hits < 4 else 2

    @cached_property
    def layouts(self) -> Integers:
        """Layout of the line that each word stands in: 0 prose, 1 row of results, 2 heading or row of names."""
        ends = self.bits & LINE_END != 0
        line = np.cumsum(ends)
        line[ends] = line[-1] + 1  # a line of their own, which no one asks for
        sizes, small, numbers = (
            np.bincount(line[held], minlength=line[-1] + 2)
            for held in (slice(None), self.bits & SMALL != 0, self.bits & NUMBER != 0)
        )
        results = np.where(numbers >= _RESULTS_NUMBER_SHARE * sizes, 1, 2)
        return np.asarray(np.where(small <= _TABLE_SMALL_SHARE * sizes, results, 0)[line], np.int64)


def _write_over(text: str, starts: list[int], written: list[str], words: list[str]) -> str:
    parts: list[str] = []
    position = 0
    for start, before, word in zip(starts, written, words, strict=True):
        if before is not word:
            parts += (text[position:start], word)
            position = start + len(word)
    return "".join([*parts, text[position:]])
