"""Taking an item out of the archive: its events go, and the bytes that it was read from.

A file is written anew beside the old one and takes its name when it is whole. Bytes go before events: whoever runs the removal
again after a crash finds by the events which bytes are left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from pipeline.failure import NO_PARQUET
from pipeline.messages import receipt_id
from pipeline.store.archive import ArchiveError, write_whole
from pipeline.store.archive_schema import archived
from pipeline.store.database import wait_for_writers
from pipeline.store.dead_letters import REPLAY_MARK

if TYPE_CHECKING:
    import pyarrow as pa

#: Format of our own dispatches as JSON lines, which keep the source that they had where they come from.
RELAY = "wirefeed_jsonl"


@dataclass
class Item:
    """An item, and every reception (feed, position) that it is known to have come with."""

    provider: str
    item_id: str
    receptions: set[tuple[str, str]] = field(default_factory=set)
    receipts: set[str] = field(default_factory=set)
    relayed: bool = False
    """It came as a line of our own, which names the source that it had elsewhere: only receipts tell with which bytes."""

    def came_as(self, row: Any) -> None:
        """Add the source, the receipt and, where it is known, the format of a dispatch or copy."""
        self.came_with(row["feed"], row["position"])
        self.receipts.add(row["receipt"])
        self.relayed |= row.get("format", RELAY) == RELAY

    def came_with(self, feed: str, position: str) -> None:
        """Add a reception, and the one before it that ended as a dead letter."""
        self.receptions |= {(feed, position), (feed, position.partition(REPLAY_MARK)[0])}

    def is_in(self, feed: str, position: str, payload: bytes | None) -> bool:
        """Whether bytes that were received there hold it."""
        if payload is None or (feed, position) in self.receptions:
            return payload is not None
        if not self.relayed or json.dumps(self.item_id)[1:-1].encode() not in payload:
            return False
        lines = payload.count(b"\n") + 1
        return any(str(receipt_id(feed, position, number)) in self.receipts for number in range(lines))


def wait_for_archive(connection: Connection) -> None:
    """Keep `wirefeed archive` out until the caller's transaction ends; raises ArchiveError where a pass is not finished.

    Its rows were read already, or will be read again as they were planned: what is removed now would come back.
    """
    wait_for_writers(connection, archived)
    if connection.execute(select(archived.c.kind).where(archived.c.planned > archived.c.done)).first() is not None:
        raise ArchiveError("archive: a pass is not finished; let wirefeed archive run to its end, then try again")


def identity_in_archive(directory: Path, dispatch_id: str) -> tuple[str, str] | None:
    """Provider and item id of an archived dispatch; None where it is not there."""
    for _, rows in _matching(directory, "events", ["provider", "item_id"], {"id": [dispatch_id]}):
        return rows[0]["provider"], rows[0]["item_id"]
    return None


def remove_from_archive(directory: Path, item: Item, *, only_count: bool = False) -> int:
    """Remove an item's rows; return how many there were. Raises ArchiveError where a file cannot be read or written.

    Of the bytes the row stays without its payload, so that a replay that was stopped finds its place.
    """
    events = {"provider": [item.provider], "item_id": [item.item_id]}
    found = list(_matching(directory, "events", ["feed", "position", "receipt", "format"], events))
    for _, rows in found:
        for row in rows:
            item.came_as(row)
    count = sum(len(rows) for _, rows in found)
    for path, rows in _matching(directory, "raw", ["feed", "position", "payload"], _receptions(item)):
        hits = [row for row in rows if item.is_in(**row)]
        for row in hits:
            item.came_with(row["feed"], row["position"])
        count += len(hits)
        if hits and not only_count:
            _rewrite(path, lambda table: _without_payload(table, item.receptions))
    if not only_count:
        for path, _ in found:
            _rewrite(path, lambda table: _without_item(table, item))
    return count


def _receptions(item: Item) -> dict[str, list[str]]:
    """Which rows to look at: all, where the bytes must say."""
    if item.relayed:
        return {}
    return {"feed": sorted({feed for feed, _ in item.receptions}), "position": sorted({place for _, place in item.receptions})}


def _matching(
    directory: Path, kind: str, columns: Sequence[str], wanted: dict[str, list[str]]
) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Files with rows that have one of the wanted values in each of the columns, and those rows."""
    files = sorted((directory / kind).glob("day=*/*.parquet"))
    if not files or not all(wanted.values()):
        return
    try:
        from pyarrow import ArrowException
        from pyarrow import dataset as datasets
    except ImportError as error:
        raise ArchiveError(f"archive: {NO_PARQUET}") from error
    conditions = [datasets.field(name).isin(values) for name, values in wanted.items()]
    condition = reduce(and_, conditions) if conditions else None
    for path in files:
        try:
            rows = datasets.dataset(path, format="parquet").to_table(columns=list(columns), filter=condition).to_pylist()
        except (OSError, ArrowException) as error:
            raise ArchiveError(f"archive {path}: cannot be read ({error}); restore it from a backup or move it away") from error
        if rows:
            yield path, rows


def _rewrite(path: Path, change: Any) -> None:
    from pyarrow import parquet

    write_whole(path, change(parquet.read_table(path, partitioning=None)))


def _without_payload(table: pa.Table, receptions: set[tuple[str, str]]) -> pa.Table:
    import pyarrow as pa

    places = zip(table["feed"].to_pylist(), table["position"].to_pylist(), strict=True)
    kept = [None if place in receptions else payload for place, payload in zip(places, table["payload"].to_pylist(), strict=True)]
    return table.set_column(table.schema.get_field_index("payload"), table.schema.field("payload"), pa.array(kept, pa.binary()))


def _without_item(table: pa.Table, item: Item) -> pa.Table:
    rows = zip(table["provider"].to_pylist(), table["item_id"].to_pylist(), strict=True)
    return table.filter([row != (item.provider, item.item_id) for row in rows])
