"""Hours of a day in a subscriber's own time zone, through midnight and changes of the clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

_HOURS = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def zone(name: str) -> ZoneInfo:
    """Look a time zone up; raises ValueError with a remedy."""
    try:
        return _zone(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"time zone {name!r} is not known; use an IANA name such as Europe/Paris") from None


_zone = lru_cache(maxsize=None)(ZoneInfo)


def span(text: str) -> tuple[int, int]:
    """Read hours as minutes after midnight.

    >>> span("22:00-06:30")
    (1320, 390)
    """
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} are no hours; write them as 22:00-07:00")
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if max(start, end) > 24 * 60 or start == end:
        raise ValueError(f"{text!r} are no hours; write them as 22:00-07:00, all day as 00:00-24:00")
    return start, end


def _checked_hours(text: str) -> str:
    span(text)
    return text


def _checked_zone(name: str) -> str:
    zone(name)
    return name


Hours = Annotated[str, AfterValidator(_checked_hours)]
Zone = Annotated[str, AfterValidator(_checked_zone)]


def ends(now: datetime, hours: str, days: list[str], zone_name: str) -> datetime | None:
    """When the hours that hold at ``now`` are over; None where they do not hold.

    The wall clock decides: hours that fall into the hour that a change of the clock skips or repeats begin and end with the
    first moment that the wall clock shows, or has passed, the time.

    >>> ends(datetime(2026, 1, 5, 23, tzinfo=UTC), "22:00-07:00", [], "Europe/Paris").isoformat()
    '2026-01-06T06:00:00+00:00'
    """
    where = zone(zone_name)
    start, end = span(hours)
    today = now.astimezone(where).date()
    for back in (1, 0):
        day = today - timedelta(days=back)
        if days and DAYS[day.weekday()] not in days:
            continue
        begins = _moment(day, start, where)
        over = _moment(day + timedelta(days=1) if end <= start else day, end, where)
        if begins <= now < over:
            return over
    return None


def _moment(day: object, minutes: int, where: ZoneInfo) -> datetime:
    from datetime import date

    assert isinstance(day, date)  # noqa: S101 - narrows the type
    if minutes == 24 * 60:
        day, minutes = day + timedelta(days=1), 0
    # fold=0 takes the first of two equal times; a skipped time is read with the offset before the change, which lies
    # as far after the change as the time was skipped.
    return datetime.combine(day, time(minutes // 60, minutes % 60), where).astimezone(UTC)
