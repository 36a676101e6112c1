"""Date-time groups of teleprinter wires: ``DDHHMM [zone] Mon YY`` with month names of several languages."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from pipeline.stages.parse.calendar_names import month_of

_ZONES = {"gmt": 0, "utc": 0, "z": 0, "ut": 0, "mez": 1, "cet": 1, "mesz": 2, "cest": 2, "bst": 1}
_GROUP = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})(?:\s{0,9}([A-Za-z]{1,4}))?\s+([^\W\d_]{3,10})\.?\s+(\d{4}|\d{2})(?!\d)")


def date_time_group(text: str) -> datetime | None:
    """Find a date-time group; naive where it names no zone.

    >>> date_time_group("131137 GMT Nov 13").isoformat(), date_time_group("241205 Dez 24").isoformat()
    ('2013-11-13T11:37:00+00:00', '2024-12-24T12:05:00')
    >>> date_time_group("011234Z LUG 26").isoformat()
    '2026-07-01T12:34:00+00:00'
    """
    for found in _GROUP.finditer(text):
        month = month_of(found[5])
        if month is None:
            continue
        year = int(found[6]) if len(found[6]) == 4 else _century(int(found[6]))  # digits of a year
        hours = _ZONES.get(found[4].casefold()) if found[4] else None
        where = None if hours is None else timezone(timedelta(hours=hours))
        try:
            return datetime(year, month, int(found[1]), int(found[2]), int(found[3]), tzinfo=where)
        except ValueError:
            continue
    return None


def _century(year: int) -> int:
    return 2000 + year if year < 70 else 1900 + year  # POSIX's pivot
