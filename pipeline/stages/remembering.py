"""Remembering what a piece of wire text comes to: bounded in pieces and in letters, since wire text is hostile input."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T", bound=str | None)
R = TypeVar("R")


def remembered(pieces: int, letters: int = 256) -> Callable[[Callable[[T], R]], Callable[[T], R]]:
    """Remember the results for the last so many pieces of text, of which none is longer than so many letters.

    >>> @remembered(100)
    ... def shouted(word: str) -> str:
    ...     return word.upper()
    >>> shouted("flash")
    'FLASH'
    """

    def remember(compute: Callable[[T], R]) -> Callable[[T], R]:
        known = lru_cache(maxsize=pieces)(compute)

        @wraps(compute)
        def recall(text: T) -> R:
            return known(text) if text is None or len(text) <= letters else compute(text)

        return recall

    return remember
