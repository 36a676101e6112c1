"""If nobody acknowledges: reminders, to the subscriber or to those it escalates to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, select, update

from pipeline.notify.apart import each_apart
from pipeline.notify.entries import entries_for
from pipeline.notify.ledger import Ledger
from pipeline.notify.outbox import Entry, HeldFor, State
from pipeline.notify.subscribers import Escalation, Subscribers
from pipeline.notify.told import Told, heard_of
from pipeline.store import outbox_schema as schema


def arm(told: Told, escalation: Escalation | None, severity: int, now: datetime) -> None:
    """Start the clock of a story that somebody must acknowledge; one that was acknowledged stays so until it escalates."""
    if escalation is None or severity < escalation.min_severity or told.acknowledged_at is not None:
        return
    if told.remind_at is None and told.reminders == 0:
        told.remind_at = now + timedelta(minutes=escalation.after_minutes)
        told.changed = True


def remind(connection: Connection, subscribers: Subscribers, now: datetime, max_age: timedelta) -> int:
    """Write the reminders that are due, drop those that were due long ago; return how many stories were due."""
    table = schema.told
    query = (
        select(table.c.subscriber, table.c.story_id, table.c.remind_at)
        .where(table.c.remind_at <= now)
        .with_for_update(skip_locked=True)
    )
    due = connection.execute(query).all()
    if not due:
        return 0

    def remind_of(rows: Sequence[Any]) -> int:
        ledger = Ledger(connection, {row.story_id for row in rows}, now)
        for row in rows:
            told = ledger.told_anew(row.subscriber, row.story_id)
            if row.remind_at < now - max_age:
                told.remind_at, told.changed = None, True
            else:
                _remind(ledger, connection, told, subscribers)
        ledger.flush()
        return 0

    def give_up(row: Any, error: Exception) -> int:
        structlog.get_logger(__name__).error("a reminder cannot be written", story=row.story_id, problem=repr(error))
        mine = (table.c.subscriber == row.subscriber, table.c.story_id == row.story_id)
        return connection.execute(update(table).where(*mine).values(remind_at=None, updated_at=now)).rowcount

    each_apart(connection, due, remind_of, give_up)
    return len(due)


def _remind(ledger: Ledger, connection: Connection, told: Told, subscribers: Subscribers) -> None:
    told.remind_at, told.changed = None, True
    subscriber = subscribers.get(told.subscriber)
    escalation = subscriber.escalation if subscriber else None
    about = [entry for entry in ledger.entries(told.story_id, told.subscriber) if _tells_news(entry)]
    sent = [entry for entry in about if entry.may_be_known or entry.state is State.QUEUED]
    if escalation is None or subscriber is None or not about or told.severity == 0:
        return
    if not sent:  # it still waits for its hour
        told.remind_at = ledger.now + timedelta(minutes=escalation.after_minutes)
        return
    told.reminders += 1
    if told.reminders < escalation.times:
        told.remind_at = ledger.now + timedelta(minutes=escalation.after_minutes)
    name = escalation.to[min(told.reminders, len(escalation.to)) - 1] if escalation.to else subscriber.name
    receiver = subscribers.get(name)
    if receiver is None:
        return
    last = sent[-1]
    table = schema.outbox
    content = json.loads(connection.execute(select(table.c.content).where(table.c.key == last.key)).scalar_one())
    if "alert" not in content:
        return  # it was purged, or is too old to be kept
    minutes = escalation.after_minutes * told.reminders
    content["why"] = f"nobody has acknowledged this for {minutes:g} minutes; {subscriber.name} was told"
    content["reminder"] = {"number": told.reminders, "of": escalation.times, "for": subscriber.name}
    for entry in entries_for(receiver, told.story_id, "reminder", f"reminder:{subscriber.name}:{told.reminders}", ledger.now):
        entry.dispatch_id, entry.provider, entry.item_id = last.dispatch_id, last.provider, last.item_id
        entry.severity, entry.detail = told.severity, content["why"]
        entry.published_at = ledger.now
        ledger.add(entry, content)
    if receiver is not subscriber:
        passed_on = ledger.told_anew(receiver.name, told.story_id)
        for item, severity in told.items.items():
            provider, _, item_id = item.partition("\n")
            passed_on.tell(
                reason="reminder", item=item, severity=severity, rules=told.rules, providers=told.providers,
                entry=heard_of(provider, item_id, None, severity, ledger.now),
            )  # fmt: skip


def _tells_news(entry: Entry) -> bool:
    """Whether a message tells of a dispatch that stands and may be told."""
    withdrawn = entry.cancelled or entry.state is State.RETRACTED
    return entry.reason != "retracted" and entry.dispatch_id is not None and not withdrawn and entry.held_for is not HeldFor.EMBARGO
