"""A token bucket for each subscriber; once it is empty, everything waits for one summary."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from pipeline.store import outbox_schema as schema
from pipeline.store.upsert import upsert

PERIOD = timedelta(minutes=1)


@dataclass
class Ration:
    """State of a subscriber's bucket."""

    subscriber: str
    tokens: float
    at: datetime
    overflow_since: datetime | None = None
    changed: bool = False

    def take(self, per_minute: int, now: datetime) -> datetime | None:
        """Take one token; None = go, else when the summary is due.

        The bucket does not open again before the summary has gone out, so that a storm is some messages and one summary.
        """
        self.changed = True
        if self.overflow_since is not None and now < self.overflow_since + PERIOD:
            return self.overflow_since + PERIOD
        if self.overflow_since is not None:
            self.overflow_since = None
        passed = max((now - self.at).total_seconds(), 0.0)
        self.tokens = min(float(per_minute), self.tokens + per_minute * passed / PERIOD.total_seconds())
        self.at = max(self.at, now)
        if self.tokens >= 1:
            self.tokens -= 1
            return None
        self.overflow_since = now
        return now + PERIOD


class Rations:
    """The buckets of a transaction, read when they are needed."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection, self._now = connection, now
        self._known: dict[str, Ration] = {}

    def take(self, subscriber: str, per_minute: int) -> datetime | None:
        """Take one token of a subscriber; see `Ration.take`."""
        if subscriber not in self._known:
            self._known[subscriber] = self._read(subscriber, per_minute)
        return self._known[subscriber].take(per_minute, self._now)

    def _read(self, subscriber: str, per_minute: int) -> Ration:
        table = schema.rations
        row = self._connection.execute(select(table).where(table.c.subscriber == subscriber).with_for_update()).first()
        if row is None:
            return Ration(subscriber, float(per_minute), self._now)
        return Ration(subscriber, row.tokens, row.at, row.overflow_since)

    def flush(self) -> None:
        """Write buckets that changed."""
        write_rations(self._connection, [ration for ration in self._known.values() if ration.changed])


def write_rations(connection: Connection, rations: Collection[Ration]) -> None:
    """Store buckets."""
    rows = [{name: getattr(each, name) for name in ("subscriber", "tokens", "at", "overflow_since")} for each in rations]
    upsert(connection, schema.rations, ["subscriber"], rows)
