"""Hours of a day in a subscriber's own time zone, through midnight and changes of the clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator

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


def next_time(now: datetime, clock: str, zone_name: str) -> datetime:
    """When the wall clock next shows a time.

    >>> next_time(datetime(2026, 7, 1, 5, tzinfo=UTC), "07:00", "Europe/Paris").isoformat()
    '2026-07-02T05:00:00+00:00'
    """
    where, minutes = zone(zone_name), _minutes(clock)
    day = now.astimezone(where).date()
    moments = (_moment(day + timedelta(days=ahead), minutes, where) for ahead in range(3))
    return next(moment for moment in moments if moment > now)


def begins(now: datetime, hours: str, days: Sequence[str], zone_name: str) -> datetime:
    """When such hours begin next."""
    where, (start, _) = zone(zone_name), span(hours)
    day = now.astimezone(where).date()
    candidates = (day + timedelta(days=ahead) for ahead in range(9))
    chosen = (each for each in candidates if not days or DAYS[each.weekday()] in days)
    return next(moment for each in chosen if (moment := _moment(each, start, where)) > now)


def _minutes(clock: object) -> int:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(clock).strip())
    if found is None:
        raise ValueError(f"{clock!r} is no time of day; write it as 07:00")
    return int(found[1]) * 60 + int(found[2])


def _checked_clock(value: object) -> object:
    if isinstance(value, int) and 0 <= value < 24 * 60:  # YAML 1.1 reads 18:30 as a number to the base of 60
        value = f"{value // 60:02}:{value % 60:02}"
    _minutes(value)
    return value


def _checked_hours(text: str) -> str:
    span(text)
    return text


def _checked_zone(name: str) -> str:
    zone(name)
    return name


Clock = Annotated[str, BeforeValidator(_checked_clock)]
Hours = Annotated[str, AfterValidator(_checked_hours)]
Zone = Annotated[str, AfterValidator(_checked_zone)]


def ends(now: datetime, hours: str, days: Sequence[str], zone_name: str) -> datetime | None:
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


def _moment(day: date, minutes: int, where: ZoneInfo) -> datetime:
    if minutes == 24 * 60:
        day, minutes = day + timedelta(days=1), 0
    # fold=0 takes the first of two equal times; a time that the change skips is read with the offset before the change,
    # so 02:30 means 03:30 on that day.
    return datetime.combine(day, time(minutes // 60, minutes % 60), where).astimezone(UTC)
