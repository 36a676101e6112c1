"""Health of endpoints: a circuit breaker for what keeps failing, an end for what is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select, update

from pipeline.notify.audit import record_entries
from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.outbox import State, entry_of
from pipeline.store import outbox_schema as schema
from pipeline.store.database import chunked
from pipeline.store.upsert import upsert

#: Failures in a row after which the circuit opens.
TOLERATED = 5
_FIRST_REST, _LONGEST_REST = timedelta(seconds=30), timedelta(minutes=10)

_ALL = select(schema.endpoints)
_SOME = _ALL.where(schema.endpoints.c.endpoint.in_(bindparam("endpoints", expanding=True)))


@dataclass(frozen=True)
class Health:
    """How an endpoint does."""

    endpoint: str
    failures: int = 0
    closed_until: datetime | None = None
    disabled: bool = False
    detail: str | None = None
    failed_at: datetime | None = None
    """When the last failure that counts was noted."""

    def after(self, attempt: Attempt, began: datetime, now: datetime) -> Health:
        """Take in the result of an attempt.

        Attempts that began before the last failure was noted belong to its moment: all of them count as one.
        """
        if attempt.outcome is Outcome.GONE:
            return replace(self, disabled=True, detail=attempt.detail)
        if attempt.outcome is not Outcome.RETRY:
            return Health(self.endpoint)  # it answers, so it lives, even where it refuses this message
        asked = now + attempt.after if attempt.after else None
        if self.failures and self.failed_at is not None and began <= self.failed_at:
            return replace(self, closed_until=_later(self.closed_until, asked))
        failures = self.failures + 1
        rest = min(_FIRST_REST * 2 ** min(failures - TOLERATED, 16), _LONGEST_REST) if failures >= TOLERATED else None
        closed_until = _later(now + rest if rest else None, asked)
        return Health(self.endpoint, failures, closed_until, detail=attempt.detail, failed_at=now)

    def puts_off(self, now: datetime) -> bool:
        """Whether it is left alone for now."""
        return self.closed_until is not None and self.closed_until > now

    @property
    def tries_retractions(self) -> bool:
        """Whether retractions go out all the same: it rests because it failed, and did not ask to be left alone."""
        return self.failures >= TOLERATED


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)


def read_health(connection: Connection, endpoints: Iterable[str] | None = None) -> dict[str, Health]:
    """Read the health of endpoints that are not simply well."""
    rows = connection.execute(_ALL) if endpoints is None else connection.execute(_SOME, {"endpoints": list(endpoints)})
    return {
        row.endpoint: Health(row.endpoint, row.failures, row.closed_until, row.disabled, row.detail, row.updated_at) for row in rows
    }


def write_health(connection: Connection, states: Iterable[Health], now: datetime) -> None:
    """Store the health of endpoints."""
    rows = [
        {
            "endpoint": state.endpoint,
            "failures": state.failures,
            "closed_until": state.closed_until,
            "disabled": state.disabled,
            "detail": state.detail,
            "updated_at": state.failed_at or now,
        }
        for state in states
    ]
    upsert(connection, schema.endpoints, ["endpoint"], rows)


def park(connection: Connection, now: datetime) -> dict[str, Health]:
    """Put messages to resting endpoints off, fail those to endpoints that are gone; return the health of all that ail."""
    table = schema.outbox
    ailing = read_health(connection)
    for state in ailing.values():
        due = (table.c.endpoint == state.endpoint, table.c.state == State.QUEUED.value, table.c.due_at <= now)
        if state.disabled:
            gone = [entry_of(row) for row in connection.execute(select(table).where(*due).with_for_update(skip_locked=True))]
            for entry in gone:
                entry.state = State.FAILED
                entry.detail = f"the endpoint is disabled: {state.detail}; `wirefeed notifications redrive` enables it"
            for keys in chunked([entry.key for entry in gone]):
                chosen = update(table).where(table.c.key.in_(keys))
                connection.execute(chosen.values(state=State.FAILED.value, detail=gone[0].detail, updated_at=now))
            record_entries(connection, gone, now)
        elif state.closed_until is not None and state.puts_off(now):
            detail = f"the endpoint rests until {state.closed_until:%H:%M:%S} UTC after {state.failures} failures: {state.detail}"
            put_off = [*due, table.c.priority > 0] if state.tries_retractions else due
            connection.execute(update(table).where(*put_off).values(due_at=state.closed_until, detail=detail, updated_at=now))
    return ailing
