"""Date-time groups of teleprinter wires: ``DDHHMM [zone] Mon YY`` with month names of several languages."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone

_MONTHS = {
    1: "jan januar january janvier ene enero gen gennaio januari janv jaen jaenner sty",
    2: "feb februar february fevrier fev febrero febbraio februari fevr lut",
    3: "mar marz maerz mrz mae mars march marzo maart mrt",
    4: "apr april avr avril abr abril aprile kwi",
    5: "may mai mayo mag maggio mei maj",
    6: "jun juni june juin junio giu giugno cze",
    7: "jul juli july juil juillet julio lug luglio lip",
    8: "aug august aou aout ago agosto augustus sie",
    9: "sep sept september septembre set settembre sep septiembre wrz",
    10: "oct okt october oktober octobre ott ottobre octubre paz",
    11: "nov november novembre noviembre lis",
    12: "dec dez december dezember decembre dic diciembre dicembre gru",
}  # fmt: skip
_BY_NAME = {name: number for number, names in _MONTHS.items() for name in names.split()}
_ZONES = {"gmt": 0, "utc": 0, "z": 0, "ut": 0, "mez": 1, "cet": 1, "mesz": 2, "cest": 2, "bst": 1}
_GROUP = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})\s+(?:([A-Za-z]{1,4})\s+)?([^\W\d_]{3,10})\.?\s+(\d{4}|\d{2})(?!\d)")


def month_of(name: str) -> int | None:
    """Return the number of a month by its name in any of the wires' languages.

    >>> month_of("Okt"), month_of("déc."), month_of("Smarch")
    (10, 12, None)
    """
    plain = unicodedata.normalize("NFKD", name.strip(". ").casefold())
    return _BY_NAME.get("".join(char for char in plain if not unicodedata.combining(char)))


def date_time_group(text: str) -> datetime | None:
    """Find a date-time group; naive where it names no zone.

    >>> date_time_group("131137 GMT Nov 13").isoformat(), date_time_group("241205 Dez 24").isoformat()
    ('2013-11-13T11:37:00+00:00', '2024-12-24T12:05:00')
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
