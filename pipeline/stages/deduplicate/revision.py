"""Which of two revisions of an item is the newer one.

Agencies number revisions with consecutive or skipping numbers, with the time of the version, or with opaque tags (an etag).
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum

from pipeline.messages import as_utc

_NUMBERS = re.compile(r"\d{1,24}(?:[.:-]\d{1,24})*")
_PREFIXED = re.compile(r"(.*?\D)(\d{1,24})")
_COMPACT_TIME = re.compile(r"\d{8}T\d{4,6}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?")


class Order(Enum):
    """How a revision stands to the newest one known."""

    OLDER = "older"
    SAME = "same"
    NEWER = "newer"


def order_of(revision: str, published: datetime | None, known: str, known_published: datetime | None) -> Order:
    """Compare a revision with the newest known one.

    Numbers are compared as numbers and times as times; opaque revisions by the time of publication, and where that does not
    tell either, what arrives later is newer.

    >>> order_of("10", None, "9", None)
    <Order.NEWER: 'newer'>
    >>> order_of("2026-03-01T12:00:00+01:00", None, "2026-03-01T11:30:00Z", None)
    <Order.OLDER: 'older'>
    """
    revision, known = revision.strip(), known.strip()
    if revision and revision == known:
        return Order.SAME
    sign = _compare(revision, known)
    if sign is None and published is not None and known_published is not None and published != known_published:
        sign = 1 if published > known_published else -1
    if sign is None:
        return Order.SAME if revision == known else Order.NEWER
    return Order.NEWER if sign > 0 else Order.OLDER if sign < 0 else Order.SAME


def _compare(first: str, second: str) -> int | None:
    """Sign of the difference, or None where the two cannot be compared."""
    times = _time(first), _time(second)
    if times[0] is not None and times[1] is not None:
        return (times[0] > times[1]) - (times[0] < times[1])
    if times[0] is not None or times[1] is not None:
        return None
    if _NUMBERS.fullmatch(first) and _NUMBERS.fullmatch(second):
        numbers = _numbers(first), _numbers(second)
        return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
    named = _PREFIXED.fullmatch(first), _PREFIXED.fullmatch(second)
    if named[0] and named[1] and named[0][1] == named[1][1] and not re.search(r"[0-9a-f]{6}", named[0][1]):
        counts = int(named[0][2]), int(named[1][2])
        return (counts[0] > counts[1]) - (counts[0] < counts[1])
    return None


def _numbers(revision: str) -> list[int]:
    return [int(part) for part in re.split(r"[.:-]", revision)]


def _time(revision: str) -> datetime | None:
    if not (_COMPACT_TIME.fullmatch(revision) or re.match(r"\d{4}-\d{2}-\d{2}", revision)):
        return None
    try:
        return as_utc(datetime.fromisoformat(revision))
    except ValueError:
        return None
