"""The archive: raw bytes and finished events as Parquet files, one an hour, in a folder a day.

A pass is planned in the store before it writes a file, and its files are named by what it holds. A pass that died is done again
as it was begun, so that it writes the same files; nothing is missing and nothing stands there twice.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, select, update

from pipeline.failure import NO_PARQUET, OperatorError
from pipeline.messages import RawItem
from pipeline.store import schema
from pipeline.store.archive_schema import archived, raw_items
from pipeline.store.database import Store, wait_for_writers
from pipeline.store.upsert import insert_missing, upsert

if TYPE_CHECKING:
    import pyarrow as pa

# Rows and bytes of a pass; a pass ends where either is reached.
_ROWS, _BYTES = 20_000, 256 * 1024 * 1024

_EVENT_COLUMNS = (
    "seq", "id", "receipt", "story_id", "relation", "of_id", "current", "provider", "item_id", "revision", "status", "signal",
    "urgency", "headline", "language", "severity", "published_at", "received_at", "embargoed_until", "service", "sequence",
    "rights", "format", "feed", "name", "position", "raw_sha256", "document",
)  # fmt: skip
_RAW_COLUMNS = (
    "seq",
    "feed",
    "position",
    "name",
    "received_at",
    "declared_format",
    "declared_provider",
    "declared_language",
    "payload",
)
_KINDS: dict[str, tuple[Any, Sequence[str], str]] = {
    "raw": (raw_items, _RAW_COLUMNS, "payload"),
    "events": (schema.dispatches, _EVENT_COLUMNS, "document"),
}


class ArchiveError(OperatorError):
    """The archive cannot be written or read; the message names the file and the remedy."""


@dataclass(frozen=True)
class Written:
    """A file of the archive, whole and read back."""

    path: Path
    rows: int


def keep_raw(connection: Connection, items: Sequence[RawItem]) -> None:
    """Keep bytes for the archive in the caller's transaction; those of the same feed and position once."""
    rows = [
        item.model_dump(include=set(_RAW_COLUMNS) - {"seq"})
        for item in {(each.feed, each.position): each for each in items}.values()
    ]
    insert_missing(connection, raw_items, ["feed", "position"], rows)


def archive(store: Store, directory: Path) -> Iterator[Written]:
    """Write what is not in the archive yet, and yield each file when it is safe.

    Raw bytes leave the store with the pass that wrote them. Raises ArchiveError where files cannot be written.
    """
    for kind in _KINDS:
        while True:
            done, planned = _plan(store, kind)
            if planned <= done:
                break
            yield from _write_pass(store, directory, kind, done, planned)
            _finish(store, kind, planned)


def _plan(store: Store, kind: str) -> tuple[int, int]:
    """Say up to which row the next pass goes, or the one that died went."""
    table, _, large = _KINDS[kind]
    with store.writing() as connection:
        wait_for_writers(connection, table)
        row = connection.execute(select(archived).where(archived.c.kind == kind)).first()
        done, planned = (row.done, row.planned) if row else (0, 0)
        if planned > done:
            return done, planned
        size, last = 0, done
        sizes = select(table.c.seq, func.length(table.c[large]).label("size")).where(table.c.seq > done).order_by(table.c.seq)
        for each in connection.execute(sizes.limit(_ROWS)):
            last, size = each.seq, size + each.size
            if size > _BYTES:
                break
        upsert(connection, archived, ["kind"], [{"kind": kind, "done": done, "planned": last}])
        return done, last


def _finish(store: Store, kind: str, planned: int) -> None:
    with store.writing() as connection:
        upsert(connection, archived, ["kind"], [{"kind": kind, "done": planned, "planned": planned}])
        if kind == "raw":
            # The last number stays, without its bytes, so that SQLite never gives one out again.
            connection.execute(delete(raw_items).where(raw_items.c.seq < planned))
            connection.execute(update(raw_items).where(raw_items.c.seq == planned).values(payload=b""))


def _write_pass(store: Store, directory: Path, kind: str, done: int, planned: int) -> Iterator[Written]:
    table, names, _ = _KINDS[kind]
    with store.reading() as connection:
        query = select(*(table.c[name] for name in names)).where(table.c.seq > done, table.c.seq <= planned)
        rows = connection.execute(query.order_by(table.c.received_at, table.c.seq)).mappings().all()
    hours: dict[datetime, list[Any]] = defaultdict(list)
    for row in rows:
        hours[row["received_at"].astimezone(UTC).replace(minute=0, second=0, microsecond=0)].append(row)
    for hour, found in sorted(hours.items()):
        path = directory / kind / f"day={hour:%Y-%m-%d}" / f"{hour:%H}-{done + 1:012}-{planned:012}.parquet"
        yield _write(path, kind, found)


def _write(path: Path, kind: str, rows: Sequence[Any]) -> Written:
    pa, _ = _library()
    write_whole(path, pa.Table.from_pylist([_cells(kind, row) for row in rows], schema=_columns(kind)))
    return Written(path, len(rows))


def write_whole(path: Path, table: pa.Table) -> None:
    """Write a file, read it back, and only then give it its name; raises ArchiveError."""
    _, parquet = _library()
    unfinished = path.with_suffix(".unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            parquet.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        if not parquet.read_table(unfinished, partitioning=None).equals(table):
            raise ArchiveError(f"archive {path}: what was read back is not what was written; check the disk")
        unfinished.replace(path)
        _sync(path.parent)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        reason = error.strerror or error
        raise ArchiveError(f"archive {path}: {reason}; free space or check permissions, the next run goes on") from error


def _cells(kind: str, row: Any) -> dict[str, Any]:
    cells = {name: row[name] for name in row if name != "seq"}
    if kind == "events":
        cells["text"] = json.loads(row["document"])["dispatch"].get("text")
    return cells


def _columns(kind: str) -> pa.Schema:
    """Types of the columns, the same in every file."""
    pa, _ = _library()
    special = {
        "current": pa.bool_(), "urgency": pa.int8(), "severity": pa.int8(), "payload": pa.binary(),
        **dict.fromkeys(("published_at", "received_at", "embargoed_until"), pa.timestamp("us", tz="UTC")),
    }  # fmt: skip
    names = [name for name in _KINDS[kind][1] if name != "seq"] + (["text"] if kind == "events" else [])
    return pa.schema([(name, special.get(name, pa.string())) for name in names])


def _library() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise ArchiveError(f"archive: {NO_PARQUET}") from error
    return pa, parquet


def _sync(folder: Path) -> None:
    """Make a rename safe from a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
