"""Hashes of three words in a row, and of the words around a place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array32 = npt.NDArray[np.uint32]
Array64 = npt.NDArray[np.uint64]

SPAN = 3
"""Words of a shingle."""
AROUND = 3
"""Words on either side of a place that make its context."""

_A, _B, _C = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_SHIFT29, _SHIFT32 = np.uint64(29), np.uint64(32)
_CLASS_BITS = np.uint32(3)
_IN_A_ROW = _A * np.array([_A, _B, _C])
_AROUND = _A * np.cumprod(np.full(2 * AROUND + 1, _C))


def codes(words: Array32) -> Array64:
    """Words without their class bits."""
    return (words >> _CLASS_BITS).astype(np.uint64)


def shingles(words: Array32) -> Array64:
    """Hash every three words in a row, in order; a text of one or two words is one shingle.

    >>> len(shingles(np.arange(8, 80, 8, dtype=np.uint32)))
    7
    """
    return shingles_of(codes(words))


def shingles_of(codes: Array64) -> Array64:
    """Hash every three words in a row of a text that is given by its ``codes``."""
    return _mixed(_in_a_row(codes))


def shingles_and_contexts(codes: Array64, places: npt.NDArray[np.int64]) -> tuple[Array64, Array64]:
    """Hash every three words in a row, and the seven words around each place, fewer at the ends of a text."""
    padded = np.zeros(len(codes) + 2 * AROUND, np.uint64)
    padded[AROUND : len(codes) + AROUND] = codes
    around = np.correlate(padded, _AROUND).take(places)
    in_a_row = _in_a_row(codes)
    # Mixed at once: numpy takes longer to be called than to work on so few.
    both = _mixed(np.concatenate([in_a_row, around]))
    return both[: len(in_a_row)], both[len(in_a_row) :]


def _in_a_row(codes: Array64) -> Array64:
    if len(codes) < SPAN:
        total: Array64 = (codes * _A).sum(keepdims=True, dtype=np.uint64)
        return total * _C + np.uint64(1)
    return np.correlate(codes, _IN_A_ROW)


def _mixed(sums: Array64) -> Array64:
    sums ^= sums >> _SHIFT29
    sums *= _B
    sums ^= sums >> _SHIFT32
    return sums
