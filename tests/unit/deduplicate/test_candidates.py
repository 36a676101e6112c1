"""Candidates: what a text shares with the texts of the window."""

from __future__ import annotations

import random
from uuid import UUID

import numpy as np
import pytest

from pipeline.stages.deduplicate.candidates import compared
from pipeline.stages.deduplicate.record import Record
from pipeline.stages.deduplicate.window import Window, size


def record(words: list[int]) -> Record:
    codes = np.array(words, np.uint32) << np.uint32(3)
    none = np.zeros(0, np.uint32)
    return Record(codes, none, none.astype(np.uint16), none, frozenset(), b"")


def window_of(texts: list[list[int]], apart: float = 0.0) -> Window:
    window = Window(60.0, 4096)
    for number, words in enumerate(texts, 1):
        text = record(words)
        window.expire(number * apart, size(text))
        window.insert(text, UUID(int=number), UUID(int=number), number * apart, opens=True)
    return window


def triples(words: list[int]) -> set[tuple[int, ...]]:
    return {tuple(words[place : place + 3]) for place in range(max(1, len(words) - 2))}


@pytest.mark.parametrize("shortest", [1, 3])
@pytest.mark.parametrize("seed", range(20))
def test_what_texts_share_is_exact(shortest, seed):
    """Several texts compared at once share exactly the words in a row that each has, none across the border of two texts."""
    chance = random.Random(seed)
    texts = [[chance.randrange(6) for _ in range(chance.randrange(shortest, 40))] for _ in range(6)]
    new = [chance.randrange(6) for _ in range(chance.randrange(shortest, 40))]
    found = compared(window_of(texts), record(new), range(1, 7))
    assert [one.common for one in found] == [len(triples(new) & triples(text)) for text in texts]
    assert [int(one.shared.sum()) for one in found] == [one.common for one in found]
    assert [one.length for one in found] == [len(triples(text)) for text in texts]


def test_holders_are_the_live_texts_alone():
    """A text that has left the window holds no key any more."""
    texts = [[*range(100 * number, 100 * number + 20)] for number in range(8)]
    window = window_of(texts, apart=20.0)
    for number, words in enumerate(texts, 1):
        asked = record(words)
        entries, keys = window.live(window.holders(asked), len(asked.keys.all))
        lives = number >= 5
        assert set((entries >> np.uint64(32)).tolist()) == ({number} if lives else set())
        assert keys.tolist() == ([*range(18)] if lives else [])
