"""Full-text search, filled by its own pass so that storing never waits for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, bindparam, column, delete, exists, func, literal, or_, select, table, text

from pipeline.messages import Signal, Status
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.search_names import key_of, write_names
from pipeline.store.search_vectors import rows_with_words
from pipeline.store.search_words import fts5, tsquery
from pipeline.store.words import fts5_row, tsvector

# Dispatches a transaction of the indexing pass.
_BATCH = 500
# A filter that fewer than so many rows meet leads the search; the newest rows are searched for one that more rows meet.
_FEW = 2000
# Dispatches after which SQLite looks anew at how its values are spread.
_LEARN = 10_000


@dataclass(frozen=True)
class Query:
    """What to look for; every condition must hold."""

    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    provider: str | None = None
    language: str | None = None
    country: str | None = None
    entity: str | None = None
    severity: int | None = None
    story: str | None = None
    before: int | None = None
    """Cursor: only dispatches stored before this one."""
    limit: int = 20
    providers: tuple[str, ...] | None = None
    """Agencies that the reader has a right to; None = all."""
    released_at: datetime | None = None
    """Leave out what is still under embargo at this time."""


def index_pending(store: Store) -> int:
    """Index what waits to be indexed; return how many dispatches that was."""
    total = 0
    while True:
        with store.writing() as connection:
            done = _index_batch(connection)
        total += done
        if done < _BATCH:
            break
    if total >= _BATCH and store.dialect == "postgresql":
        with store.writing() as connection:  # words that gather beside the index are read through by every search
            connection.exec_driver_sql("SELECT gin_clean_pending_list('ix_search_vector')")
    return total


def _index_batch(connection: Connection) -> int:
    queue, dispatches = schema.search_queue, schema.dispatches
    waiting = connection.execute(
        select(queue.c.dispatch_seq, dispatches.c.document)
        .join(dispatches, dispatches.c.seq == queue.c.dispatch_seq)
        .order_by(queue.c.dispatch_seq)
        .limit(_BATCH)
    ).all()
    if not waiting:
        return 0
    known = {row.dispatch_seq: json.loads(row.document) for row in waiting}
    rows: list[dict[str, Any]]
    if connection.dialect.name == "postgresql":
        rows = [{"seq": seq, "vector": tsvector(document)} for seq, document in known.items()]
    else:
        rows = [{"seq": seq, **fts5_row(document)} for seq, document in known.items()]
    write_names(connection, known)
    connection.execute(text(_INSERT[connection.dialect.name]), rows)
    connection.execute(delete(queue).where(queue.c.dispatch_seq == bindparam("done")), [{"done": row["seq"]} for row in rows])
    if connection.dialect.name == "sqlite" and rows[0]["seq"] // _LEARN != (rows[-1]["seq"] + 1) // _LEARN:
        connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        connection.exec_driver_sql("ANALYZE")
    return len(rows)


_INSERT = {
    "sqlite": "INSERT INTO search (rowid, headline, body) VALUES (:seq, :headline, :body)",
    "postgresql": "INSERT INTO search (dispatch_seq, vector) VALUES (:seq, CAST(:vector AS tsvector)) ON CONFLICT DO NOTHING",
}


def search(connection: Connection, query: Query) -> list[dict[str, Any]]:
    """Find dispatches, newest first: their columns, without the text.

    Raises StoreError for words that no search can be made of.
    """
    dispatches = schema.dispatches
    columns = [
        dispatches.c[name]
        for name in ("seq", "id", "story_id", "relation", "current", "provider", "headline", "language", "severity", "status",
                     "signal", "published_at", "received_at", "embargoed_until")
    ]  # fmt: skip
    statement = select(*columns).order_by(dispatches.c.seq.desc()).limit(query.limit)
    narrow = False
    for key, same, value, otherwise in _filters(query, connection.dialect.name):
        found = select(key).where(value)
        few = len(connection.execute(found.with_only_columns(literal(1)).limit(_FEW)).all()) < _FEW
        narrow |= few
        statement = statement.where(same.in_(found) if few else otherwise)
    for condition in _conditions(query):
        statement = statement.where(condition)
    parameters: dict[str, Any] = {}
    if query.words.strip() and connection.dialect.name == "postgresql":
        condition, parameters = rows_with_words(connection, tsquery(query.words), query.before, query.since, query.until)
        statement = statement.where(condition)
    elif query.words.strip():
        parameters["words"] = fts5(query.words)
        earlier = "" if query.before is None else " AND search.rowid < :before"
        if query.before is not None:
            parameters["before"] = query.before
        if narrow:
            found_by_words = f"SELECT rowid FROM search WHERE search MATCH :words{earlier}"  # noqa: S608 - a constant
            statement = statement.where(text(f"dispatches.seq IN ({found_by_words})"))
        else:
            statement = (
                statement.where(dispatches.c.seq == func.abs(_INDEX.c.rowid), text(f"search MATCH :words{earlier}"))
                .order_by(None)
                .order_by(_INDEX.c.rowid.desc())
            )
    return [dict(row._mapping) for row in connection.execute(statement, parameters)]  # noqa: SLF001 - SQLAlchemy's public mapping


# FTS5 gives its rows newest first by itself, so the first page of a common word is found at once; the function keeps the planner
# from asking FTS5 about one dispatch after the other.
_INDEX = table("search", column("rowid"))


def _filters(query: Query, dialect: str) -> list[tuple[Column[Any], Column[Any], Any, Any]]:
    """Filters that may be met by a handful of rows or by half of them, which no planner knows beforehand.

    Each is a key, the column of dispatches that equals it, the condition that finds all rows, and the one for each dispatch where
    they are many.
    """
    dispatches = schema.dispatches
    filters: list[tuple[Column[Any], Column[Any], Any, Any]] = []
    for key in (query.country and query.country.upper(), query.entity and key_of(query.entity)):
        if key is not None:
            names = schema.search_names.alias()
            each = exists().where(names.c.dispatch_seq == dispatches.c.seq, names.c.key == key)
            filters.append((names.c.dispatch_seq, dispatches.c.seq, names.c.key == key, each))
    if query.provider is not None:
        agency, wanted = dispatches.alias("agency"), query.provider.lower()
        # PostgreSQL knows how many rows an agency has; the function keeps SQLite from reading all of them.
        provider = func.coalesce(dispatches.c.provider, "") if dialect == "sqlite" else dispatches.c.provider
        filters.append((agency.c.seq, dispatches.c.seq, agency.c.provider == wanted, provider == wanted))
    return filters


def _conditions(query: Query) -> list[Any]:
    dispatches = schema.dispatches
    conditions: list[Any] = []
    if query.since is not None:
        conditions.append(dispatches.c.received_at >= query.since)
    if query.until is not None:
        conditions.append(dispatches.c.received_at < query.until)
    if query.language is not None:
        conditions.append(dispatches.c.language == query.language)
    if query.severity is not None:
        conditions.append(dispatches.c.severity >= query.severity)
    if query.story is not None:
        conditions.append(dispatches.c.story_id == query.story)
    if query.before is not None:
        conditions.append(dispatches.c.seq < query.before)
    conditions += visible(query.providers, query.released_at)
    return conditions


def visible(providers: Sequence[str] | None, released_at: datetime | None) -> list[Any]:
    """Conditions on dispatches: agencies that a reader has a right to, and nothing under embargo at a time; None = no limit.

    What is under an embargo without a date stays out: the version that its agency releases is another dispatch.
    """
    dispatches = schema.dispatches
    conditions: list[Any] = []
    if providers is not None:
        conditions.append(dispatches.c.provider.in_(providers))
    if released_at is not None:
        conditions.append(or_(dispatches.c.embargoed_until.is_(None), dispatches.c.embargoed_until <= released_at))
        conditions.append(
            or_(dispatches.c.status != Status.WITHHELD.value, dispatches.c.signal.in_((Signal.KILL.value, Signal.HOLD.value)))
        )
    return conditions
