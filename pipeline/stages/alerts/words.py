"""The words of a dispatch, by position, and the way back from positions to offsets in the original fields."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from pipeline.stages.alerts.folding import BREAK, FOLDS, fold

#: Words between two paragraphs or fields as distances count them: more than any ``NEAR/n`` reaches.
GAP = 100
#: Characters of a dispatch that are read; wire texts run to 1,500 words, only a table or an attack is longer.
MAX_CHARACTERS = 200_000
#: Occurrences of one term that are considered.
MAX_OCCURRENCES = 1_000

_ARABIC = re.compile("[\u0620-\u064a]")
_PROCLITICS = re.compile("^([وف]?)(س(?=[يتنا])|[بكل](?=ال)|[بكل])?(ال|(?<=ل)ل)?")
_SHORTEST_STEM = 3

Span = tuple[int, int]


def without_proclitics(word: str) -> list[str]:
    """Strip from a folded Arabic word what is written together with it: and, so, by, like, to, will, the.

    >>> without_proclitics("والهدنه")
    ['الهدنه', 'هدنه']
    """
    found = _PROCLITICS.match(word)
    if found is None:  # pragma: no cover - every part is optional
        return []
    ends = dict.fromkeys(found.end(group) for group in (1, 2, 3) if found.group(group))
    return [word[end:] for end in ends if len(word) - end >= _SHORTEST_STEM]


class Words:
    """Headline and text as a row of folded words.

    ``forms`` and ``positions`` run in parallel; an Arabic word stands there several times, with and without its proclitics,
    at one position. Paragraphs are ``GAP`` positions apart.
    """

    __slots__ = ("_headline", "_index", "_occurrences", "_raw", "_sorted", "_spans", "_text", "forms", "headline_end", "positions")

    def __init__(self, headline: str | None, text: str) -> None:
        self._headline = headline or ""
        self._text = text
        self._raw = self._headline + BREAK + text[:MAX_CHARACTERS].replace("\n\n", BREAK + "\n")
        folded = self._raw.translate(FOLDS)
        spread = not folded.isascii() and _ARABIC.search(folded) is not None
        self.forms: list[str] = []
        self.positions: list[int] = []
        base = 0
        self.headline_end = 0
        for number, paragraph in enumerate(folded.split(BREAK)):
            words = paragraph.split()
            if spread:
                self._spread(words, base)
            else:
                self.forms += words
                self.positions += range(base, base + len(words))
            base += len(words)
            if number == 0:
                self.headline_end = base
            base += GAP
        self._index: dict[str, list[int]] | None = None
        self._sorted: list[str] | None = None
        self._spans: dict[int, Span] | None = None
        self._occurrences: dict[tuple[tuple[str, ...], bool], list[Span]] = {}

    def _spread(self, words: Sequence[str], base: int) -> None:
        for position, word in enumerate(words, base):
            variants = [word, *without_proclitics(word)]
            self.forms += variants
            self.positions += [position] * len(variants)

    @property
    def joined(self) -> str:
        """All forms with a space around each: what the automaton scans."""
        return f" {' '.join(self.forms)} "

    @property
    def index(self) -> dict[str, list[int]]:
        """Positions of each form, ascending."""
        if self._index is None:
            index: dict[str, list[int]] = {}
            for form, position in zip(self.forms, self.positions, strict=True):
                if form in index:
                    index[form].append(position)
                else:
                    index[form] = [position]
            self._index = index
        return self._index

    def lack(self, tokens: tuple[str, ...], prefix: bool) -> bool:
        """Tell cheaply that a term stands nowhere; False says only that it may."""
        if not prefix or len(tokens) > 1:
            return tokens[0] not in (self._index or self.index)
        if self._sorted is None:
            self._sorted = sorted(self.index)
        place = bisect_left(self._sorted, tokens[0])
        return place == len(self._sorted) or not self._sorted[place].startswith(tokens[0])

    def first(self, count: int) -> int:
        """Position before which the first ``count`` words lie, headline included."""
        distinct = list(dict.fromkeys(self.positions)) if len(self.positions) > count else self.positions
        return distinct[count] if len(distinct) > count else (distinct[-1] + 1 if distinct else 0)

    def find(self, tokens: tuple[str, ...], prefix: bool) -> list[Span]:
        """Every place where the tokens stand in a row; the last one is only a beginning where ``prefix`` is set."""
        key = (tokens, prefix)
        found = self._occurrences.get(key)
        if found is None:
            found = self._occurrences[key] = self._look_up(tokens, prefix)[:MAX_OCCURRENCES]
        return found

    def _look_up(self, tokens: tuple[str, ...], prefix: bool) -> list[Span]:
        index = self.index
        last = self._beginning(tokens[-1]) if prefix else index.get(tokens[-1], [])
        size = len(tokens)
        if size == 1 or not last:
            return [(position, position + 1) for position in last]
        starts = {position - size + 1 for position in last}
        for offset, token in enumerate(tokens[:-1]):
            starts.intersection_update([position - offset for position in index.get(token, ())])
            if not starts:
                return []
        return [(start, start + size) for start in sorted(starts)]

    def _beginning(self, prefix: str) -> list[int]:
        if self._sorted is None:
            self._sorted = sorted(self.index)
        forms, index = self._sorted, self.index
        positions: set[int] = set()
        for place in range(bisect_left(forms, prefix), len(forms)):
            if not forms[place].startswith(prefix):
                break
            positions.update(index[forms[place]])
        return sorted(positions)

    def original(self, span: Span) -> tuple[str, int, int, str]:
        """Field, start, end and text of the words at ``span``, as they stand in the dispatch."""
        spans = self._originals()
        start, end = spans[span[0]][0], spans[span[1] - 1][1]
        shift = len(self._headline) + 1
        if start < shift:
            return "headline", start, end, self._headline[start:end]
        return "text", start - shift, end - shift, self._text[start - shift : end - shift]

    def between(self, start: int, end: int) -> str:
        """Return what is written between the words before position ``start`` and the word at ``end``."""
        spans = self._originals()
        return self._raw[spans[start - 1][1] : spans[end][0]]

    def _originals(self) -> dict[int, Span]:
        if self._spans is None:
            self._spans = _locate(self._raw)
        return self._spans


def _locate(raw: str) -> dict[int, Span]:
    """Start and end in ``raw`` of the word at each position."""
    spans: dict[int, Span] = {}
    position = 0
    start = None
    for place, character in enumerate(raw):
        folded = FOLDS[ord(character)]
        if folded == BREAK:
            position, start = position + (start is not None) + GAP, None
            continue
        for letter in folded:
            if letter != " ":
                start = place if start is None else start
                spans[position] = (start, place + 1)
            elif start is not None:
                position, start = position + 1, None
        if not folded and start is not None:  # an accent of its own belongs to the letter before it
            spans[position] = (start, place + 1)
    return spans


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the folded words of a piece of a query."""
    return tuple(fold(text).split())
