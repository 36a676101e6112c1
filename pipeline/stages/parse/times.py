"""Times as agencies write them."""

from __future__ import annotations

import re
from datetime import MINYEAR, UTC, datetime, timedelta, timezone, tzinfo

_COMPACT = re.compile(r"^(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?$")
_HALF_DAY = re.compile(r"\b(\d{1,2})(:\d\d(?::\d\d)?)\s?([AaPp])\.?[Mm]\b\.?")


def parse_time(text: str | None) -> datetime | None:
    """Read ISO 8601 in its long and compact forms, or an RFC 822 date; naive where no zone is given, None where unreadable.

    None too for the year 1: systems write it where they know no time (.NET's ``DateTime.MinValue``).

    >>> parse_time("20140829T134951+0200").isoformat()
    '2014-08-29T13:49:51+02:00'
    >>> parse_time("20190121T102708").tzinfo is None
    True
    """
    if not text:
        return None
    text = text.strip()
    if text[-2:-1] in ("M", "m") or text[-1:] in ("M", "m"):
        text = _HALF_DAY.sub(_whole_day, text, count=1)
    match = _COMPACT.match(text)
    moment = _parse_other(text) if match is None else _parse_compact(match)
    return None if moment is None or moment.year == MINYEAR else moment


def _parse_compact(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        return datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=_zone(zone))
    except ValueError:
        return None


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _whole_day(match: re.Match[str]) -> str:
    """A clock time of two times twelve hours on that of twenty-four."""
    hour = int(match[1])
    return match[0] if not 1 <= hour <= 12 else f"{hour % 12 + 12 * (match[3] in 'Pp'):02}{match[2]}"


def _parse_other(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
