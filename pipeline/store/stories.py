"""The summary row of a story, computed from its dispatches, so that order and redelivery do not matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, func, or_, select

from pipeline.messages import Event, Relation, Status
from pipeline.store import schema
from pipeline.store.database import chunked
from pipeline.store.lookup import rows_among
from pipeline.store.standing import GONE, Standing, read_standings
from pipeline.store.upsert import upsert


class Summarised(NamedTuple):
    """What a summary is made of: the columns of a dispatch that count in it."""

    id: str
    story_id: str
    provider: str
    relation: str
    status: str
    current: bool
    headline: str | None
    language: str | None
    severity: int | None
    received_at: datetime


#: Names of those columns.
SUMMARISED = Summarised._fields


def refresh_stories(connection: Connection, story_ids: Collection[str]) -> None:
    """Write the rows of the given stories anew from their dispatches and copies; one without dispatches goes."""
    for chunk in chunked(sorted(story_ids)):
        _refresh(connection, chunk)


def _refresh(connection: Connection, story_ids: Sequence[str]) -> None:
    read_summaries(connection, story_ids)
    table, stories = schema.dispatches, schema.stories
    columns = [table.c[name] for name in SUMMARISED]
    members: dict[str, list[Any]] = defaultdict(list)
    query = select(*columns).order_by(table.c.received_at, table.c.seq)
    for row in rows_among(connection, query, table.c.story_id, story_ids):
        members[row.story_id].append(row)
    copied = count_copies(connection, story_ids)
    known = read_standings(connection, story_ids)
    rows = [summary(story_id, members[story_id], copied.get(story_id, 0), known) for story_id in story_ids if members[story_id]]
    upsert(connection, stories, ["id"], rows)
    if len(rows) < len(story_ids):
        connection.execute(delete(stories).where(stories.c.id.in_([each for each in story_ids if not members[each]])))


def read_summaries(connection: Connection, story_ids: Sequence[str]) -> dict[str, Any]:
    """Read the rows of stories that have one, and keep other writers from them until the transaction ends."""
    table = schema.stories
    query = select(table).order_by(table.c.id).with_for_update()
    return {row.id: row for row in rows_among(connection, query, table.c.id, story_ids)}


def count_copies(connection: Connection, story_ids: Sequence[str]) -> dict[str, int]:
    """Count the copies of stories that have any."""
    table = schema.copies
    query = select(table.c.story_id, func.count().label("number")).group_by(table.c.story_id)
    return {row.story_id: row.number for row in rows_among(connection, query, table.c.story_id, story_ids)}


def summary(story_id: str, members: Sequence[Any], copied: int, standing: Mapping[str, Standing]) -> dict[str, Any]:
    """Summarise a story by its dispatches, rows of `SUMMARISED` in the order of reception, and how they stand."""
    kept = [row for row in members if row.relation != Relation.DUPLICATE]
    current = [row for row in kept if row.current]
    usable = [row for row in current if row.status == Status.USABLE and row.headline]
    told = [row for row in usable if standing.get(row.id) not in GONE] or usable or [row for row in members if row.headline]
    withdrawn = bool(current) and all(standing.get(row.id) in GONE for row in current)
    return {
        "id": story_id,
        "headline": told[-1].headline if told else None,
        "language": told[-1].language if told else None,
        "status": "withdrawn" if withdrawn else "open",
        "severity": max((row.severity for row in current if row.severity is not None), default=None),
        "dispatches": len(kept),
        "copies": copied,
        "providers": " ".join(dict.fromkeys(row.provider for row in members)),
        "first_received_at": members[0].received_at,
        "last_received_at": members[-1].received_at,
    }


def stories_named(connection: Connection, beginning: str) -> list[str]:
    """Ids of the stories that a person may mean, two at most: one is meant, two are too many.

    ``beginning`` is that of a story's id or of a dispatch's, or names an item as verdicts do: ``afp:urn:newsml:…``.
    """
    table = schema.dispatches
    provider, _, item = beginning.partition(":")
    meant = or_(
        table.c.story_id.startswith(beginning, autoescape=True),
        table.c.id.startswith(beginning, autoescape=True),
        and_(table.c.provider == provider, table.c.item_id == item),
    )
    return list(connection.execute(select(table.c.story_id).where(meant).distinct().limit(2)).scalars())


def read_story(connection: Connection, story_id: str) -> list[Event]:
    """Read every dispatch of a story, copies included, in the order in which they were received.

    ``story_id`` may also be the id of one of its dispatches. Empty where neither is known.
    """
    table = schema.dispatches
    known = connection.execute(select(table.c.story_id).where(table.c.id == story_id)).scalar()
    query = select(table.c.document).where(table.c.story_id == (known or story_id)).order_by(table.c.received_at, table.c.seq)
    return [Event.model_validate_json(document) for document in connection.execute(query).scalars()]
