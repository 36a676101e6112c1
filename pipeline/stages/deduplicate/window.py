"""The texts of the window in bounded memory, and the table of keys that finds them.

Every text has an ordinal; what has left the window is below the lowest live ordinal, so that leaving costs nothing. What a
table holds depends on the live texts alone, never on counters that outlive them: a window rebuilt from the log is the one
that was lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt

from pipeline.stages.deduplicate.record import SKETCH, Record
from pipeline.stages.deduplicate.shingles import Array32, Array64

_WAYS, _LOAD, _CONTEXTS = 8, 0.7, 16
_WORDS = 256
"""Words, numbers and headline words for which memory is set aside, per text."""
_LARGEST = 8192
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_NO_MARKS: frozenset[str] = frozenset()


class Holders(NamedTuple):
    """Entries of the table for each key of a text: ordinals and whether each is a live holder of the key."""

    buckets: Array64
    tags: Array64
    ordinals: Array64
    live: npt.NDArray[np.bool_]


class Window:
    """Texts of the last ``minutes`` minutes, at most ``capacity`` of them."""

    def __init__(self, minutes: float, capacity: int) -> None:
        self.minutes = minutes
        self.capacity = capacity
        self._buckets = np.uint64(int(capacity * (SKETCH + _CONTEXTS) / (_WAYS * _LOAD)) + 1)
        self._table = np.zeros((int(self._buckets), _WAYS), np.uint64)
        self._budget = capacity * _WORDS
        self._ring = np.zeros(self._budget + 2 * _LARGEST, np.uint32)
        self._free = 0
        self._used = 0
        columns = np.zeros((5, capacity), np.int64)
        self._starts, self.shingle_counts, self._word_counts, self._number_counts, self._headline_counts = columns
        self.times = np.zeros(capacity)
        self.stories = np.zeros(capacity, np.int64)
        self._opens = np.zeros(capacity, np.bool_)
        self._senders, self.slugs = np.zeros((2, capacity), np.uint32)
        self._ids: list[tuple[bytes, bytes] | None] = [None] * capacity
        self._texts: list[bytes] = [b""] * capacity
        self._marks: dict[int, frozenset[str]] = {}
        self._ordinals: dict[bytes, int] = {}
        self._next = self._lowest = 1
        self._headline_words: dict[int, int] = {}
        self.story_count = 0
        self._asked: tuple[Record, int, Holders] | None = None

    # ---- coming and going

    def expire(self, time: float, room: int) -> None:
        """Let go what is older than the window or leaves no room for a text of that many words."""
        before = time - self.minutes
        while self._lowest < self._next and (
            self.times[self._lowest % self.capacity] < before
            or self._next - self._lowest >= self.capacity
            or self._used + room > self._budget
        ):
            self._let_go(self._lowest)
            self._lowest += 1

    def _let_go(self, ordinal: int) -> None:
        slot = ordinal % self.capacity
        if self._opens[slot]:
            self.story_count -= 1
            for word in self.headline(ordinal).tolist():
                left = self._headline_words[word] - 1
                if left:
                    self._headline_words[word] = left
                else:
                    del self._headline_words[word]
        self._used -= int(self._word_counts[slot] + self._number_counts[slot] + self._headline_counts[slot])
        self._marks.pop(ordinal, None)
        ids = self._ids[slot]
        if ids is not None and self._ordinals.get(ids[0]) == ordinal:
            del self._ordinals[ids[0]]
        self._ids[slot] = None
        self._texts[slot] = b""

    def insert(self, record: Record, dispatch: UUID, story: UUID, time: float, *, opens: bool) -> None:
        """Add a text; ``opens`` tells whether it opened its story. Call ``expire`` first."""
        holders = self.holders(record)
        ordinal, slot = self._next, self._next % self.capacity
        self._table[holders.buckets, holders.ordinals.argmin(1)] = (holders.tags << _SHIFT) | np.uint64(ordinal)
        parts = record.words, record.numbers, record.headline
        size = sum(map(len, parts))
        if self._free + size > len(self._ring):
            self._free = 0
        self._starts[slot] = start = self._free
        for part in parts:
            self._ring[start : start + len(part)] = part
            start += len(part)
        self._free += size
        self._used += size
        self.shingle_counts[slot] = len(record.shingles)
        self._word_counts[slot], self._number_counts[slot], self._headline_counts[slot] = map(len, parts)
        self.times[slot] = time
        self.stories[slot] = story_number(story)
        self._opens[slot] = opens
        self._senders[slot], self.slugs[slot] = record.sender, record.slug
        self._ids[slot] = dispatch.bytes, story.bytes
        self._ordinals[dispatch.bytes] = ordinal
        self._texts[slot] = record.packed_text
        if record.marks:
            self._marks[ordinal] = record.marks
        if opens:
            self.story_count += 1
            for word in record.headline.tolist():
                self._headline_words[word] = self._headline_words.get(word, 0) + 1
        self._next += 1

    # ---- looking up

    def holders(self, record: Record) -> Holders:
        """Find the texts that hold the keys of a text: about the last eight of each."""
        if self._asked is not None and self._asked[0] is record and self._asked[1] == self._next:
            return self._asked[2]
        mixed = record.keys.all * _MIX
        buckets = ((mixed >> _SHIFT) * self._buckets) >> _SHIFT
        tags = record.keys.all & _LOW
        entries = self._table[buckets]
        ordinals = entries & _LOW
        live = ((entries >> _SHIFT) == tags[:, None]) & (ordinals >= np.uint64(self._lowest))
        found = Holders(buckets, tags, ordinals, live)
        self._asked = record, self._next, found
        return found

    def slots(self, ordinals: Array64) -> npt.NDArray[np.int64]:
        """Rows of the columns for these ordinals."""
        return (ordinals % np.uint64(self.capacity)).astype(np.int64)

    def ordinal(self, dispatch: UUID) -> int | None:
        """Ordinal of a dispatch; None where it has left."""
        return self._ordinals.get(dispatch.bytes)

    def ids(self, ordinal: int) -> tuple[UUID, UUID]:
        """Dispatch and story of a live text."""
        ids = self._ids[ordinal % self.capacity]
        if ids is None:
            raise KeyError(ordinal)
        return UUID(bytes=ids[0]), UUID(bytes=ids[1])

    def words(self, ordinal: int) -> Array32:
        """Words of a live text."""
        slot = ordinal % self.capacity
        start = self._starts[slot]
        return self._ring[start : start + self._word_counts[slot]]

    def numbers(self, ordinal: int) -> Array32:
        """Numbers of a live text."""
        slot = ordinal % self.capacity
        start = self._starts[slot] + self._word_counts[slot]
        return self._ring[start : start + self._number_counts[slot]]

    def headline(self, ordinal: int) -> Array32:
        """Headline words of a live text."""
        slot = ordinal % self.capacity
        start = self._starts[slot] + self._word_counts[slot] + self._number_counts[slot]
        return self._ring[start : start + self._headline_counts[slot]]

    def sent_by(self, sender: int, time: float) -> npt.NDArray[np.int64]:
        """Ordinals of the live texts of a sender that are within the window of a time, the oldest first."""
        slots = np.flatnonzero(self._senders == np.uint32(sender))
        slots = slots[np.abs(self.times[slots] - time) <= self.minutes]
        ordinals: npt.NDArray[np.int64] = np.sort(self._lowest + (slots - self._lowest) % self.capacity)
        return ordinals[ordinals < self._next]

    def headlines(self, slots: npt.NDArray[np.int64]) -> tuple[Array32, npt.NDArray[np.int64]]:
        """Headline words of many texts, one after the other, and how many each has."""
        lengths = self._headline_counts[slots]
        starts = self._starts[slots] + self._word_counts[slots] + self._number_counts[slots]
        before = np.cumsum(lengths) - lengths
        return self._ring[np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))], lengths

    def packed_text(self, ordinal: int) -> bytes:
        """Compressed text of a live text."""
        return self._texts[ordinal % self.capacity]

    def marks(self, ordinal: int) -> frozenset[str]:
        """Find the marks of a live text."""
        return self._marks.get(ordinal, _NO_MARKS)

    @property
    def headline_words(self) -> Mapping[int, int]:
        """In the headlines of how many stories of the window a word stands."""
        return self._headline_words


def size(record: Record) -> int:
    """Words that a text takes in the ring."""
    return len(record.words) + len(record.numbers) + len(record.headline)


def story_number(story: UUID) -> int:
    """Give the number of a story in the columns."""
    return story.int & 0x7FFFFFFFFFFFFFFF
