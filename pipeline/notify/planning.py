"""From events to messages, inside the transaction that stores the events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from pipeline.messages import Event, Relation, RuleMatch
from pipeline.notify.apart import each_apart
from pipeline.notify.canary import is_canary, note_canaries
from pipeline.notify.entries import entries_for
from pipeline.notify.filtering import selected
from pipeline.notify.ledger import Ledger
from pipeline.notify.message import alert_content, countries_of
from pipeline.notify.operators import tell_operators
from pipeline.notify.outbox import HeldFor, State
from pipeline.notify.policy import Candidate, Circumstances, Decision, decide
from pipeline.notify.reasons import Reason, reason_for, undated_embargo
from pipeline.notify.reminders import arm
from pipeline.notify.retraction import retract
from pipeline.notify.silences import read_silences
from pipeline.notify.stored import newest_standing, stored_event
from pipeline.notify.subscribers import Subscriber, Subscribers
from pipeline.notify.told import heard_of, item_key, rules_of
from pipeline.notify.unplanned import report_unplanned
from pipeline.store import outbox_schema as schema
from pipeline.store.database import chunked
from pipeline.store.upsert import insert_missing

_NOTICED = select(schema.noticed.c.receipt).where(schema.noticed.c.receipt.in_(bindparam("receipts", expanding=True)))
_DEFERRED = frozenset({HeldFor.INACTIVE, HeldFor.QUIET, HeldFor.SILENCE, HeldFor.DIGEST})


class Planner:
    """Decides who is told about events."""

    def __init__(self, subscribers: Subscribers, max_age: timedelta) -> None:
        self.subscribers = subscribers
        self.max_age = max_age

    def plan(
        self,
        connection: Connection,
        events: Sequence[Event],
        now: datetime,
        failed: Callable[[Event, Exception], int] | None = None,
    ) -> int:
        """Write the messages that events cause; return how many. A redelivered event causes none.

        An event that cannot be planned does not stop the others: ``failed`` hears of it, or its bytes are kept and operators told.
        """
        failed = failed or (lambda event, error: report_unplanned(connection, self.subscribers, event, error, now))
        note_canaries(connection, [event for event in events if is_canary(event)], now)
        news = [event for event in events if event.story is not None and not is_canary(event)]
        return each_apart(connection, news, lambda some: self._plan(connection, some, now), failed)

    def _plan(self, connection: Connection, events: Sequence[Event], now: datetime) -> int:
        fresh = _unseen(connection, events, now)
        if not fresh:
            return 0
        ledger = Ledger(connection, {str(event.story.id) for event in fresh if event.story}, now)
        at = Circumstances(now, self.max_age, read_silences(connection, now), ledger.rations)
        for event in fresh:
            self._take(ledger, connection, event, at)
        ledger.flush()
        return len(ledger.new)

    def _take(self, ledger: Ledger, connection: Connection, event: Event, at: Circumstances) -> None:
        story = event.story
        assert story is not None  # noqa: S101 - events without a verdict were left out
        if story.asks or story.unresolved:
            self._ask_operators(connection, event, at.now)
        if story.relation is Relation.WITHDRAWAL:
            for subscriber in retract(ledger, connection, event, self.subscribers):
                self._tell_what_stands(ledger, connection, event, subscriber, at)
            if not undated_embargo(event):
                return
        elif story.relation is not Relation.DUPLICATE and story.current:
            _replace_waiting(ledger, event)
        for subscriber in self.subscribers.all:
            if story.relation is Relation.DUPLICATE and _waits_for_providers(ledger, event, subscriber):
                self._tell_original(ledger, connection, event, subscriber, at)
            else:
                _consider(ledger, event, subscriber, at)

    def _ask_operators(self, connection: Connection, event: Event, now: datetime) -> None:
        """Tell the desk of a kill or correction whose words do not tell what it is about, or name what has left the window."""
        dispatch, story = event.dispatch, event.story
        assert story is not None  # noqa: S101 - events without a verdict were left out
        why = f"{dispatch.provider} “{dispatch.headline or dispatch.item_id}”: {story.reason}"
        why += f" ({len(story.unresolved)} possible)" if story.unresolved else ""
        tell_operators(connection, self.subscribers, f"unresolved:{dispatch.id}", why, now)

    def _tell_what_stands(
        self, ledger: Ledger, connection: Connection, withdrawal: Event, subscriber: Subscriber, at: Circumstances
    ) -> None:
        """Tell a subscriber whose waiting message was withdrawn what other agencies report; it was left out as a repeat."""
        assert withdrawal.story is not None  # noqa: S101 - events without a verdict were left out
        told = ledger.told_anew(subscriber.name, str(withdrawal.story.id))
        standing = newest_standing(connection, told.story_id, told.items)
        told.reset()
        if standing is not None:
            _consider(ledger, standing, subscriber, at)

    def _tell_original(
        self, ledger: Ledger, connection: Connection, copy: Event, subscriber: Subscriber, at: Circumstances
    ) -> None:
        """Tell a subscriber who asks for several agencies, now that a copy makes them enough."""
        story = copy.story
        original = stored_event(connection, str(story.of)) if story is not None and story.of is not None else None
        if original is None or original.story is None or story is None:
            return
        original.story.providers = story.providers
        _consider(ledger, original, subscriber, at)


def _waits_for_providers(ledger: Ledger, copy: Event, subscriber: Subscriber) -> bool:
    story = copy.story
    assert story is not None  # noqa: S101 - events without a verdict were left out
    if not 1 < subscriber.filter.min_providers <= len(story.providers):
        return False
    told = ledger.told(subscriber.name, str(story.id))
    return told is None or told.severity == 0


def _consider(ledger: Ledger, event: Event, subscriber: Subscriber, at: Circumstances) -> None:
    story, dispatch = event.story, event.dispatch
    assert story is not None  # noqa: S101 - events without a verdict were left out
    matches = selected(subscriber.filter, event)
    told = ledger.told(subscriber.name, str(story.id))
    if not matches and told is None:
        return
    severity = max((match.severity for match in matches), default=0)
    reason = reason_for(event, matches, told, subscriber.confirmations)
    if reason is None:
        if told is not None and told.severity and (severity or story.relation is Relation.DUPLICATE) and story.current:
            told.note(item_key(dispatch.provider, dispatch.item_id), severity)
        return
    candidate = candidate_of(event, matches, subscriber, reason.name, max(severity, told.severity if told else 0))
    decision = decide(candidate, at)
    goes_on = decision.state is not State.EXPIRED and decision.held_for is not HeldFor.EMBARGO
    if goes_on:
        reason = _take_in_waiting(ledger, candidate, reason)
    content = alert_content(event, matches, told, reason.why)
    if not _enter(ledger, event, candidate, reason=reason, decision=decision, content=content) or not goes_on:
        return
    state = ledger.told_anew(subscriber.name, str(story.id))
    state.tell(
        reason=reason.name, item=item_key(dispatch.provider, dispatch.item_id), severity=severity,
        rules=rules_of(content), providers=len(story.providers),
        entry=heard_of(dispatch.provider, dispatch.item_id, dispatch.headline, severity, at.now),
    )  # fmt: skip
    if reason.name == "escalated":
        state.acknowledged_at, state.reminders, state.remind_at = None, 0, None
    arm(state, subscriber.escalation, candidate.severity, decision.due_at or at.now)


def candidate_of(event: Event, matches: Sequence[RuleMatch], subscriber: Subscriber, reason: str, severity: int) -> Candidate:
    """Describe a message that an event may cause, for the policy."""
    story, dispatch = event.story, event.dispatch
    assert story is not None  # noqa: S101 - events without a verdict were left out
    return Candidate(
        subscriber=subscriber,
        reason=reason,
        severity=severity,
        story_id=str(story.id),
        published_at=dispatch.published_at or dispatch.received_at,
        embargoed_until=dispatch.embargoed_until,
        rules=[(match.rule, match.title) for match in matches],
        provider=dispatch.provider,
        countries=countries_of(event),
        undated_embargo=undated_embargo(event),
    )


def _take_in_waiting(ledger: Ledger, candidate: Candidate, reason: Reason) -> Reason:
    """Let a message stand for those about its story that wait for a quieter hour; where none was sent, it is the first."""
    entries = ledger.entries(candidate.story_id or "", candidate.subscriber.name)
    waiting = [entry for entry in entries if entry.state is State.HELD and entry.unsent and entry.held_for in _DEFERRED]
    for entry in waiting:
        ledger.change(entry, State.SUPPRESSED, "a later message says it too")
    known = any(entry.may_be_known or entry.state is State.QUEUED or entry.held_for is HeldFor.RATE for entry in entries)
    if waiting and not known:
        return Reason("first", reason.cause, reason.why)
    return reason


def _enter(
    ledger: Ledger, event: Event, candidate: Candidate, *, reason: Reason, decision: Decision, content: dict[str, Any]
) -> bool:
    """Write a row for each channel; whether any is new."""
    added = False
    for entry in entries_for(candidate.subscriber, candidate.story_id, reason.name, reason.cause, ledger.now):
        entry.dispatch_id, entry.provider, entry.item_id = str(event.dispatch.id), event.dispatch.provider, event.dispatch.item_id
        entry.severity = candidate.severity
        entry.published_at, entry.embargoed_until = candidate.published_at, candidate.embargoed_until
        entry.state, entry.detail = decision.state, decision.detail or content["why"]
        entry.held_for = decision.held_for
        entry.due_at = decision.due_at if decision.state is State.HELD else ledger.now
        added |= ledger.add(entry, content)
    return added


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
    for chunk in chunked(receipts):
        for receipt in connection.execute(_NOTICED, {"receipts": chunk}).scalars():
            del by_receipt[receipt]
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
    insert_missing(connection, table, ["receipt"], rows)
    return list(by_receipt.values())
