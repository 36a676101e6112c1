"""The append-only audit: every message, delivery, suppression, silence and acknowledgement, with reason and actor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from pipeline.messages import Notification
from pipeline.notify.outbox import Entry
from pipeline.store import outbox_schema as schema
from pipeline.store.database import wait_for_writers

NOTIFIER = "notifier"
_INSERT = schema.audit.insert()


def record_entries(connection: Connection, entries: Sequence[Entry], now: datetime, actor: str = NOTIFIER) -> None:
    """Note where messages stand."""
    rows = [
        {
            "at": now,
            "actor": actor,
            "key": entry.key,
            "subscriber": entry.subscriber,
            "channel": entry.channel,
            "reason": entry.reason,
            "state": entry.state.value,
            "detail": entry.detail,
            "story_id": entry.story_id,
            "dispatch_id": entry.dispatch_id,
            "severity": entry.severity,
            "attempt": entry.attempt,
        }
        for entry in entries
    ]
    if rows:
        connection.execute(_INSERT, rows)


def record_act(connection: Connection, now: datetime, actor: str, state: str, detail: str, **fields: Any) -> None:
    """Note what a person did: a silence, an acknowledgement, a redrive."""
    row = {"subscriber": "", "channel": "", "reason": "operator", "attempt": 0, **fields}
    connection.execute(_INSERT, [{**row, "at": now, "actor": actor, "state": state, "detail": detail}])


def read_audit(connection: Connection, after: int = 0, limit: int = 1000) -> Iterator[tuple[int, Notification]]:
    """Yield what the audit holds after a sequence number, as messages of ``wire.notifications``.

    It first waits for whoever is writing.
    """
    table = schema.audit
    wait_for_writers(connection, table)
    for row in connection.execute(select(table).where(table.c.seq > after).order_by(table.c.seq).limit(limit)):
        yield (
            row.seq,
            Notification(
                id=row.key or f"audit-{row.seq}",
                subscriber=row.subscriber,
                channel=row.channel,
                reason=row.reason,
                state=row.state,
                detail=row.detail,
                story_id=row.story_id,
                dispatch_id=row.dispatch_id,
                severity=row.severity,
                attempt=row.attempt,
                at=row.at,
            ),
        )
