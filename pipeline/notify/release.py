"""Held messages whose time has come: decided anew, by the same steps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, select, update

from pipeline.notify.apart import each_apart
from pipeline.notify.delivery import DeliveryReport
from pipeline.notify.ledger import Ledger
from pipeline.notify.outbox import Entry, HeldFor, State
from pipeline.notify.policy import Candidate, Circumstances, Decision, decide
from pipeline.notify.reminders import arm
from pipeline.notify.silences import read_silences
from pipeline.notify.subscribers import Subscribers
from pipeline.notify.told import Told, heard_of, item_key, rules_of
from pipeline.store import outbox_schema as schema

_AT_ONCE = 2000


def release(connection: Connection, subscribers: Subscribers, now: datetime, max_age: timedelta, *, report: DeliveryReport) -> int:
    """Take held messages that are due through the policy, at most some thousand; return how many."""
    table = schema.outbox
    single = table.c.held_for.not_in([HeldFor.RATE.value, HeldFor.DIGEST.value])
    query = select(table.c.key, table.c.story_id, table.c.content).where(table.c.state == State.HELD.value, table.c.due_at <= now)
    due = {row.key: row for row in connection.execute(query.where(single).order_by(table.c.due_at, table.c.seq).limit(_AT_ONCE))}
    if not due:
        return 0

    def decide_all(stories: Sequence[str]) -> int:
        ledger = Ledger(connection, stories, now)
        at = Circumstances(now, max_age, read_silences(connection, now), ledger.rations)
        releasing = _Releasing(ledger, subscribers, at)
        for story_id in stories:
            for entry in ledger.entries(story_id):
                if entry.key in due and entry.state is State.HELD:
                    releasing.decide(entry, json.loads(due[entry.key].content))
                    _count(entry, report)
        ledger.flush()
        return 0

    def let_go(story: str, error: Exception) -> int:
        keys = [row.key for row in due.values() if row.story_id == story]
        return queue_undecided(connection, table.c.key.in_(keys), error, now)

    each_apart(connection, sorted({row.story_id for row in due.values()}), decide_all, let_go)
    return len(due)


def queue_undecided(connection: Connection, chosen: ColumnElement[bool], error: Exception, now: datetime) -> int:
    """Let held messages go that cannot be decided anew: their time has come, and rather in the wrong hour than never."""
    structlog.get_logger(__name__).error("held messages cannot be decided anew and go out as they are", problem=repr(error))
    table = schema.outbox
    values = {
        "state": State.QUEUED.value, "held_for": None, "due_at": now, "updated_at": now,
        "detail": f"could not be decided anew ({type(error).__name__}) and goes out as it is",
    }  # fmt: skip
    return connection.execute(update(table).where(table.c.state == State.HELD.value, chosen).values(**values)).rowcount


class _Releasing:
    """Decides held messages; all channels of a message go the same way."""

    def __init__(self, ledger: Ledger, subscribers: Subscribers, at: Circumstances) -> None:
        self._ledger, self._subscribers, self._at = ledger, subscribers, at
        self._decided: dict[tuple[str, str | None, str, str], Decision] = {}

    def decide(self, entry: Entry, content: dict[str, Any]) -> None:
        """Move one message on."""
        message = (entry.subscriber, entry.story_id, entry.reason, entry.cause)
        if message not in self._decided:
            self._decided[message] = self._decision(entry, content)
        decision = self._decided[message]
        detail = decision.detail or f"no longer held for {entry.held_for}"
        self._ledger.change(entry, decision.state, detail, held_for=decision.held_for, due_at=decision.due_at or self._at.now)

    def _decision(self, entry: Entry, content: dict[str, Any]) -> Decision:
        subscriber = self._subscribers.get(entry.subscriber)
        if subscriber is None:
            return Decision(State.SUPPRESSED, "the subscriber is no longer in the file")
        told = self._ledger.told_anew(entry.subscriber, entry.story_id or "")
        embargoed = entry.held_for is HeldFor.EMBARGO
        if embargoed and told.severity and entry.reason != "corrected" and (entry.severity or 0) <= told.severity:
            return Decision(State.SUPPRESSED, "told meanwhile from another report")
        dispatch, rules = content.get("dispatch") or {}, (content.get("alert") or {}).get("rules", [])
        candidate = Candidate(
            subscriber=subscriber, reason=entry.reason, severity=entry.severity or 0, story_id=entry.story_id,
            published_at=entry.published_at, embargoed_until=entry.embargoed_until,
            rules=[(rule["rule"], rule.get("title", "")) for rule in rules],
            provider=entry.provider, countries=dispatch.get("countries", []),
        )  # fmt: skip
        decision = decide(candidate, self._at)
        if embargoed and decision.state in (State.QUEUED, State.HELD) and decision.held_for is not HeldFor.EMBARGO:
            _tell(told, entry, content, self._at.now)
            arm(told, subscriber.escalation, entry.severity or 0, decision.due_at or self._at.now)
        return decision


def _tell(told: Told, entry: Entry, said: dict[str, Any], now: datetime) -> None:
    alert, dispatch, story = said.get("alert") or {}, said.get("dispatch") or {}, said.get("story") or {}
    severity = alert.get("severity", 0)
    told.tell(
        reason=entry.reason,
        item=item_key(entry.provider or "", entry.item_id or ""),
        severity=severity,
        rules=rules_of(said),
        providers=len(story.get("providers", [])),
        entry=heard_of(entry.provider, entry.item_id, dispatch.get("headline"), severity, now),
    )


def _count(entry: Entry, report: DeliveryReport) -> None:
    if entry.state is State.HELD:
        report.held += 1
    elif entry.state is State.SUPPRESSED:
        report.suppressed += 1
    elif entry.state is State.EXPIRED:
        report.expired += 1
