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
_ID_WAYS, _ID_LOAD = 8, 0.4
_ROOM = 512
"""Words of four bytes for which memory is set aside, per document: its words, numbers, headline and compressed text."""
_LARGEST = 24_576
"""More than the largest fingerprint takes of them."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_NO_MARKS: frozenset[str] = frozenset()
_COLUMNS = 8
_ID_BYTES = 16


class Holders(NamedTuple):
    """Entries of the table for each of some keys: ordinals and whether each is a live holder of the key."""

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
        self._id_table = np.zeros((int(capacity / (_ID_WAYS * _ID_LOAD)) + 1, _ID_WAYS), np.uint32)
        self._budget = capacity * _ROOM
        self._ring = np.zeros(self._budget + 2 * _LARGEST, np.uint32)
        self._bytes = self._ring.view(np.uint8).data
        self._free = 0
        self._used = 0
        # One cache line a document.
        self._rows = np.zeros((capacity, _COLUMNS), np.int64)
        self.stories, self.shingle_counts, self._starts, self._word_counts = (self._rows[:, column] for column in range(4))
        self._number_counts, self._headline_counts, self._text_sizes = (self._rows[:, column] for column in range(4, 7))
        self.times = self._rows.view(np.float64)[:, 7]
        self._opens = np.zeros(capacity, np.bool_)
        self._senders, self.slugs = np.zeros((2, capacity), np.uint32)
        self._ids = np.zeros(capacity * 2 * _ID_BYTES, np.uint8).data
        self._marks: dict[int, frozenset[str]] = {}
        self._next = self._lowest = 1
        self._headline_words: dict[int, int] = {}
        self.story_count = 0
        self._asked: tuple[Record, int, Holders] | None = None

    # ---- coming and going

    def expire(self, time: float, room: int) -> None:
        """Let go what is older than the window or leaves no room for a document of that size."""
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
        _, _, _, words, numbers, headline, text, _ = self._rows[slot].tolist()
        self._used -= words + numbers + headline + _words_of(text)
        self._marks.pop(ordinal, None)

    def insert(self, record: Record, dispatch: UUID, story: UUID, time: float, *, opens: bool) -> None:
        """Add a text; ``opens`` tells whether it opened its story. Call ``expire`` first."""
        ordinal, slot = self._next, self._next % self.capacity
        holders = self.holders(record)
        self._table[holders.buckets, holders.ordinals.argmin(1)] = (holders.tags << _SHIFT) | np.uint64(ordinal)
        words, numbers, headline = len(record.words), len(record.numbers), len(record.headline)
        text = record.packed_text
        if self._free + size(record) > len(self._ring):
            self._free = 0
        start = self._free
        self._ring[start : start + words] = record.words
        self._ring[start + words : start + words + numbers] = record.numbers
        end = start + words + numbers + headline
        self._ring[end - headline : end] = record.headline
        self._bytes[4 * end : 4 * end + len(text)] = text
        self._free = end + _words_of(len(text))
        self._used += self._free - start
        self._rows[slot] = (story_number(story), len(record.shingles), start, words, numbers, headline, len(text), 0)
        self.times[slot] = time
        self._opens[slot] = opens
        self._senders[slot], self.slugs[slot] = record.sender, record.slug
        self._ids[2 * _ID_BYTES * slot : 2 * _ID_BYTES * (slot + 1)] = dispatch.bytes + story.bytes
        entry = self._id_table[self._id_bucket(dispatch)]
        entry[entry.argmin()] = ordinal
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
        keys = record.keys.all
        buckets = keys * _MIX
        buckets >>= _SHIFT
        buckets *= self._buckets
        buckets >>= _SHIFT
        entries = self._table[buckets]
        tags = keys & _LOW
        ordinals = entries & _LOW
        entries >>= _SHIFT
        live = entries == tags[:, None]
        live &= ordinals >= np.uint64(self._lowest)
        found = Holders(buckets, tags, ordinals, live)
        self._asked = record, self._next, found
        return found

    def row(self, ordinal: int) -> tuple[int, int, float]:
        """Story number, count of shingles and time of a live text."""
        slot = ordinal % self.capacity
        story, shingles = self._rows[slot, :2].tolist()
        return story, shingles, float(self.times[slot])

    def slots(self, ordinals: Array64) -> npt.NDArray[np.int64]:
        """Rows of the columns for these ordinals."""
        return (ordinals % np.uint64(self.capacity)).astype(np.int64)

    def _id_bucket(self, dispatch: UUID) -> int:
        return (dispatch.int & 0xFFFFFFFFFFFF) * len(self._id_table) >> 48

    def ordinal(self, dispatch: UUID) -> int | None:
        """Ordinal of a dispatch; None where it has left."""
        held: list[int] = self._id_table[self._id_bucket(dispatch)].tolist()
        for ordinal in sorted(held, reverse=True):
            if ordinal < self._lowest:
                return None
            at = 2 * _ID_BYTES * (ordinal % self.capacity)
            if self._ids[at : at + _ID_BYTES] == dispatch.bytes:
                return ordinal
        return None

    def ids(self, ordinal: int) -> tuple[UUID, UUID]:
        """Dispatch and story of a live text."""
        at = 2 * _ID_BYTES * (ordinal % self.capacity)
        both = bytes(self._ids[at : at + 2 * _ID_BYTES])
        return UUID(bytes=both[:_ID_BYTES]), UUID(bytes=both[_ID_BYTES:])

    def words(self, ordinal: int) -> Array32:
        """Words of a live text."""
        _, _, start, words, *_ = self._rows[ordinal % self.capacity].tolist()
        return self._ring[start : start + words]

    def numbers(self, ordinal: int) -> Array32:
        """Numbers of a live text."""
        _, _, start, words, numbers, *_ = self._rows[ordinal % self.capacity].tolist()
        return self._ring[start + words : start + words + numbers]

    def headline(self, ordinal: int) -> Array32:
        """Headline words of a live text."""
        _, _, start, words, numbers, headline, *_ = self._rows[ordinal % self.capacity].tolist()
        start += words + numbers
        return self._ring[start : start + headline]

    def packed_text(self, ordinal: int) -> bytes:
        """Compressed text of a live text."""
        _, _, start, words, numbers, headline, text, _ = self._rows[ordinal % self.capacity].tolist()
        at = 4 * (start + words + numbers + headline)
        return bytes(self._bytes[at : at + text])

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

    def marks(self, ordinal: int) -> frozenset[str]:
        """Find the marks of a live text."""
        return self._marks.get(ordinal, _NO_MARKS)

    @property
    def headline_words(self) -> Mapping[int, int]:
        """In the headlines of how many stories of the window a word stands."""
        return self._headline_words


def size(record: Record) -> int:
    """Words of four bytes that a document takes in the ring."""
    return len(record.words) + len(record.numbers) + len(record.headline) + _words_of(len(record.packed_text))


def _words_of(size: int) -> int:
    return (size + 3) // 4


def story_number(story: UUID) -> int:
    """Give the number of a story in the columns."""
    return story.int & 0x7FFFFFFFFFFFFFFF
