"""What a grant lets its holder read: dispatches, stories, alerts, who was told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from pipeline.console.cursors import behind, cursor_after
from pipeline.console.roles import Grant
from pipeline.console.rows import Acknowledgement, AlertPage, AlertRow, NotificationRow, StoryDetail, StoryPage, StoryRow
from pipeline.messages import Event, Relation
from pipeline.store import console_schema, outbox_schema, schema
from pipeline.store.search import visible
from pipeline.store.stories import read_story


def sight(grant: Grant, now: datetime) -> list[Any]:
    """Conditions on dispatches that leave what a grant may see."""
    return visible(grant.providers, grant.embargo_horizon(now))


def read_event(connection: Connection, identifier: str, grant: Grant, now: datetime) -> Event | None:
    """Read one finished event; None where it is unknown or may not be seen."""
    table = schema.dispatches
    query = select(table.c.document).where(table.c.id == identifier, *sight(grant, now))
    document = connection.execute(query).scalar()
    return Event.model_validate_json(document) if document is not None else None


def read_story_detail(connection: Connection, identifier: str, grant: Grant, now: datetime) -> StoryDetail | None:
    """Read a story by its id or that of one of its dispatches; None where nothing in it may be seen."""
    stored = read_story(connection, identifier)
    events = [each for each in stored if grant.sees(each.dispatch.provider, each.dispatch.embargoed_until, now)]
    if not events or events[0].story is None:
        return None
    story_id = str(events[0].story.id)
    seen = {str(event.dispatch.id) for event in events}
    table = outbox_schema.outbox
    columns = [table.c[name] for name in NotificationRow.model_fields]
    sent = connection.execute(select(*columns).where(table.c.story_id == story_id).order_by(table.c.seq)).mappings()
    told = [NotificationRow.model_validate(dict(row)) for row in sent if row["dispatch_id"] in seen]
    hidden = len(events) < len(stored)
    shown = [_without_others(event, grant, seen) for event in events] if hidden else events
    return StoryDetail(id=story_id, events=shown, notifications=told, acknowledgement=read_acknowledgement(connection, story_id))


def _without_others(event: Event, grant: Grant, seen: set[str]) -> Event:
    """Take out of a verdict what it says about dispatches that may not be seen."""
    story = event.story
    if story is None or story.of is None or str(story.of) in seen:
        return event
    agencies = [name for name in story.providers if grant.providers is None or name in grant.providers]
    shown = {"of": None, "changes": None, "reason": "follows a dispatch that this token may not see", "providers": agencies}
    return event.model_copy(update={"story": story.model_copy(update=shown)})


def read_acknowledgement(connection: Connection, story_id: str) -> Acknowledgement | None:
    """Read who deals with a story."""
    table = console_schema.acknowledgements
    row = connection.execute(select(table).where(table.c.story_id == story_id)).mappings().first()
    return Acknowledgement.model_validate(dict(row)) if row else None


def read_stories(connection: Connection, grant: Grant, now: datetime, *, after: str | None, limit: int) -> StoryPage:
    """Read a page of stories; where a grant has limits, each summary is made of what it may see."""
    table, limits = schema.stories, sight(grant, now)
    query = select(table).order_by(table.c.last_received_at.desc(), table.c.id).limit(limit)
    if after is not None:
        query = query.where(behind(after, table.c.last_received_at, table.c.id))
    if limits:
        query = query.where(table.c.id.in_(select(schema.dispatches.c.story_id).where(*limits)))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    following = cursor_after(rows[-1]["last_received_at"], rows[-1]["id"]) if len(rows) == limit else None
    if limits and rows:
        rows = _seen_by(connection, rows, limits)
    return StoryPage(
        items=[StoryRow.model_validate({**row, "providers": _names(row["providers"])}) for row in rows], next=following
    )


def _names(providers: Any) -> list[str]:
    return providers.split() if isinstance(providers, str) else list(providers)


def _seen_by(connection: Connection, stories: Sequence[dict[str, Any]], limits: Sequence[Any]) -> list[dict[str, Any]]:
    table = schema.dispatches
    names = ("story_id", "provider", "relation", "headline", "language", "severity", "current", "received_at")
    query = select(*(table.c[name] for name in names)).where(table.c.story_id.in_([row["id"] for row in stories]), *limits)
    members: dict[str, list[Any]] = {}
    for row in connection.execute(query.order_by(table.c.received_at, table.c.seq)):
        members.setdefault(row.story_id, []).append(row)
    return [{**story, **_summary(members[story["id"]])} for story in stories if story["id"] in members]


def _summary(members: Sequence[Any]) -> dict[str, Any]:
    kept = [row for row in members if row.relation != Relation.DUPLICATE]
    told = [row for row in kept if row.current and row.headline] or [row for row in members if row.headline] or members
    return {
        "headline": told[-1].headline,
        "language": told[-1].language,
        "severity": max((row.severity for row in kept if row.current and row.severity is not None), default=None),
        "dispatches": len(kept),
        "copies": len(members) - len(kept),
        "providers": list(dict.fromkeys(row.provider for row in members)),
        "first_received_at": members[0].received_at,
        "last_received_at": members[-1].received_at,
    }


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
        select(table, wire.c.provider, wire.c.headline, known.c.author.label("acknowledged_by"))
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
    rows = connection.execute(query).mappings().all()
    items = [AlertRow.model_validate({**row, "matches": json.loads(row["matches"])}) for row in rows]
    return AlertPage(items=items, next=cursor_after(items[-1].received_at, items[-1].id) if len(items) == limit else None)


def newest_seq(connection: Connection) -> int:
    """Number of the dispatch that was stored last; 0 where there is none."""
    return connection.execute(select(func.max(schema.dispatches.c.seq))).scalar() or 0
