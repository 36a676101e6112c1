"""The summary row of a story, always computed from its dispatches, so that order and redelivery do not matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.messages import Event, Relation, Status
from pipeline.store import schema
from pipeline.store.standing import GONE, Standing, read_standings
from pipeline.store.upsert import upsert

_CHUNK = 500
#: Columns that a summary is made of.
SUMMARISED = (
    "id", "story_id", "provider", "relation", "status", "current", "headline", "language", "severity", "received_at"
)  # fmt: skip


def refresh_stories(connection: Connection, story_ids: Collection[str]) -> None:
    """Write the rows of the given stories anew from their dispatches and copies."""
    ordered = sorted(story_ids)
    for start in range(0, len(ordered), _CHUNK):
        _refresh(connection, ordered[start : start + _CHUNK])


def _refresh(connection: Connection, story_ids: Sequence[str]) -> None:
    table, copies = schema.dispatches, schema.copies
    columns = [table.c[name] for name in SUMMARISED]
    members: dict[str, list[Any]] = defaultdict(list)
    query = select(*columns).where(table.c.story_id.in_(story_ids)).order_by(table.c.received_at, table.c.seq)
    for row in connection.execute(query):
        members[row.story_id].append(row)
    copied: dict[str, int] = {
        row.story_id: row.number
        for row in connection.execute(
            select(copies.c.story_id, func.count().label("number"))
            .where(copies.c.story_id.in_(story_ids))
            .group_by(copies.c.story_id)
        )
    }
    known = read_standings(connection, story_ids)
    rows = [summary(story_id, members[story_id], copied.get(story_id, 0), known) for story_id in story_ids if members[story_id]]
    upsert(connection, schema.stories, ["id"], rows)


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


def read_story(connection: Connection, story_id: str) -> list[Event]:
    """Read every dispatch of a story, copies included, in the order in which they were received.

    ``story_id`` may also be the id of one of its dispatches. Empty where neither is known.
    """
    table = schema.dispatches
    known = connection.execute(select(table.c.story_id).where(table.c.id == story_id)).scalar()
    query = select(table.c.document).where(table.c.story_id == (known or story_id)).order_by(table.c.received_at, table.c.seq)
    return [Event.model_validate_json(document) for document in connection.execute(query).scalars()]
