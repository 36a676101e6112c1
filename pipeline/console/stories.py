"""What a grant lets its holder read of stories: their dispatches, who was told, and who deals with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.console.cursors import behind, cursor_after
from pipeline.console.discretion import without_followed
from pipeline.console.marks import Notice, withdrawal_mark
from pipeline.console.roles import Grant
from pipeline.console.rows import Acknowledgement, Mark, NotificationRow, StoryDetail, StoryPage, StoryRow
from pipeline.console.wire import sight
from pipeline.messages import Event, Relation
from pipeline.store import console_schema, outbox_schema, schema
from pipeline.store.standing import embargoed_without_date, read_standings
from pipeline.store.stories import SUMMARISED, read_story, summary


def read_story_detail(connection: Connection, identifier: str, grant: Grant, now: datetime) -> StoryDetail | None:
    """Read a story by its id or that of one of its dispatches; None where nothing in it may be seen."""
    stored = read_story(connection, identifier)
    events = [each for each in stored if _seen(each, grant, now)]
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
    known = read_standings(connection, [story_id], released_at=grant.embargo_horizon(now))
    return StoryDetail(
        id=story_id,
        events=shown,
        standings={identifier: standing for identifier, standing in known.items() if identifier in seen},
        notifications=told,
        acknowledgement=read_acknowledgement(connection, story_id),
    )


def _seen(event: Event, grant: Grant, now: datetime) -> bool:
    dispatch = event.dispatch
    undated = embargoed_without_date(dispatch.status, dispatch.signal)
    return grant.sees(dispatch.provider, dispatch.embargoed_until, now, undated=undated)


def _without_others(event: Event, grant: Grant, seen: set[str]) -> Event:
    """Take out of a verdict what it says of a dispatch that may not be seen."""
    story = event.story
    return event if story is None or story.of is None or str(story.of) in seen else without_followed(event, grant)


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
        rows = _seen_by(connection, rows, grant, now)
    embargoed = _embargoed(connection, [row["id"] for row in rows], limits, now)
    notices = _notices(connection, [row["id"] for row in rows if row["status"] == "withdrawn"])
    for row in rows:
        providers = row["providers"].split()
        found = [withdrawal_mark(notices.get(row["id"], []), providers)] if row["status"] == "withdrawn" else []
        if row["id"] in embargoed:
            found.append(Mark(kind="embargo", text=f"holds copy embargoed until {embargoed[row['id']]:%d %b %H:%M} UTC"))
        row.update(providers=providers, marks=found)
    return StoryPage(items=[StoryRow.model_validate(row) for row in rows], next=following)


def _seen_by(connection: Connection, stories: Sequence[dict[str, Any]], grant: Grant, now: datetime) -> list[dict[str, Any]]:
    """Summarise stories by what a grant may see of them."""
    table, identifiers = schema.dispatches, [row["id"] for row in stories]
    columns = [table.c[name] for name in SUMMARISED]
    query = select(*columns).where(table.c.story_id.in_(identifiers), *sight(grant, now))
    members: dict[str, list[Any]] = {}
    for row in connection.execute(query.order_by(table.c.received_at, table.c.seq)):
        members.setdefault(row.story_id, []).append(row)
    known = read_standings(connection, identifiers, released_at=grant.embargo_horizon(now))
    summaries = []
    for story_id in identifiers:
        if story_id in members:
            copied = sum(row.relation == Relation.DUPLICATE for row in members[story_id])
            summaries.append(summary(story_id, members[story_id], copied, known))
    return summaries


def _embargoed(connection: Connection, story_ids: Sequence[str], limits: Sequence[Any], now: datetime) -> dict[str, datetime]:
    """Until when some of each story is under embargo; a story without such copy is left out."""
    table = schema.dispatches
    query = select(table.c.story_id, func.max(table.c.embargoed_until)).group_by(table.c.story_id)
    held = table.c.story_id.in_(story_ids), table.c.embargoed_until > now
    return {row[0]: row[1] for row in connection.execute(query.where(*held, *limits))}


def _notices(connection: Connection, story_ids: Sequence[str]) -> dict[str, list[Notice]]:
    table = schema.dispatches
    query = select(table.c.story_id, table.c.provider, table.c.status, table.c.signal)
    notices: dict[str, list[Notice]] = {}
    relation = table.c.relation == Relation.WITHDRAWAL.value
    for row in connection.execute(query.where(table.c.story_id.in_(story_ids), relation)):
        notices.setdefault(row.story_id, []).append(Notice(row.provider, row.status, row.signal))
    return notices
