"""The texts of the window in bounded memory, and the table of keys that finds them.

Every text has an ordinal; what has left the window is below the lowest live ordinal, so that leaving costs nothing. What a
table holds depends on the live texts alone, never on counters that outlive them: a window rebuilt from the log is the one
that was lost.

Small reads and writes go through memory views and ``struct``, which cost a third of the same by numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import Any, NamedTuple
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
_HALF = 32
_TAG = np.uint64(0xFFFFFFFF)
_NO_MARKS: frozenset[str] = frozenset()
_CACHE_LINE = 64
_ROW = Struct("=7qd")
"""Story, shingles, start in the ring, words, numbers, words of the headline, bytes of text, time."""
_ID_BYTES = 16
_ID_BUCKET = Struct(f"={_ID_WAYS}I")

Places = npt.NDArray[np.int64]


class Holders(NamedTuple):
    """What the table holds in the buckets of some keys."""

    buckets: Places
    tags: Array64
    entries: Array64
    """The entries of each bucket."""
    hits: npt.NDArray[np.bool_]
    """Which of them have the key's tag, of live texts or not."""


class Window:
    """Texts of the last ``minutes`` minutes, at most ``capacity`` of them."""

    def __init__(self, minutes: float, capacity: int) -> None:
        self.minutes = minutes
        self.capacity = capacity
        # A bucket is one cache line; an entry is an ordinal above the lower half of a key, so that the oldest is the smallest.
        self._buckets = np.uint64(int(capacity * (SKETCH + _CONTEXTS) / (_WAYS * _LOAD)) | 1)
        self._table = _zeros((int(self._buckets), _WAYS), np.uint64)
        self._entries = self._table.reshape(-1)
        self._id_buckets = int(capacity / (_ID_WAYS * _ID_LOAD)) + 1
        self._id_table = _zeros((self._id_buckets * _ID_WAYS,), np.uint32).data
        self._budget = capacity * _ROOM
        self._ring = np.zeros(self._budget + 2 * _LARGEST, np.uint32)
        self._bytes = self._ring.view(np.uint8).data
        self._free = 0
        self._used = 0
        # One cache line a document.
        rows = _zeros((capacity, _ROW.size // 8), np.int64)
        self.stories, self.shingle_counts, self._starts, self._word_counts, self._number_counts, self._headline_counts = (
            rows[:, column] for column in range(6)
        )
        self.times = rows.view(np.float64)[:, 7]
        self._rows = rows.view(np.uint8).reshape(-1).data
        self._opens = bytearray(capacity)
        self._senders, self.slugs = np.zeros((2, capacity), np.uint32)
        self._ids = np.zeros(capacity * 2 * _ID_BYTES, np.uint8).data
        self._marks: dict[int, frozenset[str]] = {}
        self._next = self._lowest = 1
        self._least = np.uint64(self._lowest << _HALF)
        self._headline_words: dict[int, int] = {}
        self.story_count = 0
        self._asked: tuple[Record, int, Holders] | None = None

    # ---- coming and going

    def expire(self, time: float, room: int) -> None:
        """Let go what is older than the window or leaves no room for a document of that size."""
        before = time - self.minutes
        while self._lowest < self._next and (
            self._next - self._lowest >= self.capacity or self._used + room > self._budget or self.time(self._lowest) < before
        ):
            self._let_go(self._lowest)
            self._lowest += 1
            self._least = np.uint64(self._lowest << _HALF)

    def _let_go(self, ordinal: int) -> None:
        if self._opens[ordinal % self.capacity]:
            self.story_count -= 1
            for word in self.headline(ordinal).tolist():
                left = self._headline_words[word] - 1
                if left:
                    self._headline_words[word] = left
                else:
                    del self._headline_words[word]
        _, _, _, words, numbers, headline, text, _ = self._row(ordinal)
        self._used -= words + numbers + headline + _words_of(text)
        self._marks.pop(ordinal, None)

    def insert(self, record: Record, dispatch: UUID, story: UUID, time: float, *, opens: bool) -> None:
        """Add a text; ``opens`` tells whether it opened its story. Call ``expire`` first."""
        ordinal, slot = self._next, self._next % self.capacity
        holders = self.holders(record)
        oldest = holders.buckets * _WAYS
        oldest += holders.entries.argmin(1)
        self._entries[oldest] = holders.tags | np.uint64(ordinal << _HALF)
        words, numbers, headline, text = len(record.words), len(record.numbers), len(record.headline), record.packed_text
        taken = size(record)
        if self._free + taken > len(self._ring):
            self._free = 0
        start = self._free
        content = b"".join((record.words.data, record.numbers.data, record.headline.data, text))
        self._bytes[4 * start : 4 * start + len(content)] = content
        self._free += taken
        self._used += taken
        number, shingles = story_number(story), len(record.shingles)
        _ROW.pack_into(self._rows, _ROW.size * slot, number, shingles, start, words, numbers, headline, len(text), time)
        self._opens[slot] = opens
        self._senders[slot] = record.sender
        self.slugs[slot] = record.slug
        self._ids[2 * _ID_BYTES * slot : 2 * _ID_BYTES * (slot + 1)] = dispatch.bytes + story.bytes
        bucket = self._id_bucket(dispatch)
        held = self._id_held(bucket)
        self._id_table[bucket + held.index(min(held))] = ordinal
        if record.marks:
            self._marks[ordinal] = record.marks
        if opens:
            self.story_count += 1
            counts = self._headline_words
            for word in record.headline.tolist():
                counts[word] = counts.get(word, 0) + 1
        self._next += 1

    # ---- looking up

    def holders(self, record: Record) -> Holders:
        """Find the texts that hold the keys of a text: about the last eight of each."""
        if self._asked is not None and self._asked[0] is record and self._asked[1] == self._next:
            return self._asked[2]
        keys = record.keys.all
        buckets = (keys % self._buckets).view(np.int64)
        entries = self._table.take(buckets, 0)
        tags = keys & _TAG
        found = Holders(buckets, tags, entries, (entries & _TAG) == tags[:, None])
        self._asked = record, self._next, found
        return found

    def live(self, holders: Holders, count: int) -> tuple[Array64, Places]:
        """Entries of live texts that hold some of the first ``count`` keys, and which key each holds, in order of the keys."""
        places = holders.hits[:count].reshape(-1).nonzero()[0]
        entries = holders.entries.take(places)
        places //= _WAYS
        live = entries >= self._least
        if np.count_nonzero(live) == len(live):
            return entries, places
        return entries[live], places[live]

    def _row(self, ordinal: int) -> tuple[Any, ...]:
        return _ROW.unpack_from(self._rows, _ROW.size * (ordinal % self.capacity))

    def time(self, ordinal: int) -> float:
        """Time of a live text."""
        return float(self._row(ordinal)[7])

    def story(self, ordinal: int) -> int:
        """Story number of a live text."""
        return int(self._row(ordinal)[0])

    def row(self, ordinal: int) -> tuple[int, int, float]:
        """Story number, count of shingles and time of a live text."""
        story, shingles, _, _, _, _, _, time = self._row(ordinal)
        return story, shingles, time

    def slots(self, entries: Array64) -> Places:
        """Rows of the columns for these entries."""
        return ((entries >> np.uint64(_HALF)) % np.uint64(self.capacity)).view(np.int64)

    def _id_bucket(self, dispatch: UUID) -> int:
        return _ID_WAYS * ((dispatch.int & 0xFFFFFFFFFFFF) * self._id_buckets >> 48)

    def _id_held(self, bucket: int) -> tuple[int, ...]:
        return _ID_BUCKET.unpack_from(self._id_table, bucket * 4)

    def ordinal(self, dispatch: UUID) -> int | None:
        """Ordinal of a dispatch; None where it has left."""
        for ordinal in sorted(self._id_held(self._id_bucket(dispatch)), reverse=True):
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
        _, _, start, words, *_ = self._row(ordinal)
        return self._ring[start : start + words]

    def numbers(self, ordinal: int) -> Array32:
        """Numbers of a live text."""
        _, _, start, words, numbers, *_ = self._row(ordinal)
        return self._ring[start + words : start + words + numbers]

    def headline(self, ordinal: int) -> Array32:
        """Headline words of a live text."""
        _, _, start, words, numbers, headline, *_ = self._row(ordinal)
        start += words + numbers
        return self._ring[start : start + headline]

    def packed_text(self, ordinal: int) -> bytes:
        """Compressed text of a live text."""
        _, _, start, words, numbers, headline, text, _ = self._row(ordinal)
        at = 4 * (start + words + numbers + headline)
        return bytes(self._bytes[at : at + text])

    def sent_by(self, sender: int, time: float) -> Places:
        """Ordinals of the live texts of a sender that are within the window of a time, the oldest first."""
        slots = np.flatnonzero(self._senders == np.uint32(sender))
        slots = slots[np.abs(self.times[slots] - time) <= self.minutes]
        ordinals: Places = np.sort(self._lowest + (slots - self._lowest) % self.capacity)
        return ordinals[ordinals < self._next]

    def headlines(self, slots: Places) -> tuple[Array32, Places]:
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


def _zeros(shape: tuple[int, ...], kind: type[np.generic]) -> npt.NDArray[Any]:
    """Memory whose rows are cache lines."""
    count = int(np.prod(shape)) * np.dtype(kind).itemsize
    raw = np.zeros(count + _CACHE_LINE, np.uint8)
    start = -raw.__array_interface__["data"][0] % _CACHE_LINE
    return raw[start : start + count].view(kind).reshape(shape)
