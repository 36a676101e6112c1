"""Claiming what is due, and noting what became of it: two short transactions around the sending."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Connection, and_, bindparam, exists, or_, select, update

from pipeline.notify import measures
from pipeline.notify.audit import record_entries
from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.endpoints import Health, park, read_health, write_health
from pipeline.notify.lanes import Lanes
from pipeline.notify.outbox import Entry, State, entry_of
from pipeline.notify.policy import EXEMPT
from pipeline.store import outbox_schema as schema

#: When an attempt that failed is repeated; after the last one the message has failed.
RETRIES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 6 * 3600, 24 * 3600))
_JITTER = 0.2
# Messages that are looked at together.
_AT_A_TIME = 16


@dataclass
class DeliveryReport:
    """What one round of deliveries came to."""

    delivered: int = 0
    retrying: int = 0
    failed: int = 0
    suppressed: int = 0
    held: int = 0
    expired: int = 0
    failures: list[str] = field(default_factory=list)
    """One line for each message that failed or will be tried again."""

    @property
    def tried(self) -> int:
        """Attempts made."""
        return self.delivered + self.retrying + self.failed


@dataclass(frozen=True)
class Claim:
    """A message that this process alone may send for now, and what it says."""

    entry: Entry
    content: str
    began: datetime


@dataclass(frozen=True)
class Holder:
    """Who claims, and for how long; a claim of a process that has died is free when its lease ends."""

    owner: str
    lease: timedelta


@lru_cache(maxsize=1)
def _due_messages() -> Any:
    table = schema.outbox
    other, now = table.alias(), bindparam("now", type_=table.c.due_at.type)
    queued, sending = State.QUEUED.value, State.SENDING.value
    busy = exists().where(
        other.c.subscriber == table.c.subscriber,
        other.c.channel == table.c.channel,
        other.c.story_id == table.c.story_id,
        or_(
            and_(other.c.state == sending, other.c.leased_until > now),
            and_(table.c.priority > 0, other.c.seq < table.c.seq, other.c.state == queued, other.c.due_at <= now),
        ),
    )
    due = or_(and_(table.c.state == queued, table.c.due_at <= now), and_(table.c.state == sending, table.c.leased_until <= now))
    alerts = bindparam("alerts", type_=Boolean)
    free = or_(
        and_(table.c.priority == 0, table.c.endpoint.not_in(bindparam("full", expanding=True))),
        and_(
            table.c.priority > 0,
            table.c.endpoint.not_in(bindparam("full_of_alerts", expanding=True)),
            alerts,
        ),
    )
    query = select(table).where(due, ~busy, free).order_by(table.c.priority, table.c.due_at, table.c.seq).limit(bindparam("most"))
    return query.with_for_update(skip_locked=True, of=table)


def claim(
    connection: Connection, now: datetime, holder: Holder, max_age: timedelta, lanes: Lanes
) -> tuple[list[Claim], list[Entry]]:
    """Take messages that are due, retractions first, and count the attempt before it is made; return also those given up.

    Never two messages about one story to one channel at a time: an alert must not overtake its retraction.
    """
    lanes.ailing = park(connection, now)
    claims: list[Claim] = []
    dropped: list[Entry] = []
    while lanes.free:
        found, given_up, more = _take(connection, now, holder, max_age, lanes)
        claims += found
        dropped += given_up
        if not more or not (found or given_up):
            break
    record_entries(connection, dropped, now)
    return claims, dropped


def _take(
    connection: Connection, now: datetime, holder: Holder, max_age: timedelta, lanes: Lanes
) -> tuple[list[Claim], list[Entry], bool]:
    """Claim the first messages that are due; the third value says whether it is worth while to look behind them."""
    claims: list[Claim] = []
    dropped: list[Entry] = []
    stories: set[tuple[str, str, str | None]] = set()
    left = False
    limits = {
        "now": now, "full": lanes.full(urgent=True), "full_of_alerts": lanes.full(urgent=False), "alerts": lanes.alerts_free,
        "most": min(lanes.free, _AT_A_TIME),
    }  # fmt: skip
    rows = connection.execute(_due_messages(), limits).all()
    for row in rows:
        entry = entry_of(row)
        if entry.cancelled:
            entry.state, entry.detail = State.RETRACTED, "withdrawn while it was being sent"
        elif is_stale(entry, now, max_age):
            entry.state = State.EXPIRED
            entry.detail = f"planned at {entry.created_at:%Y-%m-%d %H:%M} UTC and not sent in time"
        if entry.state in (State.RETRACTED, State.EXPIRED):
            dropped.append(entry)
            continue
        about = (entry.subscriber, entry.channel, entry.story_id)
        if entry.story_id is not None and about in stories:
            continue
        if not lanes.take(entry):
            left = True
            continue
        stories.add(about)
        entry.state, entry.attempt = State.SENDING, entry.attempt + 1
        entry.lease_owner, entry.leased_until = holder.owner, now + holder.lease
        claims.append(Claim(entry, row.content, now))
    write_entries(connection, [*dropped, *(each.entry for each in claims)], now)
    # Behind what found no lane may stand messages to other endpoints.
    more = lanes.look_behind() if left else len(rows) == _AT_A_TIME
    return claims, dropped, more


def is_stale(entry: Entry, now: datetime, max_age: timedelta) -> bool:
    """Whether a message was published too long ago and never tried, or has been due for too long.

    So nobody is paged for last week after an old database is restored. Retractions have no age; what an operator sends again is
    due from then on.
    """
    if entry.reason in EXEMPT:
        return False
    moments = [moment for moment in (entry.published_at, entry.embargoed_until) if moment is not None]
    overdue = entry.due_at is not None and now - entry.due_at > max_age
    return overdue or (entry.attempt == 0 and bool(moments) and now - max(moments) > max_age)


def settle(
    connection: Connection, results: Sequence[tuple[Claim, Attempt]], now: datetime, owner: str, *, report: DeliveryReport
) -> None:
    """Note what attempts came to, and how the endpoints do."""
    kept: list[Entry] = []
    known = read_health(connection, {claimed.entry.endpoint for claimed, _ in results})
    health = dict(known)
    for claimed, attempt in results:
        endpoint = claimed.entry.endpoint
        health[endpoint] = health.get(endpoint, Health(endpoint)).after(attempt, claimed.began, now)
    write_health(connection, [state for name, state in health.items() if state != known.get(name, Health(name))], now)
    cancelled = _cancelled(connection, [claimed.entry.key for claimed, _ in results], owner)
    for claimed, attempt in results:
        entry = claimed.entry
        if entry.key not in cancelled:
            continue  # the lease ran out and another process has the message
        entry.cancelled = cancelled[entry.key]
        measures.ATTEMPTS.labels(attempt.outcome.value).inc()
        _apply(entry, attempt, now)
        kept.append(entry)
        _measure(entry, now)
        name = f"{entry.subscriber}/{entry.channel}: {attempt.detail}"
        if entry.state is State.DELIVERED:
            report.delivered += 1
        elif entry.state is State.QUEUED:
            report.retrying += 1
            report.failures.append(f"{name}; next attempt at {entry.due_at:%Y-%m-%d %H:%M:%S} UTC")
        else:
            report.failed += 1
            report.failures.append(name)
    write_entries(connection, kept, now)
    record_entries(connection, kept, now)


def _measure(entry: Entry, now: datetime) -> None:
    if entry.state is State.QUEUED:
        return
    measures.SETTLED.labels(entry.reason, entry.state.value).inc()
    if entry.state is State.DELIVERED:
        measures.DELIVERY_SECONDS.observe(max(0.0, (now - entry.created_at).total_seconds()))


def _apply(entry: Entry, attempt: Attempt, now: datetime) -> None:
    entry.lease_owner = entry.leased_until = None
    entry.detail = attempt.detail
    if attempt.outcome is Outcome.DELIVERED:
        entry.state = State.DELIVERED
    elif entry.cancelled:
        entry.state, entry.detail = State.RETRACTED, f"withdrawn while it was being sent; {attempt.detail}"
    elif attempt.outcome is Outcome.RETRY and entry.attempt <= len(RETRIES):
        wait = RETRIES[entry.attempt - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load, no secret
        entry.state, entry.due_at = State.QUEUED, now + max(wait, attempt.after or timedelta(0))
    else:
        entry.state = State.FAILED


def _cancelled(connection: Connection, keys: Sequence[str], owner: str) -> dict[str, bool]:
    """Which of the messages this process still holds, and whether they were withdrawn meanwhile."""
    return {row.key: row.cancelled for row in connection.execute(_held_messages(), {"keys": keys, "owner": owner})}


@lru_cache(maxsize=1)
def _held_messages() -> Any:
    table = schema.outbox
    query = select(table.c.key, table.c.cancelled).where(
        table.c.key.in_(bindparam("keys", expanding=True)),
        table.c.lease_owner == bindparam("owner"),
        table.c.state == State.SENDING.value,
    )
    return query.order_by(table.c.seq).with_for_update()


_WRITTEN = ("state", "detail", "held_for", "due_at", "attempt", "lease_owner", "leased_until", "reason", "updated_at")


@lru_cache(maxsize=1)
def _change() -> Any:
    table = schema.outbox
    values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in _WRITTEN}
    return update(table).where(table.c.key == bindparam("row")).values(**values)


def write_entries(connection: Connection, entries: Collection[Entry], now: datetime) -> None:
    """Store how messages stand."""
    if not entries:
        return
    for entry in entries:
        entry.updated_at = now
    connection.execute(
        _change(), [{"row": entry.key, **{f"to_{name}": getattr(entry, name) for name in _WRITTEN}} for entry in entries]
    )
