"""When the notifier has something to do next: one look at all that waits for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.messages import CANARY_PROVIDER
from pipeline.notify.outbox import State
from pipeline.store import outbox_schema as schema
from pipeline.store.feeds import REVIEW_EVERY
from pipeline.store.feeds_schema import feeds


@lru_cache(maxsize=1)
def _next_moments() -> Any:
    table, told, canaries = schema.outbox, schema.told, schema.canaries

    def first(column: Any, *conditions: Any) -> Any:
        return select(func.min(column)).where(*conditions).scalar_subquery()

    return select(
        first(table.c.due_at, table.c.state == State.HELD.value),
        first(table.c.due_at, table.c.state == State.QUEUED.value),
        first(table.c.leased_until, table.c.state == State.SENDING.value),
        first(told.c.remind_at),
        first(feeds.c.reviewed_at),
        first(canaries.c.seen_at, canaries.c.name == CANARY_PROVIDER, canaries.c.alarmed_at.is_(None)),
    )


@dataclass(frozen=True)
class Agenda:
    """When something is due next; None = nothing of this kind waits for a time."""

    held: datetime | None
    queued: datetime | None
    leased: datetime | None
    reminder: datetime | None
    review: datetime | None
    """When feeds are looked at for holes and silence."""
    alarm: datetime | None
    """When operators are told that no canary has come."""

    @classmethod
    def read(cls, connection: Connection, canary_patience: timedelta | None) -> Agenda:
        """Look it up; without ``canary_patience`` no canary is watched for."""
        held, queued, leased, reminder, reviewed, seen = connection.execute(_next_moments()).one()
        return cls(
            held,
            queued,
            leased,
            reminder,
            review=reviewed + REVIEW_EVERY if reviewed is not None else None,
            alarm=seen + canary_patience if seen is not None and canary_patience is not None else None,
        )

    @property
    def next(self) -> datetime | None:
        """The first of all."""
        return _first(self.held, self.queued, self.leased, self.reminder, self.review, self.alarm)

    @property
    def attempt(self) -> datetime | None:
        """When a message may be claimed next."""
        return _first(self.queued, self.leased)


def is_due(at: datetime | None, now: datetime) -> bool:
    """Whether a moment has come; None never comes."""
    return at is not None and at <= now


def _first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
