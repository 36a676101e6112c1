"""Hashes of three words in a row, and of the words around a place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array32 = npt.NDArray[np.uint32]
Array64 = npt.NDArray[np.uint64]

_A, _B, _C = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_SHIFT29, _SHIFT32 = np.uint64(29), np.uint64(32)
_CLASS_BITS = np.uint32(3)
SPAN = 3
"""Words of a shingle."""
AROUND = 3
"""Words on either side of a place that make its context."""

_AROUND = np.arange(2 * AROUND + 1)
_WEIGHTS = np.cumprod(np.full(2 * AROUND + 1, _C))


def hashes(words: Array32) -> Array64:
    """Hashes of words without their class bits."""
    return (words >> _CLASS_BITS).astype(np.uint64) * _A


def shingles(words: Array32) -> Array64:
    """Hash every three words in a row, in order; a text of one or two words is one shingle.

    >>> len(shingles(np.arange(8, 80, 8, dtype=np.uint32)))
    7
    """
    codes = hashes(words)
    if len(codes) >= SPAN:
        mixed = codes[:-2] * _A
        mixed += codes[1:-1] * _B
        mixed += codes[2:] * _C
    else:
        mixed = codes.sum(keepdims=True, dtype=np.uint64) * _C + np.uint64(1)
    mixed ^= mixed >> _SHIFT29
    mixed *= _B
    mixed ^= mixed >> _SHIFT32
    return mixed


def contexts(words: Array32, places: Sequence[int]) -> Array64:
    """Hash the seven words around each place; fewer at the ends of a text."""
    padded = np.zeros(len(words) + 2 * AROUND, np.uint64)
    padded[AROUND : len(words) + AROUND] = hashes(words)
    around = padded[np.add.outer(np.asarray(places, np.int64), _AROUND)]
    mixed: Array64 = (around * _WEIGHTS).sum(1, dtype=np.uint64)
    mixed ^= mixed >> _SHIFT29
    mixed *= _B
    mixed ^= mixed >> _SHIFT32
    return mixed
