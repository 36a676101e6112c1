"""Earlier texts that a text may be a copy or a version of: those that share a few of its smallest shingles.

Most texts have none that is worth a look, and end here.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.stages.deduplicate.kinship import LOOK, Mask
from pipeline.stages.deduplicate.record import SKETCH, Record, sieved
from pipeline.stages.deduplicate.shingles import SPAN, Array32, Array64, shingles
from pipeline.stages.deduplicate.window import Holders, Window

_VOTES = 2
"""Keys that a candidate must share."""
_FIRST, _TOP, _PER_STORY = 4, 8, 3
"""Candidates looked at before one is found worth it, after that, and of one story."""
_SHARES = (840 // np.maximum(np.arange(9), 1)).astype(np.uint64)
"""A key held by h texts gives each 840/h: whole numbers, so that no sum hangs on the order of its terms."""
_HALF = 32
_LEAST_SHARE, _LEAST_PART = 252, 0.2
_LEAST_FULL = 3.0
_ORDINAL = np.uint64(0xFFFFFFFF << _HALF)
_SHARE = 0xFFFFFFFF


class Candidate(NamedTuple):
    """An earlier text whose shingles were compared one by one."""

    ordinal: int
    story: int
    length: int
    """Shingles that it has."""
    shared: Mask
    """Which shingles of the new text it has."""
    common: int
    """How many they are."""

    @property
    def contained(self) -> float:
        """Larger of the parts of the one text that stands in the other."""
        return self.common / min(self.length, len(self.shared))

    @property
    def part(self) -> float:
        """Part of the new text that it has."""
        return self.common / len(self.shared)


def candidates(window: Window, record: Record, holders: Holders, time: float) -> list[Candidate]:
    """Find the texts that are worth a closer look, the best first; none, where no text shares enough."""
    found: list[Candidate] = []
    chosen: list[int] = []
    per_story: Counter[int] = Counter()
    for ordinal in ranked(window, record, holders, time):
        story = window.story(ordinal)
        if per_story[story] < _PER_STORY:
            per_story[story] += 1
            chosen.append(ordinal)
            if len(chosen) == _TOP:
                break
    for first, last in ((0, _FIRST), (_FIRST, _TOP)):
        found += compared(window, record, chosen[first:last])
        if len(found) < last or not any(one.contained >= LOOK for one in found):
            break
    return found if any(one.contained >= LOOK for one in found) else []


def ranked(window: Window, record: Record, holders: Holders, time: float) -> list[int]:
    """Ordinals of texts that share enough keys, the best first."""
    sketch, own = record.keys.sketch, len(record.shingles)
    good = []
    for ordinal, (count, share) in _tally(window, holders, sketch).items():
        if share < _LEAST_SHARE:
            continue
        _, length, then = window.row(ordinal)
        # Votes to be expected if the smaller text stood in the larger one.
        full = max(_LEAST_FULL, sketch * length / own if length < own else min(float(sketch), SKETCH * own / length))
        if count >= _LEAST_PART * full and abs(then - time) <= window.minutes:
            good.append((share / full, ordinal))
    good.sort(reverse=True)
    return [ordinal for _, ordinal in good]


def _tally(window: Window, holders: Holders, sketch: int) -> dict[int, tuple[int, int]]:
    """How many keys, and what share of them, each text has that shares enough, the oldest text first."""
    entries, keys = window.live(holders, sketch)
    if not len(entries):
        return {}
    entries &= _ORDINAL
    entries |= _SHARES.take(np.bincount(keys).take(keys))
    entries.sort()
    if min(_VOTES, max(1, sketch // 4)) == 1:
        tally: dict[int, tuple[int, int]] = {}
        for entry in entries.tolist():
            count, share = tally.get(entry >> _HALF, (0, 0))
            tally[entry >> _HALF] = count + 1, share + (entry & _SHARE)
        return tally
    ordinals = entries & _ORDINAL
    again = (ordinals[1:] == ordinals[:-1]).nonzero()[0]
    tally = {}
    for one, other in zip(entries.take(again).tolist(), entries.take(again + 1).tolist(), strict=True):
        count, share = tally.get(one >> _HALF) or (1, one & _SHARE)
        tally[one >> _HALF] = count + 1, share + (other & _SHARE)
    return tally


def compared(window: Window, record: Record, ordinals: Sequence[int]) -> list[Candidate]:
    """Compare the shingles of texts with those of a new one."""
    if not ordinals:
        return []
    every, rows = _shingles([window.words(ordinal) for ordinal in ordinals])
    own = record.shingles
    near = record.sieve.take(sieved(every)).nonzero()[0]
    found = every.take(near)
    places = own.searchsorted(found)
    same = own.take(places, mode="clip") == found
    masks = np.zeros((len(ordinals) + 1, len(own)), np.bool_)
    masks[0 if rows is None else rows.take(near[same]), places[same]] = True
    looked = []
    for ordinal, shared in zip(ordinals, masks, strict=False):
        story, length, _ = window.row(ordinal)
        looked.append(Candidate(ordinal, story, length, shared, int(np.count_nonzero(shared))))
    return looked


def _shingles(texts: Sequence[Array32]) -> tuple[Array64, npt.NDArray[np.int64] | None]:
    """Shingles of texts, one after the other, and which text each is of; one past the last where it is of two texts."""
    if len(texts) == 1:
        return shingles(texts[0]), None
    lengths = [len(text) for text in texts]
    if min(lengths) < SPAN:
        every = [shingles(text) for text in texts]
        return np.concatenate(every), np.arange(len(texts)).repeat([len(one) for one in every])
    rows = np.arange(len(texts)).repeat(lengths)
    for end in itertools.accumulate(lengths[:-1]):
        rows[end - SPAN + 1 : end] = len(texts)
    return shingles(np.concatenate(texts)), rows
