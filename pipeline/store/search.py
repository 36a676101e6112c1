"""Full-text search, filled by its own pass so that storing never waits for it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, text

from pipeline.messages import Signal, Status
from pipeline.store import schema
from pipeline.store.database import Store, StoreError

# Dispatches a transaction of the indexing pass.
_BATCH = 500
_WORD = re.compile(r'"[^"]*"|\(|\)|[^\s()"]+')


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
            return total


def _index_batch(connection: Connection) -> int:
    queue, table = schema.search_queue, schema.dispatches
    waiting = connection.execute(
        select(queue.c.dispatch_seq, table.c.document)
        .join(table, table.c.seq == queue.c.dispatch_seq)
        .order_by(queue.c.dispatch_seq)
        .limit(_BATCH)
    ).all()
    if not waiting:
        return 0
    rows = [{"seq": row.dispatch_seq, **index_words(row.document)} for row in waiting]
    connection.execute(text(_INSERT[connection.dialect.name]), rows)
    connection.execute(delete(queue).where(queue.c.dispatch_seq == bindparam("done")), [{"done": row["seq"]} for row in rows])
    return len(rows)


_INSERT = {
    "sqlite": "INSERT INTO search (rowid, headline, body) VALUES (:seq, :headline, :body)",
    "postgresql": (
        "INSERT INTO search (dispatch_seq, vector) VALUES (:seq, setweight(to_tsvector('simple', :headline), 'A') || "
        "to_tsvector('simple', :body)) ON CONFLICT (dispatch_seq) DO NOTHING"
    ),
}


def index_words(document: str) -> dict[str, str]:
    """The words of an event by which it is found: headline and body."""
    dispatch = json.loads(document)["dispatch"]
    return {"headline": _plain(dispatch.get("headline")), "body": _plain(dispatch.get("text"))[:500_000]}


def _plain(value: str | None) -> str:
    return (value or "").replace("\x00", " ")


def search(connection: Connection, query: Query) -> list[dict[str, Any]]:
    """Find dispatches, newest first: their columns, without the text.

    Raises StoreError for words that no search can be made of.
    """
    table = schema.dispatches
    columns = [
        table.c[name]
        for name in ("seq", "id", "story_id", "relation", "current", "provider", "headline", "language", "severity", "status",
                     "signal", "published_at", "received_at", "embargoed_until")
    ]  # fmt: skip
    statement = select(*columns).order_by(table.c.seq.desc()).limit(query.limit)
    for condition in _conditions(query):
        statement = statement.where(condition)
    parameters: dict[str, str] = {}
    if query.words.strip():
        match = _MATCH[connection.dialect.name]
        statement = statement.where(text(match))
        parameters["words"] = (_fts5 if connection.dialect.name == "sqlite" else _tsquery)(query.words)
    return [dict(row._mapping) for row in connection.execute(statement, parameters)]  # noqa: SLF001 - SQLAlchemy's public mapping


_MATCH = {
    "sqlite": "dispatches.seq IN (SELECT rowid FROM search WHERE search MATCH :words)",
    "postgresql": "dispatches.seq IN (SELECT dispatch_seq FROM search WHERE vector @@ to_tsquery('simple', :words))",
}


def _conditions(query: Query) -> list[Any]:
    table, entities = schema.dispatches, schema.entities
    conditions: list[Any] = []
    if query.since is not None:
        conditions.append(table.c.received_at >= query.since)
    if query.until is not None:
        conditions.append(table.c.received_at < query.until)
    if query.provider is not None:
        conditions.append(table.c.provider == query.provider.lower())
    if query.language is not None:
        conditions.append(table.c.language == query.language)
    if query.severity is not None:
        conditions.append(table.c.severity >= query.severity)
    if query.story is not None:
        conditions.append(table.c.story_id == query.story)
    if query.before is not None:
        conditions.append(table.c.seq < query.before)
    conditions += visible(query.providers, query.released_at)
    if query.country is not None:
        conditions.append(table.c.id.in_(select(entities.c.dispatch_id).where(entities.c.country == query.country.upper())))
    if query.entity is not None:
        named = func.lower(entities.c.name) == query.entity.lower()
        conditions.append(table.c.id.in_(select(entities.c.dispatch_id).where(named)))
    return conditions


def visible(providers: Sequence[str] | None, released_at: datetime | None) -> list[Any]:
    """Conditions on dispatches: agencies that a reader has a right to, and nothing under embargo at a time; None = no limit.

    What is under an embargo without a date stays out: the version that its agency releases is another dispatch.
    """
    table = schema.dispatches
    conditions: list[Any] = []
    if providers is not None:
        conditions.append(table.c.provider.in_(providers))
    if released_at is not None:
        conditions.append(or_(table.c.embargoed_until.is_(None), table.c.embargoed_until <= released_at))
        conditions.append(or_(table.c.status != Status.WITHHELD.value, table.c.signal.in_((Signal.KILL.value, Signal.HOLD.value))))
    return conditions


def _terms(words: str) -> Sequence[str]:
    terms = _WORD.findall(words.replace("\x00", " "))
    if words.count('"') % 2:
        raise StoreError(f"search {words!r}: a quotation mark is missing")
    if not any(re.search(r"\w", term) for term in terms):
        raise StoreError(f"search {words!r}: no word to look for")
    return terms


def _joined(words: str, operators: dict[str, str], quote: Any) -> str:
    """Rewrite AND, OR, NOT, parentheses, "phrases" and prefix* in a database's own syntax."""
    out: list[str] = []
    operand_before = False
    terms = _terms(words)
    if terms[-1] in ("AND", "OR", "NOT"):
        raise StoreError(f"search {words!r}: {terms[-1]} needs a word after it")
    depth = 0
    for term in terms:
        depth += (term == "(") - (term == ")")
        if depth < 0:
            break
        if term in ("AND", "OR"):
            if not operand_before:
                raise StoreError(f"search {words!r}: {term} needs a word before it")
            out.append(operators[term])
            operand_before = False
            continue
        if term == ")":
            if not operand_before:
                raise StoreError(f"search {words!r}: a word is missing before a closing parenthesis")
            out.append(term)
            operand_before = True
            continue
        if operand_before:
            out.append(operators["ANDNOT" if term == "NOT" else "AND"])
        if term == "NOT":
            if not operand_before:
                raise StoreError(f"search {words!r}: NOT needs something before it, as in talks NOT trade")
            operand_before = False
            continue
        out.append(term if term == "(" else quote(term))
        operand_before = term != "("
    if depth:
        raise StoreError(f"search {words!r}: parentheses do not match")
    return " ".join(out)


def _fts5(words: str) -> str:
    def quote(term: str) -> str:
        bare = term.strip('"').replace('"', "")
        return f'"{bare.rstrip("*")}"' + (" *" if bare.endswith("*") else "")

    return _joined(words, {"AND": "AND", "OR": "OR", "ANDNOT": "NOT"}, quote)


def _tsquery(words: str) -> str:
    def quote(term: str) -> str:
        parts = re.findall(r"\w+", term)
        return "(" + " <-> ".join(f"'{part}'" for part in parts) + (":*" if term.endswith("*") else "") + ")" if parts else "''"

    return _joined(words, {"AND": "&", "OR": "|", "ANDNOT": "& !"}, quote)
