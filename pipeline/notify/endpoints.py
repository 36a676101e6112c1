"""Health of endpoints: a circuit breaker for what keeps failing, an end for what is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from pipeline.notify.audit import record_entries
from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.outbox import State, entry_of
from pipeline.store import outbox_schema as schema
from pipeline.store.upsert import upsert

#: Failures in a row after which the circuit opens.
TOLERATED = 5
_FIRST_REST, _LONGEST_REST = timedelta(seconds=30), timedelta(minutes=10)


@dataclass(frozen=True)
class Health:
    """How an endpoint does."""

    endpoint: str
    failures: int = 0
    closed_until: datetime | None = None
    disabled: bool = False
    detail: str | None = None

    def after(self, attempt: Attempt, now: datetime) -> Health:
        """Take in the result of an attempt."""
        if attempt.outcome is Outcome.GONE:
            return replace(self, disabled=True, detail=attempt.detail)
        if attempt.outcome is not Outcome.RETRY:
            return Health(self.endpoint)  # it answers, so it lives, even where it refuses this message
        failures = self.failures + 1
        rest = min(_FIRST_REST * 2 ** min(failures - TOLERATED, 16), _LONGEST_REST) if failures >= TOLERATED else None
        asked = attempt.after
        waits = [wait for wait in (rest, asked) if wait]
        return Health(self.endpoint, failures, now + max(waits) if waits else None, detail=attempt.detail)


def read_health(connection: Connection, endpoints: Iterable[str] | None = None) -> dict[str, Health]:
    """Read the health of endpoints that are not simply well."""
    table = schema.endpoints
    query = select(table)
    if endpoints is not None:
        query = query.where(table.c.endpoint.in_(list(endpoints)))
    return {
        row.endpoint: Health(row.endpoint, row.failures, row.closed_until, row.disabled, row.detail)
        for row in connection.execute(query)
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
            "updated_at": now,
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
            keys = [entry.key for entry in gone]
            for start in range(0, len(keys), 400):
                chosen = table.c.key.in_(keys[start : start + 400])
                connection.execute(
                    update(table).where(chosen).values(state=State.FAILED.value, detail=gone[0].detail, updated_at=now)
                )
            record_entries(connection, gone, now)
        elif state.closed_until is not None and state.closed_until > now:
            detail = f"the endpoint rests until {state.closed_until:%H:%M:%S} UTC after {state.failures} failures: {state.detail}"
            connection.execute(update(table).where(*due).values(due_at=state.closed_until, detail=detail, updated_at=now))
    return ailing
