"""What an operator does with messages: list them, send them again, let them go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from pipeline.messages import format_time
from pipeline.notify.audit import record_act, record_entries
from pipeline.notify.outbox import HeldFor, State, entry_of
from pipeline.store import outbox_schema as schema

_LISTED = (
    "key", "subscriber", "channel", "reason", "state", "held_for", "detail", "story_id", "dispatch_id", "provider", "item_id",
    "severity", "attempt", "due_at", "created_at", "updated_at",
)  # fmt: skip


def list_messages(
    connection: Connection, *, state: str | None = None, subscriber: str | None = None, story: str | None = None, limit: int = 100
) -> Iterator[dict[str, Any]]:
    """Yield messages of the outbox, newest first."""
    table = schema.outbox
    query = select(*(table.c[name] for name in _LISTED)).order_by(table.c.seq.desc()).limit(limit)
    for column, value in ((table.c.state, state), (table.c.subscriber, subscriber), (table.c.story_id, story)):
        if value is not None:
            query = query.where(column == value)
    for row in connection.execute(query).mappings():
        yield {name: format_time(value) if isinstance(value, datetime) else value for name, value in row.items()}


def redrive(connection: Connection, keys: list[str], author: str, now: datetime, *, failed: bool = False) -> int:
    """Queue failed messages again, with a full schedule of attempts, and enable their endpoints; return how many.

    ``failed`` takes all that have failed. A withdrawn message is never sent again.
    """
    table = schema.outbox
    chosen = [table.c.state == State.FAILED.value, table.c.cancelled.is_(False)]
    if not failed:
        chosen.append(table.c.key.in_(keys))
    entries = [entry_of(row) for row in connection.execute(select(table).where(*chosen).order_by(table.c.seq).with_for_update())]
    for entry in entries:
        entry.state, entry.detail, entry.due_at = State.QUEUED, f"redriven by {author}", now
        values = {"state": State.QUEUED.value, "detail": entry.detail, "due_at": now, "updated_at": now, "attempt": 1}
        connection.execute(update(table).where(table.c.key == entry.key).values(**values))
    endpoints = {entry.endpoint for entry in entries}
    if endpoints:
        connection.execute(delete(schema.endpoints).where(schema.endpoints.c.endpoint.in_(list(endpoints))))
    record_entries(connection, entries, now, author)
    return len(entries)


def release_embargoed(connection: Connection, story: str, author: str, now: datetime) -> int:
    """Let messages go that wait for an embargo to end, by story, dispatch or message; return how many."""
    table = schema.outbox
    meant = (table.c.story_id == story) | (table.c.dispatch_id == story) | (table.c.key == story)
    held = (table.c.state == State.HELD.value, table.c.held_for == HeldFor.EMBARGO.value, meant)
    entries = [entry_of(row) for row in connection.execute(select(table).where(*held).order_by(table.c.seq).with_for_update())]
    for entry in entries:
        values = {"due_at": now, "embargoed_until": None, "published_at": now, "reason": "released", "updated_at": now}
        connection.execute(update(table).where(table.c.key == entry.key).values(**values))
        record_act(
            connection, now, author, "released", f"embargo lifted by {author}", key=entry.key, subscriber=entry.subscriber,
            channel=entry.channel, story_id=entry.story_id, dispatch_id=entry.dispatch_id,
        )  # fmt: skip
    return len(entries)


def history(connection: Connection, subscriber: str, limit: int = 100) -> Iterator[dict[str, Any]]:
    """Yield what the audit holds about a subscriber, newest first."""
    table = schema.audit
    query = select(table).where(table.c.subscriber == subscriber).order_by(table.c.seq.desc()).limit(limit)
    for row in connection.execute(query).mappings():
        yield {name: format_time(value) if isinstance(value, datetime) else value for name, value in row.items()}
