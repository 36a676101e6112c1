"""Held messages whose time has come: decided anew, by the same steps."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from pipeline.messages import format_time
from pipeline.notify.delivery import DeliveryReport
from pipeline.notify.ledger import Ledger
from pipeline.notify.outbox import Entry, HeldFor, State
from pipeline.notify.policy import Candidate, Circumstances, decide
from pipeline.notify.subscribers import Subscribers
from pipeline.notify.told import Told, item_key
from pipeline.store import outbox_schema as schema


def release(
    connection: Connection,
    subscribers: Subscribers,
    now: datetime,
    max_age: timedelta,
    *,
    report: DeliveryReport,
    limit: int = 2000,
) -> int:
    """Take up to ``limit`` held messages that are due through the policy; return how many."""
    table = schema.outbox
    query = select(table.c.key, table.c.story_id, table.c.content).where(table.c.state == State.HELD.value, table.c.due_at <= now)
    query = query.order_by(table.c.due_at, table.c.seq).limit(limit).with_for_update(skip_locked=True)
    due = {row.key: row for row in connection.execute(query)}
    if not due:
        return 0
    ledger = Ledger(connection, {row.story_id for row in due.values() if row.story_id}, now)
    circumstances = Circumstances(now, max_age)
    seen: dict[tuple[str, str, str], bool] = {}
    for story_id in sorted({row.story_id for row in due.values() if row.story_id}):
        for entry in ledger.entries(story_id):
            if entry.key in due and entry.state is State.HELD:
                _decide(ledger, entry, due[entry.key].content, subscribers=subscribers, at=circumstances, seen=seen)
                _count(entry, report)
    ledger.flush()
    return len(due)


def _decide(
    ledger: Ledger,
    entry: Entry,
    content: str,
    *,
    subscribers: Subscribers,
    at: Circumstances,
    seen: dict[tuple[str, str, str], bool],
) -> None:
    subscriber = subscribers.get(entry.subscriber)
    if subscriber is None:
        ledger.change(entry, State.SUPPRESSED, "the subscriber is no longer in the file")
        return
    told = ledger.told_anew(entry.subscriber, entry.story_id or "")
    if entry.held_for is HeldFor.EMBARGO and not _still_new(entry, told, seen):
        ledger.change(entry, State.SUPPRESSED, "told meanwhile from another report")
        return
    candidate = Candidate(
        subscriber, entry.reason, entry.severity or 0, entry.story_id, entry.published_at, entry.embargoed_until
    )  # fmt: skip
    decision = decide(candidate, at)
    was_embargoed = entry.held_for is HeldFor.EMBARGO
    detail = decision.detail or (f"no longer held for {entry.held_for}" if entry.held_for else None)
    ledger.change(entry, decision.state, detail, held_for=decision.held_for, due_at=decision.due_at or at.now)
    if was_embargoed and decision.state in (State.QUEUED, State.HELD) and decision.held_for is not HeldFor.EMBARGO:
        _tell(told, entry, content, at.now)


def _still_new(entry: Entry, told: Told, seen: dict[tuple[str, str, str], bool]) -> bool:
    """Whether an embargoed message says more than was told while it waited; the same for all channels of a message."""
    message = (entry.subscriber, entry.reason, entry.cause)
    if message not in seen:
        seen[message] = told.severity == 0 or entry.reason == "corrected" or (entry.severity or 0) > told.severity
    return seen[message]


def _tell(told: Told, entry: Entry, content: str, now: datetime) -> None:
    said = json.loads(content)
    alert, dispatch, story = said.get("alert") or {}, said.get("dispatch") or {}, said.get("story") or {}
    told.tell(
        reason=entry.reason,
        item=item_key(entry.provider or "", entry.item_id or ""),
        severity=alert.get("severity", 0),
        rules=[rule["title"] for rule in alert.get("rules", []) if "title" in rule],
        providers=len(story.get("providers", [])),
        entry={"at": format_time(now), "severity": alert.get("severity"), "headline": dispatch.get("headline"),
               "provider": entry.provider},
    )  # fmt: skip


def _count(entry: Entry, report: DeliveryReport) -> None:
    if entry.state is State.HELD:
        report.held += 1
    elif entry.state is State.SUPPRESSED:
        report.suppressed += 1
    elif entry.state is State.EXPIRED:
        report.expired += 1
