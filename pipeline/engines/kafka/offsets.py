"""Offsets in the store: how far each reader has stored each partition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, select

from pipeline.store import schema
from pipeline.store.upsert import insert


@dataclass(frozen=True)
class Place:
    """The offset of the next record to read of a partition."""

    cluster: str
    topic: str
    topic_id: str
    partition: int
    next_offset: int


def read_offsets(connection: Connection, reader: str, cluster: str) -> dict[tuple[str, int], int]:
    """Next offsets of a reader, by topic id and partition."""
    table = schema.offsets
    query = select(table).where(table.c.reader == reader, table.c.cluster == cluster)
    return {(row.topic_id, row.partition): row.next_offset for row in connection.execute(query)}


def write_offsets(connection: Connection, reader: str, places: Sequence[Place]) -> None:
    """Save next offsets; they only grow, so that a reader that was thought dead takes nothing back."""
    if places:
        connection.execute(_upsert(connection.dialect), [{"reader": reader, **asdict(place)} for place in places])


@lru_cache(maxsize=8)
def _upsert(dialect: Dialect) -> Any:
    table = schema.offsets
    upsert = insert(dialect, table)
    return upsert.on_conflict_do_update(
        index_elements=["reader", "cluster", "topic_id", "partition"],
        set_={"next_offset": upsert.excluded.next_offset, "topic": upsert.excluded.topic},
        where=table.c.next_offset < upsert.excluded.next_offset,
    )
