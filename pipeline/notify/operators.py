"""Alarms about Wirefeed and its feeds, to the subscribers that are operators."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection

from pipeline.notify.audit import record_entries
from pipeline.notify.entries import entries_for
from pipeline.notify.outbox import Entry
from pipeline.notify.subscribers import Subscribers
from pipeline.store import outbox_schema as schema
from pipeline.store.upsert import insert_missing


def tell_operators(
    connection: Connection, subscribers: Subscribers, cause: str, why: str, now: datetime, *, severity: int = 5
) -> list[Entry]:
    """Write a message to every operator; the same cause is told once."""
    content: dict[str, object] = {
        "why": why,
        "alert": {"severity": severity, "kind": None, "title": why, "rules": []},
        "dispatch": None,
        "story": None,
    }
    entries = [
        entry
        for subscriber in subscribers.all
        if subscriber.operator
        for entry in entries_for(subscriber, None, "operator", cause, now)
    ]
    for entry in entries:
        entry.priority, entry.severity, entry.detail = 0, severity, why
    rows = [{**entry.columns(), "updated_at": now, "content": json.dumps(content)} for entry in entries]
    insert_missing(connection, schema.outbox, ["key"], rows)
    record_entries(connection, entries, now)
    return entries
