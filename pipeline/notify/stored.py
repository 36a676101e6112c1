"""Events of the store that planning looks back at."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from pipeline.messages import Event, Relation, Status
from pipeline.notify.told import item_key
from pipeline.store.schema import dispatches


def stored_event(connection: Connection, dispatch: str) -> Event | None:
    """Read the event of a dispatch; None where it is not stored (in a Kafka deployment the sink may be behind)."""
    document = connection.execute(select(dispatches.c.document).where(dispatches.c.id == dispatch)).scalar()
    return Event.model_validate_json(document) if document is not None else None


def newest_standing(connection: Connection, story: str, items: Collection[str]) -> Event | None:
    """Read the newest event of a story that matched a rule and belongs to one of the items."""
    query = (
        select(dispatches.c.document, dispatches.c.provider, dispatches.c.item_id)
        .where(
            dispatches.c.story_id == story,
            dispatches.c.severity.is_not(None),
            dispatches.c.current.is_(True),
            dispatches.c.status == Status.USABLE.value,
            dispatches.c.relation.not_in([Relation.DUPLICATE.value, Relation.WITHDRAWAL.value]),
        )
        .order_by(dispatches.c.seq.desc())
    )
    for row in connection.execute(query):
        if item_key(row.provider, row.item_id) in items:
            return Event.model_validate_json(row.document)
    return None
