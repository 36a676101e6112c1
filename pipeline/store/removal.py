"""Taking things out of the store: a legal takedown of one item, and retention by age."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, text, update

from pipeline.messages import Verdict
from pipeline.store import schema
from pipeline.store.archive_removal import Item, identity_in_archive, remove_from_archive, wait_for_archive
from pipeline.store.archive_schema import archived, raw_items
from pipeline.store.database import chunked
from pipeline.store.dead_letters import REPLAY_MARK
from pipeline.store.notices import concerned
from pipeline.store.outbox_removal import blank_notifications
from pipeline.store.search_names import forget_names
from pipeline.store.stories import refresh_stories
from pipeline.store.upsert import last_number, upsert
from pipeline.store.words import fts5_row


@dataclass(frozen=True)
class Removed:
    """How many rows went."""

    dispatches: int = 0
    copies: int = 0
    dead_letters: int = 0
    notifications: int = 0
    verdicts: int = 0
    archived: int = 0


def purge_item(connection: Connection, item: str, archive: Path | None = None, *, only_count: bool = False) -> Removed:
    """Remove every revision and copy of an item, its dead letters, and what subscribers were to be told of it.

    ``item`` is the id of a dispatch, or ``provider:item id``. Its verdicts stay without a word of the text, so that a
    redelivery is still recognised, and who was told of it stays, so that a kill still reaches them. Nothing is removed where
    nothing has that id. What lies in the folder of an archive goes at once, or not at all with ``only_count``; the rest with
    the caller's transaction. Raises ArchiveError where the archive cannot be changed.
    """
    if archive is not None:
        wait_for_archive(connection)
    found = Item(*_identity(connection, item, archive))
    dispatches, copies = schema.dispatches, schema.copies
    mine = (dispatches.c.provider == found.provider) & (dispatches.c.item_id == found.item_id)
    source = (dispatches.c.feed, dispatches.c.position, dispatches.c.receipt, dispatches.c.format)
    rows = connection.execute(select(dispatches.c.seq, dispatches.c.id, dispatches.c.document, *source).where(mine)).all()
    my_copies = (copies.c.provider == found.provider) & (copies.c.item_id == found.item_id)
    copied = connection.execute(select(copies.c.feed, copies.c.position, copies.c.receipt).where(my_copies)).all()
    for row in (*rows, *copied):
        found.came_as(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    in_archive = 0 if archive is None else remove_from_archive(archive, found, only_count=only_count)
    removed_copies, copied_in = _remove_copies(connection, my_copies)
    _remove_dispatches(connection, rows, copied_in)
    waiting = _delete_waiting(connection, found)
    letters = _delete_receptions(connection, schema.dead_letters, found.receptions)
    told = blank_notifications(connection, found.provider, found.item_id)
    verdicts = _blank_verdicts(connection, found.provider, found.item_id)
    return Removed(len(rows), removed_copies, letters, told, verdicts, in_archive + waiting)


def expire(connection: Connection, before: datetime, providers: Sequence[str] | None = None) -> Removed:
    """Remove what was received before a time, of the given providers or of all; item states stay.

    Raises nothing where there is nothing to remove.
    """
    dispatches, copies, letters = schema.dispatches, schema.copies, schema.dead_letters

    def old(table: Table) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = table.c.received_at < before
        return condition if providers is None else condition & table.c.provider.in_(providers)

    rows = connection.execute(
        select(dispatches.c.seq, dispatches.c.id, dispatches.c.document).where(old(dispatches)).order_by(dispatches.c.seq)
    ).all()
    removed_copies, copied_in = _remove_copies(connection, old(copies))
    _remove_dispatches(connection, rows, copied_in)
    gone = connection.execute(delete(letters).where(letters.c.received_at < before)).rowcount if providers is None else 0
    return Removed(dispatches=len(rows), copies=removed_copies, dead_letters=gone)


def _identity(connection: Connection, item: str, archive: Path | None) -> tuple[str, str]:
    table = schema.dispatches
    known = connection.execute(select(table.c.provider, table.c.item_id).where(table.c.id == item)).first()
    if known is not None:
        return known.provider, known.item_id
    if archive is not None and (found := identity_in_archive(archive, item)) is not None:
        return found
    provider, _, item_id = item.partition(":")
    return provider, item_id


def _remove_copies(connection: Connection, which: ColumnElement[bool]) -> tuple[int, set[str]]:
    """Remove copies; return how many, and the stories that they were in."""
    copies = schema.copies
    stories = set(connection.execute(select(copies.c.story_id).where(which).distinct()).scalars())
    return connection.execute(delete(copies).where(which)).rowcount, stories


def _remove_dispatches(connection: Connection, rows: Sequence[Any], stories: set[str]) -> None:
    """Remove dispatches and what hangs on them; summarise their stories, and the given ones, anew."""
    identifiers = [row.id for row in rows]
    _keep_last_number(connection)
    stories = stories | _noticed(connection, identifiers)
    for chunk in chunked(identifiers):
        table = schema.dispatches
        stories |= set(connection.execute(select(table.c.story_id).where(table.c.id.in_(chunk))).scalars())
    _forget_words(connection, rows)
    _delete(connection, schema.entities, schema.entities.c.dispatch_seq, [row.seq for row in rows])
    _delete(connection, schema.alerts, schema.alerts.c.dispatch_id, identifiers)
    _delete(connection, schema.notices, schema.notices.c.notice_id, identifiers)
    _delete(connection, schema.dispatches, schema.dispatches.c.id, identifiers)
    refresh_stories(connection, stories)


def _noticed(connection: Connection, identifiers: Sequence[str]) -> set[str]:
    """Stories with something that one of these dispatches takes back."""
    notices = schema.notices
    query = select(notices.c.notice_id).distinct()
    found = {
        each for chunk in chunked(identifiers) for each in connection.execute(query.where(notices.c.notice_id.in_(chunk))).scalars()
    }
    return set().union(*(concerned(connection, each) for each in found))


def _keep_last_number(connection: Connection) -> None:
    """Note the highest number before it goes: SQLite would give it out again, for what streams and the archive take for known."""
    table = schema.dispatches
    if connection.dialect.name == "sqlite" and (last := last_number(connection, table)):
        upsert(connection, schema.last_numbers, ["name"], [{"name": table.name, "seq": last}])


def _forget_words(connection: Connection, rows: Sequence[Any]) -> None:
    """A contentless index forgets a row only when told the words that it holds."""
    numbers = [row.seq for row in rows]
    documents = {row.seq: json.loads(row.document) for row in rows}
    waiting: set[int] = set()
    for chunk in chunked(numbers):
        queue = schema.search_queue
        waiting |= set(connection.execute(select(queue.c.dispatch_seq).where(queue.c.dispatch_seq.in_(chunk))).scalars())
    _delete(connection, schema.search_queue, schema.search_queue.c.dispatch_seq, numbers)
    forget_names(connection, documents)
    indexed = [seq for seq in numbers if seq not in waiting]
    if not indexed:
        return
    if connection.dialect.name == "sqlite":
        statement = "INSERT INTO search (search, rowid, headline, body) VALUES ('delete', :seq, :headline, :body)"
        connection.execute(text(statement), [{"seq": seq, **fts5_row(documents[seq])} for seq in indexed])
    else:
        connection.execute(text("DELETE FROM search WHERE dispatch_seq = :seq"), [{"seq": seq} for seq in indexed])


def _blank_verdicts(connection: Connection, provider: str, item_id: str) -> int:
    """Take the fingerprint and the changed sentences out of an item's verdicts."""
    table = schema.verdicts
    pattern = f"%{json.dumps(item_id)[1:-1]}%"
    found = connection.execute(select(table.c.seq, table.c.document).where(table.c.document.like(pattern))).all()
    blanked = 0
    for row in found:
        verdict = Verdict.model_validate_json(row.document)
        if (verdict.provider, verdict.item_id) != (provider, item_id):
            continue
        bare = verdict.model_copy(update={"fingerprint": None, "story": verdict.story.model_copy(update={"changes": None})})
        connection.execute(update(table).where(table.c.seq == row.seq).values(document=bare.model_dump_json()))
        blanked += 1
    return blanked


def _delete(connection: Connection, table: Table, column: Any, values: Iterable[Any]) -> int:
    return sum(connection.execute(delete(table).where(column.in_(chunk))).rowcount for chunk in chunked(sorted(values)))


def _delete_waiting(connection: Connection, item: Item) -> int:
    """Remove bytes that wait for the archive; what is in it already has left its number here, and nothing else."""
    done = select(func.coalesce(func.max(archived.c.done), 0)).where(archived.c.kind == "raw").scalar_subquery()
    waits = raw_items.c.seq > done
    if item.relayed:
        for row in connection.execute(select(raw_items.c.feed, raw_items.c.position, raw_items.c.payload).where(waits)):
            if item.is_in(*row):
                item.came_with(row.feed, row.position)
    return _delete_receptions(connection, raw_items, item.receptions, waits)


def _delete_receptions(connection: Connection, table: Table, receptions: set[tuple[str, str]], *conditions: Any) -> int:
    """Remove what came with a reception, and replays of it that are dead letters again."""
    count = 0
    for feed, position in receptions:
        same = table.c.position == position
        again = table.c.position.startswith(position + REPLAY_MARK, autoescape=True)
        count += connection.execute(delete(table).where(table.c.feed == feed, same | again, *conditions)).rowcount
    return count
