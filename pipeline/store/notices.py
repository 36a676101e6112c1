"""What notices of withdrawal take back, or may mean, in stories that are not their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from pipeline.messages import Event, Relation
from pipeline.store import schema
from pipeline.store.standing import Standing, named_items, own_standing
from pipeline.store.upsert import insert_missing


def write_notices(connection: Connection, events: Sequence[Event]) -> set[str]:
    """Note what events withdraw or may withdraw; return the stories that are concerned."""
    rows = [row for event in events for row in _rows(event)]
    insert_missing(connection, schema.notices, ["notice_id", "subject"], rows)
    return set().union(*(concerned(connection, identifier) for identifier in {row["notice_id"] for row in rows}))


def concerned(connection: Connection, notice_id: str) -> set[str]:
    """Stories that hold what a notice takes back or may mean."""
    table, notices = schema.dispatches, schema.notices
    of_item = (table.c.provider == notices.c.provider) & (table.c.item_id == notices.c.subject)
    stories: set[str] = set()
    for joined in (of_item, table.c.id == notices.c.subject):
        query = select(table.c.story_id).join(notices, joined).where(notices.c.notice_id == notice_id)
        stories |= set(connection.execute(query).scalars())
    return stories


def _rows(event: Event) -> list[dict[str, Any]]:
    dispatch, story = event.dispatch, event.story
    if story is None or not story.current:
        return []
    doubted = {str(identifier): Standing.DOUBTED for identifier in story.unresolved}
    taken: dict[str, Standing] = {}
    if story.relation is Relation.WITHDRAWAL:
        taken = dict.fromkeys(named_items(event), own_standing(story.relation, dispatch.status, dispatch.signal))
    return [
        {
            "notice_id": str(dispatch.id),
            "subject": subject,
            "provider": dispatch.provider,
            "story_id": str(story.id),
            "standing": standing.value,
        }
        for subject, standing in (doubted | taken).items()
    ]
