"""Words on PostgreSQL: whether their index leads a search, or the newest rows are read and asked for the words one by one.

The planner takes the second way too often: it does not know that a vector lies in another table and has to be unpacked to be asked.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from pipeline.store import schema

# Words that fewer rows have lead a search.
_FEW = 2000
# A span of time with fewer rows is bounded by their numbers.
_SHORT = 10_000
_WITH_WORDS = "SELECT dispatch_seq FROM search WHERE vector @@ CAST(:words AS tsquery)"
_NEAR = re.compile(r"<(?:-|[0-9]+)>")


def rows_with_words(
    connection: Connection, words: str, before: int | None, since: datetime | None, until: datetime | None
) -> tuple[Any, dict[str, Any]]:
    """A condition on dispatches that holds for rows with the words, a tsquery, and its parameters.

    ``before``, ``since`` and ``until`` need not be met by the rows; they bound what is read.
    """
    found = _few(connection, words, before)
    if found is not None:
        return text("dispatches.seq = ANY(:found)"), {"found": found}
    first, last = _numbers(connection, since, until)
    last = min((each for each in (last, None if before is None else before - 1) if each is not None), default=None)
    bounds = {"first": first, "last": last}
    known = {name: value for name, value in bounds.items() if value is not None}
    limits = "".join(f" AND dispatch_seq {'>=' if name == 'first' else '<='} :{name}" for name in known)
    return text(f"dispatches.seq IN ({_WITH_WORDS}{limits})"), {"words": words, **known}


def _few(connection: Connection, words: str, before: int | None) -> list[int] | None:
    """Numbers of the rows with the words; None where they are many, or only reading the rows tells.

    The index knows words, not their places: of a phrase it counts what has its words at all.
    """
    loose = _NEAR.sub("&", words)
    if loose != words and "!" in words:
        return None  # without the places, what is excluded would be more than what was meant
    guess = connection.execute(text(f"EXPLAIN (FORMAT JSON) {_WITH_WORDS}"), {"words": words}).scalar_one()
    if guess[0]["Plan"]["Plan Rows"] >= _FEW:
        return None
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    found = _numbers_with(connection, loose, before)
    few = len(found) < _FEW
    if few and loose != words:
        found = _numbers_with(connection, words, before)
    connection.exec_driver_sql("SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL enable_indexscan TO DEFAULT")
    return found if few else None


def _numbers_with(connection: Connection, words: str, before: int | None) -> list[int]:
    statement = _WITH_WORDS
    given: dict[str, Any] = {"words": words, "most": _FEW}
    if before is not None:
        statement += " AND dispatch_seq < :before"
        given["before"] = before
    return list(connection.execute(text(f"{statement} LIMIT :most"), given).scalars())


def _numbers(connection: Connection, since: datetime | None, until: datetime | None) -> tuple[int | None, int | None]:
    """First and last number of the rows of a span of time, where it is short; numbers grow with time, but not strictly."""
    if since is None and until is None:
        return None, None
    table = schema.dispatches
    rows = select(table.c.seq)
    rows = rows if since is None else rows.where(table.c.received_at >= since)
    rows = rows if until is None else rows.where(table.c.received_at < until)
    some = rows.limit(_SHORT).subquery()
    count, first, last = connection.execute(select(func.count(), func.min(some.c.seq), func.max(some.c.seq))).one()
    return (first or 0, last or 0) if count < _SHORT else (None, None)
