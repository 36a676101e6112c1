"""Unrelated dispatches to fill a window with: runs of real phrases, new numbers and invented names.

A fifth of them carries one of a hundred paragraphs of boilerplate, a twentieth are members of 200 families of notices that
differ in numbers and rare words alone.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.stages.deduplicate.lexicon import LEXICON, NAME, NUMBER, is_mark
from pipeline.stages.deduplicate.normalise import body, plain, words
from pipeline.stages.deduplicate.record import Record

JUMP, REDRAWN, NAMED = 0.33, 0.4, 0.04
BOILERPLATE, FAMILY = 0.2, 0.05
BATCH = 10_000
LONGEST = 600


class Pool:
    """A source of background records, the same for the same seed."""

    def __init__(self, texts: Sequence[tuple[str, str]], seed: int) -> None:
        self._random = np.random.default_rng(seed)
        vocabulary: dict[str, int] = {}
        chain: list[int] = []
        starts, lengths, heads = [], [], []
        seen = set()
        for headline, text in texts:
            tokens = words(body(text)).words
            if len(tokens) < 15 or tuple(tokens[:12]) in seen:
                continue
            seen.add(tuple(tokens[:12]))
            starts.append(len(chain))
            lengths.append(len(tokens))
            chain += [vocabulary.setdefault(token, len(vocabulary)) for token in tokens]
            head = [word for word in words(plain(headline)).words if not is_mark(word)]
            heads.append([vocabulary.setdefault(token, len(vocabulary)) for token in head])
        self._words = list(vocabulary)
        self._codes = np.array([LEXICON[word] for word in self._words], np.uint32)
        self._is_number = (self._codes & NUMBER) > 0
        self._chain = np.array(chain)
        self._starts, self._lengths, self._heads = np.array(starts), np.array(lengths), [head for head in heads if head]
        self._order = np.argsort(self._chain, kind="stable")
        self._offsets = np.concatenate([[0], np.cumsum(np.bincount(self._chain, minlength=len(self._words)))])
        counts = Counter(chain)
        self._rare = np.array([counts[word] <= 5 for word in range(len(self._words))])
        short = [place for place in range(len(starts)) if 25 <= lengths[place] <= 120]
        self._families = self._random.choice(short, 200)
        self._boilerplate = [self._run(1, int(self._random.integers(15, 45)))[0] for _ in range(100)]

    def records(self, count: int) -> Iterator[Record]:
        """Make that many records."""
        for first in range(0, count, BATCH):
            size = min(BATCH, count - first)
            chains = self._run(size, LONGEST)
            picks = self._random.integers(0, len(self._lengths), size)
            kinds = self._random.random((size, 2))
            for row in range(size):
                yield self._record(chains[row], int(self._lengths[picks[row]]), *kinds[row])

    def _run(self, rows: int, length: int) -> np.ndarray:
        """Chains of words: on to the next word, or to where the same word stands elsewhere."""
        at = self._random.integers(0, len(self._chain) - 1, rows)
        out = np.empty((rows, length), np.int64)
        for step in range(length):
            word = self._chain[at]
            out[:, step] = word
            first, last = self._offsets[word], self._offsets[word + 1]
            there = self._order[first + (self._random.random(rows) * (last - first)).astype(np.int64)]
            at = np.where(self._random.random(rows) < JUMP, there, at) + 1
            at = np.where(at >= len(self._chain) - 1, 0, at)
        return out

    def _record(self, chain: np.ndarray, length: int, kind: float, extra: float) -> Record:
        names = np.zeros(0, np.bool_)
        head = self._heads[int(extra * 1e6) % len(self._heads)]
        if kind < FAMILY:
            family = int(self._families[int(200 ** (kind / FAMILY)) - 1])
            ids = self._chain[self._starts[family] : self._starts[family] + self._lengths[family]]
            names = self._rare[ids]
            head = self._heads[family % len(self._heads)]
        else:
            ids = chain[: min(length, LONGEST)]
            if extra < BOILERPLATE:
                ids = np.concatenate([ids, self._boilerplate[int(100 ** (extra / BOILERPLATE)) - 1]])
            names = self._random.random(len(ids)) < NAMED
        codes = self._codes[ids].copy()
        drawn = self._is_number[ids] & (self._random.random(len(ids)) < REDRAWN)
        codes[drawn] = (self._random.integers(1, 1 << 29, int(drawn.sum())).astype(np.uint32) << 3) | NUMBER
        invented = names & ~self._is_number[ids]
        zipf = np.exp(self._random.random(int(invented.sum())) * np.log(500_000)).astype(np.uint32)
        codes[invented] = ((zipf * np.uint32(2654435761)) & np.uint32(0xFFFFFFF8)) | NAME
        numbers = np.flatnonzero(codes & NUMBER)
        spelt = [self._words[word] for word in ids.tolist()]
        for place in np.flatnonzero(drawn | invented).tolist():
            spelt[place] = f"{'N' if invented[place] else ''}{codes[place] >> 3}"
        headline = {int(self._codes[word]) & 0xFFFFFFF8 | int(self._is_number[word]) for word in head}
        return Record(
            words=codes,
            numbers=codes[numbers],
            number_places=numbers.astype(np.uint16),
            headline=np.array(sorted(headline), np.uint32),
            marks=frozenset(),
            packed_text=zlib.compress(" ".join(spelt).encode(), 1),
        )
