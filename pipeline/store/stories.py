"""The summary row of a story, always computed from its dispatches, so that order and redelivery do not matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, case, func, select

from pipeline.messages import Event, Relation, Status
from pipeline.store import schema
from pipeline.store.upsert import upsert

_CHUNK = 500


def refresh_stories(connection: Connection, story_ids: Collection[str]) -> None:
    """Write the rows of the given stories anew from their dispatches and copies."""
    ordered = sorted(story_ids)
    for start in range(0, len(ordered), _CHUNK):
        _refresh(connection, ordered[start : start + _CHUNK])


def _refresh(connection: Connection, story_ids: Sequence[str]) -> None:
    table, copies = schema.dispatches, schema.copies
    columns = (
        table.c.story_id, table.c.provider, table.c.item_id, table.c.relation, table.c.status, table.c.current,
        table.c.headline, table.c.language, table.c.severity, table.c.received_at, table.c.receipt,
        case((table.c.relation == Relation.WITHDRAWAL.value, table.c.document)).label("withdrawal"),
    )  # fmt: skip
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
    rows = [_summary(story_id, members[story_id], copied.get(story_id, 0)) for story_id in story_ids if members[story_id]]
    upsert(connection, schema.stories, ["id"], rows)


def _summary(story_id: str, members: Sequence[Any], copied: int) -> dict[str, Any]:
    kept = [row for row in members if row.relation != Relation.DUPLICATE]
    current = [row for row in kept if row.current]
    told = [row for row in current if row.status == Status.USABLE and row.headline] or [row for row in members if row.headline]
    standing: dict[tuple[str, str], bool] = {}
    for row in current:
        standing[row.provider, row.item_id] = row.relation != Relation.WITHDRAWAL and row.status == Status.USABLE
        for item_id in _taken_back(row):
            standing[row.provider, item_id] = False
    withdrawn = bool(standing) and not any(standing.values())
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


def _taken_back(row: Any) -> Sequence[str]:
    """Items that a notice of withdrawal takes back beside its own."""
    if row.withdrawal is None:
        return ()
    story = Event.model_validate_json(row.withdrawal).story
    return story.withdraws if story is not None else ()


def read_story(connection: Connection, story_id: str) -> list[Event]:
    """Read every dispatch of a story, copies included, in the order in which they were received.

    ``story_id`` may also be the id of one of its dispatches. Empty where neither is known.
    """
    table = schema.dispatches
    known = connection.execute(select(table.c.story_id).where(table.c.id == story_id)).scalar()
    query = select(table.c.document).where(table.c.story_id == (known or story_id)).order_by(table.c.received_at, table.c.seq)
    return [Event.model_validate_json(document) for document in connection.execute(query).scalars()]
