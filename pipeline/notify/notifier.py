"""The notifier: from finished events to people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TextIO
from uuid import uuid4

from sqlalchemy import Connection

from pipeline.messages import Event, format_time
from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.channels.post import PostOffice
from pipeline.notify.delivery import Claim, DeliveryReport, claim, next_due, settle
from pipeline.notify.planning import Planner
from pipeline.notify.release import release
from pipeline.notify.subscribers import Subscribers
from pipeline.settings import NotifySettings
from pipeline.store.database import Store

_CLAIMED_AT_ONCE = 64
_SENDERS = 16


class Notifier:
    """Plans messages in the engine's transaction and delivers what is due.

    Several may run on one PostgreSQL; `deliver_due` may be called from any thread, one call at a time does the work.
    """

    def __init__(self, store: Store, subscribers: Subscribers, settings: NotifySettings, *, console: TextIO | None = None) -> None:
        self._store = store
        self._settings = settings
        self._subscribers = subscribers
        self._max_age = timedelta(hours=settings.max_age_hours)
        self._lease = timedelta(seconds=4 * settings.timeout_seconds + 30)
        self._post = PostOffice(settings.timeout_seconds, console)
        self._owner = str(uuid4())
        self._delivering = Lock()
        self._senders: ThreadPoolExecutor | None = None

    @property
    def subscribers(self) -> Subscribers:
        """The subscribers in force."""
        return self._subscribers

    def plan(self, connection: Connection, events: Sequence[Event], now: datetime) -> int:
        """Write the messages that finished events and copies cause, within the caller's transaction; return how many.

        Redelivered events cause none.
        """
        subscribers = self.subscribers
        if not subscribers:
            return 0
        return Planner(subscribers, self._max_age).plan(connection, events, now)

    def deliver_due(self, now: datetime | None = None) -> DeliveryReport:
        """Send everything that is due and say what became of it.

        ``now`` stands still for the whole call; by default it is the clock. Raises StoreError only.
        """
        report = DeliveryReport()
        with self._delivering:
            while True:
                moment = now or datetime.now(UTC)
                if not self._anything_due(moment):
                    return report
                with self._store.writing() as connection:
                    released = release(connection, self.subscribers, moment, self._max_age, report=report)
                    claims = claim(connection, moment, self._owner, self._lease, _CLAIMED_AT_ONCE)
                if not claims and not released:
                    return report
                self._send(claims, now, report)

    def next_due(self) -> datetime | None:
        """When `deliver_due` should be called next; None where nothing waits for a time."""
        with self._store.reading() as connection:
            return next_due(connection)

    def close(self) -> None:
        """Close connections and threads."""
        if self._senders is not None:
            self._senders.shutdown()
        self._post.close()

    def _anything_due(self, moment: datetime) -> bool:
        due = self.next_due()
        return due is not None and due <= moment

    def _send(self, claims: Sequence[Claim], now: datetime | None, report: DeliveryReport) -> None:
        if not claims:
            return
        if len(claims) == 1:
            results = [(claims[0].entry, self._attempt(claims[0]))]
        else:
            self._senders = self._senders or ThreadPoolExecutor(_SENDERS, thread_name_prefix="notify")
            attempts = self._senders.map(self._attempt, claims)
            results = list(zip((each.entry for each in claims), attempts, strict=True))
        with self._store.writing() as connection:
            settle(connection, results, now or datetime.now(UTC), self._owner, report)

    def _attempt(self, claimed: Claim) -> Attempt:
        entry = claimed.entry
        subscriber = self.subscribers.get(entry.subscriber)
        channel = subscriber.channel(entry.channel) if subscriber else None
        if channel is None:
            return Attempt(Outcome.REFUSED, "the subscriber or its channel is no longer in the file")
        body = {
            "id": entry.key,
            "reason": entry.reason,
            "subscriber": entry.subscriber,
            "planned_at": format_time(entry.created_at),
            **json.loads(claimed.content),
        }
        return self._post.send(channel, body)
