"""What an engine must find again after any death: verdicts, item states, positions of sources, offsets of topics."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from pipeline.messages import ItemState, Position, Verdict
from pipeline.store import schema
from pipeline.store.upsert import insert_missing, upsert

_FETCH = 1000


def write_verdicts(connection: Connection, verdicts: Sequence[Verdict]) -> None:
    """Log verdicts; the first one about a receipt stands."""
    if verdicts:
        rows = [
            {"receipt": str(each.receipt), "received_at": each.received_at, "document": each.model_dump_json()} for each in verdicts
        ]
        insert_missing(connection, schema.verdicts, ["receipt"], rows)


def read_verdicts(connection: Connection, since: datetime | None = None) -> Iterator[Verdict]:
    """Yield the logged verdicts in their order, those received from ``since`` on."""
    table = schema.verdicts
    query = select(table.c.document).order_by(table.c.seq)
    if since is not None:
        query = query.where(table.c.received_at >= since)
    for document in connection.execution_options(yield_per=_FETCH).execute(query).scalars():
        yield Verdict.model_validate_json(document)


def newest_received(connection: Connection) -> datetime | None:
    """Received time of the newest verdict: the end of the deduplication window."""
    table = schema.verdicts
    return connection.execute(select(table.c.received_at).order_by(table.c.received_at.desc()).limit(1)).scalar()


def forget_verdicts(connection: Connection, before: datetime, window: timedelta) -> int:
    """Delete verdicts, which hold what texts are compared by, received before a time and before the window; return their number."""
    newest, table = newest_received(connection), schema.verdicts
    if newest is None:
        return 0
    return connection.execute(delete(table).where(table.c.received_at < min(before, newest - window))).rowcount


def write_item_states(connection: Connection, states: Sequence[ItemState]) -> None:
    """Save the newest known state of items."""
    if not states:
        return
    latest = {(each.provider, each.item_id): each for each in states}
    rows = [
        {"provider": each.provider, "item_id": each.item_id, "received_at": each.received_at, "document": each.model_dump_json()}
        for each in latest.values()
    ]
    upsert(connection, schema.items, ["provider", "item_id"], rows)


def read_item_states(connection: Connection, since: datetime | None = None) -> Iterator[ItemState]:
    """Yield the saved item states, those received from ``since`` on."""
    table = schema.items
    query = select(table.c.document)
    if since is not None:
        query = query.where(table.c.received_at >= since)
    for document in connection.execution_options(yield_per=_FETCH).execute(query).scalars():
        yield ItemState.model_validate_json(document)


def write_positions(connection: Connection, positions: Sequence[Position]) -> None:
    """Save how far sources have been read; the last position of a unit stands."""
    latest = {(each.feed, each.unit): each for each in positions}
    rows = [
        {
            "feed": each.feed,
            "unit": each.unit,
            "position": each.position,
            "state": json.dumps(each.state),
            "updated_at": each.updated_at,
        }
        for each in latest.values()
    ]
    upsert(connection, schema.positions, ["feed", "unit"], rows)


def read_positions(connection: Connection, feed: str) -> dict[str, Position]:
    """Read a feed's saved positions by unit."""
    table = schema.positions
    return {
        row.unit: Position(
            feed=row.feed, unit=row.unit, position=row.position, state=json.loads(row.state), updated_at=row.updated_at
        )
        for row in connection.execute(select(table).where(table.c.feed == feed))
    }
