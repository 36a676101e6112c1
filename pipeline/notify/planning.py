"""From events to messages, inside the transaction that stores the events."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from pipeline.messages import Event, Relation
from pipeline.notify.filtering import selected
from pipeline.notify.ledger import Ledger
from pipeline.notify.message import alert_content
from pipeline.notify.outbox import Entry, HeldFor, State, idempotency_key
from pipeline.notify.policy import Candidate, Circumstances, Decision, decide
from pipeline.notify.reasons import Reason, reason_for
from pipeline.notify.retraction import retract
from pipeline.notify.subscribers import Subscriber, Subscribers
from pipeline.notify.told import item_key
from pipeline.store import outbox_schema as schema
from pipeline.store.events import insert

_CHUNK = 400


class Planner:
    """Decides who is told about events."""

    def __init__(self, subscribers: Subscribers, max_age: timedelta) -> None:
        self.subscribers = subscribers
        self.max_age = max_age

    def plan(self, connection: Connection, events: Sequence[Event], now: datetime) -> int:
        """Write the messages that events cause; return how many. A redelivered event causes none."""
        fresh = _unseen(connection, [event for event in events if event.story is not None], now)
        if not fresh:
            return 0
        ledger = Ledger(connection, {str(event.story.id) for event in fresh if event.story}, now)
        for event in fresh:
            self._take(ledger, connection, event)
        ledger.flush()
        return len(ledger.new)

    def _take(self, ledger: Ledger, connection: Connection, event: Event) -> None:
        story = event.story
        assert story is not None  # noqa: S101 - events without a verdict were left out
        if story.relation is Relation.WITHDRAWAL:
            retract(ledger, connection, event, self.subscribers)
            return
        if story.relation is not Relation.DUPLICATE and story.current:
            _replace_waiting(ledger, event)
        for subscriber in self.subscribers.all:
            self._consider(ledger, event, subscriber)

    def _consider(self, ledger: Ledger, event: Event, subscriber: Subscriber) -> None:
        story, dispatch = event.story, event.dispatch
        assert story is not None  # noqa: S101 - events without a verdict were left out
        matches = selected(subscriber.filter, event)
        told = ledger.told(subscriber.name, str(story.id))
        if not matches and told is None:
            return
        reason = reason_for(event, matches, told, subscriber.confirmations)
        severity = max((match.severity for match in matches), default=0)
        item = item_key(dispatch.provider, dispatch.item_id)
        if reason is None:
            if told is not None and told.severity and (severity or story.relation is Relation.DUPLICATE) and story.current:
                told.note(item, severity)
            return
        weight = max(severity, told.severity if told else 0)
        candidate = Candidate(subscriber, reason.name, weight, str(story.id), dispatch.published_at or dispatch.received_at,
                              dispatch.embargoed_until)  # fmt: skip
        decision = decide(candidate, Circumstances(ledger.now, self.max_age))
        content = {"why": reason.why, **alert_content(event, matches, told)}
        if not _enter(ledger, event, subscriber, reason=reason, severity=weight, decision=decision, content=content):
            return
        if decision.state is State.EXPIRED or decision.held_for is HeldFor.EMBARGO:
            return
        entry = {"at": ledger.now.isoformat(), "severity": severity, "headline": dispatch.headline, "provider": dispatch.provider}
        rules = [match.title for match in matches]
        ledger.told_anew(subscriber.name, str(story.id)).tell(
            reason=reason.name, item=item, severity=severity, rules=rules, providers=len(story.providers), entry=entry
        )


def _enter(
    ledger: Ledger,
    event: Event,
    subscriber: Subscriber,
    *,
    reason: Reason,
    severity: int,
    decision: Decision,
    content: dict[str, Any],
) -> bool:
    """Write a row for each channel; whether any is new."""
    assert event.story is not None  # noqa: S101 - events without a verdict were left out
    added = False
    for entry in entries_for(subscriber, str(event.story.id), reason.name, reason.cause, ledger.now):
        entry.dispatch_id, entry.provider, entry.item_id = str(event.dispatch.id), event.dispatch.provider, event.dispatch.item_id
        entry.severity = severity
        entry.published_at = event.dispatch.published_at or event.dispatch.received_at
        entry.embargoed_until = event.dispatch.embargoed_until
        entry.state, entry.detail = decision.state, decision.detail or content["why"]
        entry.held_for, entry.due_at = decision.held_for, decision.due_at or ledger.now
        added |= ledger.add(entry, content)
    return added


def entries_for(subscriber: Subscriber, story_id: str | None, reason: str, cause: str, now: datetime) -> list[Entry]:
    """Make the rows of one message, one a channel."""
    return [
        Entry(
            key=idempotency_key(story_id, subscriber.name, subscriber.channel_name(number), reason, cause),
            subscriber=subscriber.name,
            channel=subscriber.channel_name(number),
            endpoint=hashlib.sha256(f"{channel.type} {channel.target}".encode()).hexdigest(),
            reason=reason,
            cause=cause,
            state=State.QUEUED,
            created_at=now,
            due_at=now,
            story_id=story_id,
        )
        for number, channel in enumerate(subscriber.channels)
    ]


def _replace_waiting(ledger: Ledger, event: Event) -> None:
    """Take messages about an older revision out, as long as they wait for their hour."""
    dispatch, story = event.dispatch, event.story
    assert story is not None  # noqa: S101 - events without a verdict were left out
    for entry in ledger.entries(str(story.id)):
        if (entry.provider, entry.item_id) != (dispatch.provider, dispatch.item_id):
            continue
        if entry.state is State.HELD and entry.unsent and entry.dispatch_id != str(dispatch.id):
            ledger.change(entry, State.SUPPRESSED, f"replaced by revision {dispatch.revision or dispatch.id} before it was sent")
            if not any(other.may_be_known for other in ledger.entries(str(story.id), entry.subscriber)):
                ledger.told_anew(entry.subscriber, str(story.id)).forget(item_key(dispatch.provider, dispatch.item_id))


def _unseen(connection: Connection, events: Sequence[Event], now: datetime) -> list[Event]:
    """Leave out receptions that have been planned before, and remember the others."""
    by_receipt = {str(event.receipt): event for event in events}
    receipts = list(by_receipt)
    table = schema.noticed
    for start in range(0, len(receipts), _CHUNK):
        chunk = receipts[start : start + _CHUNK]
        for receipt in connection.execute(select(table.c.receipt).where(table.c.receipt.in_(chunk))).scalars():
            del by_receipt[receipt]
    if by_receipt:
        rows = [
            {
                "receipt": receipt,
                "dispatch_id": str(event.dispatch.id),
                "provider": event.dispatch.provider,
                "item_id": event.dispatch.item_id,
                "at": now,
            }
            for receipt, event in by_receipt.items()
        ]
        connection.execute(insert(connection, table).on_conflict_do_nothing(index_elements=["receipt"]), rows)
    return list(by_receipt.values())
