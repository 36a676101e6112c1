"""What a grant lets its holder read of the wire: dispatches and alerts."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from pipeline.console.cursors import behind, cursor_after
from pipeline.console.discretion import Followed, shown_to, with_followed
from pipeline.console.highlights import read_matches
from pipeline.console.marks import Marked
from pipeline.console.roles import Grant
from pipeline.console.rows import AlertPage, AlertRow, DispatchPage, DispatchRow
from pipeline.messages import Event
from pipeline.store import console_schema, schema
from pipeline.store.search import Query, search, visible
from pipeline.store.search_words import phrases_of
from pipeline.store.standing import Standing, read_standings


def sight(grant: Grant, now: datetime) -> list[Any]:
    """Conditions on dispatches that leave what a grant may see."""
    return visible(grant.providers, grant.embargo_horizon(now))


def read_event(connection: Connection, identifier: str, grant: Grant, now: datetime) -> Event | None:
    """Read one finished event; None where it is unknown or may not be seen."""
    table = schema.dispatches
    row = connection.execute(with_followed(table.c.document).where(table.c.id == identifier, *sight(grant, now))).first()
    return Event.model_validate_json(shown_to(row.document, Followed.of(row), grant, now)) if row is not None else None


def read_dispatches(connection: Connection, wanted: Query, grant: Grant, now: datetime) -> DispatchPage:
    """Read a page of dispatches; raises StoreError for words that no search can be made of."""
    rows = _with_marks(connection, search(connection, wanted), grant, now)
    matched = read_matches(connection, [row["id"] for row in rows if row["severity"] is not None])
    sought = phrases_of(wanted.words) if wanted.words.strip() else []
    for row in rows:
        asked_for = [place for phrase in sought for place in phrase.places(row["headline"] or "")]
        row["highlights"] = [*matched.get(row["id"], []), *asked_for]
    items = [DispatchRow.model_validate(row) for row in rows]
    return DispatchPage(items=items, next=items[-1].seq if len(items) == wanted.limit else None)


def _with_marks(connection: Connection, rows: list[dict[str, Any]], grant: Grant, now: datetime) -> list[dict[str, Any]]:
    """Say of each row, of a dispatch or an alert on it, what must be known before it is used."""
    stories = {row["story_id"] for row in rows}
    known = read_standings(connection, stories, released_at=grant.embargo_horizon(now))
    marked = []
    for row in rows:
        standing = known.get(row.get("dispatch_id") or row["id"], Standing.STANDS)
        shown = Marked(row["relation"], row["status"], row["signal"], row["embargoed_until"]).marks(standing, now)
        marked.append({**row, "standing": standing, "marks": shown})
    return marked


_OF_DISPATCH = ("provider", "headline", "language", "relation", "status", "signal", "embargoed_until")


def read_alerts(
    connection: Connection,
    grant: Grant,
    now: datetime,
    *,
    severity: int = 1,
    rule: str | None = None,
    acknowledged: bool | None = None,
    after: str | None = None,
    limit: int = 50,
) -> AlertPage:
    """Read a page of alerts."""
    table, wire, known = schema.alerts, schema.dispatches, console_schema.acknowledgements
    # An acknowledgement covers what was known then: a story that has become more severe is open again.
    dealt = and_(known.c.story_id == table.c.story_id, known.c.severity >= table.c.severity)
    query = (
        select(table, *(wire.c[name] for name in _OF_DISPATCH), known.c.author.label("acknowledged_by"))
        .join(wire, wire.c.id == table.c.dispatch_id)
        .outerjoin(known, dealt)
        .where(table.c.severity >= severity, *sight(grant, now))
        .order_by(table.c.received_at.desc(), table.c.id)
        .limit(limit)
    )
    if rule is not None:
        query = query.where(or_(table.c.rule == rule, table.c.title == rule))
    if acknowledged is not None:
        query = query.where(known.c.author.is_not(None) if acknowledged else known.c.author.is_(None))
    if after is not None:
        query = query.where(behind(after, table.c.received_at, table.c.id))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    items = [
        AlertRow.model_validate({**row, "matches": json.loads(row["matches"])}) for row in _with_marks(connection, rows, grant, now)
    ]
    return AlertPage(items=items, next=cursor_after(items[-1].received_at, items[-1].id) if len(items) == limit else None)
