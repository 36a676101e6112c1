"""Claiming what is due, and noting what became of it: two short transactions around the sending."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select, update

from pipeline.notify import measures
from pipeline.notify.audit import record_entries
from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.endpoints import TOLERATED, Health, park, read_health, write_health
from pipeline.notify.outbox import Entry, State, entry_of
from pipeline.store import outbox_schema as schema

#: When an attempt that failed is repeated; after the last one the message has failed.
RETRIES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 6 * 3600, 24 * 3600))
_JITTER = 0.2


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


@dataclass(frozen=True)
class Holder:
    """Who claims, and for how long; a claim of a process that has died is free when its lease ends."""

    owner: str
    lease: timedelta


def claim(connection: Connection, now: datetime, holder: Holder, limit: int, *, full: Collection[str] = ()) -> list[Claim]:
    """Take messages that are due, retractions first; counts the attempt before it is made.

    Never two messages about one story to one channel at a time: an alert must not overtake its retraction. Endpoints in
    ``full`` get none.
    """
    table = schema.outbox
    ailing = park(connection, now)
    other = table.alias()
    busy = exists().where(
        other.c.subscriber == table.c.subscriber,
        other.c.channel == table.c.channel,
        other.c.story_id == table.c.story_id,
        or_(
            and_(other.c.state == State.SENDING.value, other.c.leased_until > now),
            and_(table.c.priority > 0, other.c.seq < table.c.seq, other.c.state == State.QUEUED.value, other.c.due_at <= now),
        ),
    )
    due = or_(
        and_(table.c.state == State.QUEUED.value, table.c.due_at <= now),
        and_(table.c.state == State.SENDING.value, table.c.leased_until <= now),
    )
    query = select(table).where(due, ~busy).order_by(table.c.priority, table.c.due_at, table.c.seq).limit(limit)
    if full:
        query = query.where(table.c.endpoint.not_in(list(full)))
    rows = connection.execute(query.with_for_update(skip_locked=True, of=table)).all()
    claims, dropped, probed = [], [], set()
    for row in rows:
        entry = entry_of(row)
        if entry.cancelled:
            entry.state, entry.detail = State.RETRACTED, "withdrawn while it was being sent"
            dropped.append(entry)
            continue
        if entry.endpoint in ailing and ailing[entry.endpoint].failures >= TOLERATED:
            if entry.endpoint in probed:
                continue  # an endpoint that has rested is tried with one message
            probed.add(entry.endpoint)
        entry.state, entry.attempt = State.SENDING, entry.attempt + 1
        entry.lease_owner, entry.leased_until = holder.owner, now + holder.lease
        claims.append(Claim(entry, row.content))
    write_entries(connection, [*dropped, *(each.entry for each in claims)], now)
    record_entries(connection, dropped, now)
    return claims


def settle(
    connection: Connection, results: Sequence[tuple[Entry, Attempt]], now: datetime, owner: str, *, report: DeliveryReport
) -> None:
    """Note what attempts came to, and how the endpoints do."""
    kept: list[Entry] = []
    known = read_health(connection, {entry.endpoint for entry, _ in results})
    health = dict(known)
    for entry, attempt in results:
        health[entry.endpoint] = health.get(entry.endpoint, Health(entry.endpoint)).after(attempt, now)
    write_health(connection, [state for name, state in health.items() if state != known.get(name, Health(name))], now)
    cancelled = _cancelled(connection, [entry.key for entry, _ in results], owner)
    for entry, attempt in results:
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
    table = schema.outbox
    query = select(table.c.key, table.c.cancelled).where(
        table.c.key.in_(keys), table.c.lease_owner == owner, table.c.state == State.SENDING.value
    )
    return {row.key: row.cancelled for row in connection.execute(query.order_by(table.c.seq).with_for_update())}


def write_entries(connection: Connection, entries: Collection[Entry], now: datetime) -> None:
    """Store how messages stand."""
    if not entries:
        return
    names = ("state", "detail", "held_for", "due_at", "attempt", "lease_owner", "leased_until", "reason")
    table = schema.outbox
    values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in names}
    change = update(table).where(table.c.key == bindparam("row")).values(**values, updated_at=now)
    rows = [{"row": entry.key, **{f"to_{name}": getattr(entry, name) for name in names}} for entry in entries]
    connection.execute(change, rows)


def next_due(connection: Connection) -> datetime | None:
    """When the outbox wants to be looked at again; None where nothing waits for a time."""
    table = schema.outbox
    queued = select(func.min(table.c.due_at)).where(table.c.state.in_([State.QUEUED.value, State.HELD.value]))
    leased = select(func.min(table.c.leased_until)).where(table.c.state == State.SENDING.value)
    moments = [moment for query in (queued, leased) if (moment := connection.execute(query).scalar()) is not None]
    reminder = connection.execute(select(func.min(schema.told.c.remind_at))).scalar()
    return min([*moments, *([reminder] if reminder else [])], default=None)
