"""Digests and summaries: many messages as one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, update

from pipeline.messages import format_time
from pipeline.notify.apart import each_apart
from pipeline.notify.audit import record_entries
from pipeline.notify.outbox import Entry, HeldFor, State, entry_of, idempotency_key
from pipeline.notify.release import queue_undecided
from pipeline.store import outbox_schema as schema
from pipeline.store.database import chunked
from pipeline.store.upsert import insert_missing

#: Messages that a summary lists one by one, the most severe first; all are counted, and all name it in the audit.
LISTED = 1000


def summarise(connection: Connection, now: datetime) -> int:
    """Turn what waits for a digest or a summary, and is due, into one message a subscriber and channel; return how many."""
    table = schema.outbox
    waits = table.c.held_for.in_([HeldFor.RATE.value, HeldFor.DIGEST.value])
    due = (table.c.state == State.HELD.value, waits, table.c.due_at <= now)
    groups = connection.execute(select(table.c.subscriber, table.c.channel, table.c.held_for).where(*due).distinct()).all()

    def of(group: Any) -> ColumnElement[bool]:
        same = (table.c.subscriber == group.subscriber, table.c.channel == group.channel, table.c.held_for == group.held_for)
        return and_(*due, *same)

    def merge(some: Sequence[Any]) -> int:
        for group in some:
            query = select(table).where(of(group)).order_by(table.c.seq).with_for_update(skip_locked=True)
            rows = connection.execute(query).all()
            if rows:
                _merge(connection, [(entry_of(row), row.content) for row in rows], now)
        return 0

    each_apart(connection, groups, merge, lambda group, error: queue_undecided(connection, of(group), error, now))
    return len(groups)


def _merge(connection: Connection, waiting: Sequence[tuple[Entry, str]], now: datetime) -> None:
    first = waiting[0][0]
    cause = f"{first.held_for}:{format_time(first.due_at or now)}:{first.seq}"
    key = idempotency_key(None, first.subscriber, first.channel, "summary", cause)
    for entry, _ in waiting:
        # Its reader knows of it from here on, so that a retraction reaches him.
        entry.state, entry.attempt, entry.detail = State.SUPPRESSED, max(entry.attempt, 1), f"told in summary {key}"
    summary = Entry(
        key=key, subscriber=first.subscriber, channel=first.channel, endpoint=first.endpoint, reason="summary", cause=cause,
        state=State.QUEUED, created_at=now, due_at=now, updated_at=now,
        severity=max((entry.severity or 0 for entry, _ in waiting), default=0),
        detail=f"{len(waiting)} messages",
    )  # fmt: skip
    content = json.dumps(_content(waiting), ensure_ascii=False)
    table = schema.outbox
    insert_missing(connection, table, ["key"], [{**summary.columns(), "content": content}])
    for keys in chunked([entry.key for entry, _ in waiting]):
        chosen = update(table).where(table.c.key.in_(keys))
        connection.execute(
            chosen.values(state=State.SUPPRESSED.value, attempt=1, detail=f"told in summary {key}", due_at=None, updated_at=now)
        )
    record_entries(connection, [summary, *(entry for entry, _ in waiting)], now)


def _content(waiting: Sequence[tuple[Entry, str]]) -> dict[str, Any]:
    severities = Counter(str(entry.severity or 0) for entry, _ in waiting)
    reasons = Counter(entry.reason for entry, _ in waiting)
    listed = sorted(waiting, key=lambda pair: -(pair[0].severity or 0))[:LISTED]
    count, digest = len(waiting), waiting[0][0].held_for is HeldFor.DIGEST
    why = f"digest of {count} alerts" if digest else f"{count} further alerts, above your limit"
    return {
        "why": why,
        "alert": {"severity": max(entry.severity or 0 for entry, _ in waiting), "kind": None, "title": why, "rules": []},
        "dispatch": None,
        "story": None,
        "summary": {
            "kind": "digest" if digest else "overflow",
            "count": count,
            "by_severity": dict(sorted(severities.items(), reverse=True)),
            "by_reason": dict(reasons.most_common()),
            "messages": [
                {
                    "id": entry.key,
                    "reason": entry.reason,
                    "severity": entry.severity,
                    "story_id": entry.story_id,
                    "dispatch_id": entry.dispatch_id,
                    "provider": entry.provider,
                    "headline": _headline(content),
                }
                for entry, content in listed
            ],
        },
    }


def _headline(content: str) -> str | None:
    try:
        headline = (json.loads(content).get("dispatch") or {}).get("headline")
    except (ValueError, AttributeError):  # one message that cannot be read must not cost the summary
        return None
    return str(headline) if headline is not None else None
