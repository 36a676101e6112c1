"""The notifier: from finished events to people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TextIO
from uuid import uuid4

from sqlalchemy import Connection

from pipeline.messages import Event, format_time
from pipeline.notify.canary import alarm_due, raise_alarm, watch
from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.channels.post import PostOffice
from pipeline.notify.delivery import Claim, DeliveryReport, Holder, claim, next_due, settle
from pipeline.notify.live import LiveSubscribers
from pipeline.notify.planning import Planner
from pipeline.notify.release import release
from pipeline.notify.reminders import remind
from pipeline.notify.subscribers import Subscribers
from pipeline.notify.summary import summarise
from pipeline.settings import NotifySettings
from pipeline.store.database import Store

_SENDERS = 16
_AT_ONE_ENDPOINT = 8
# Seconds after which messages that have become due meanwhile are looked for while others are still under way.
_LOOK_AGAIN = 0.05


class Notifier:
    """Plans messages in the engine's transaction and delivers what is due.

    Several may run on one PostgreSQL; `deliver_due` may be called from any thread, one call at a time does the work.
    """

    def __init__(self, store: Store, subscribers: Subscribers, settings: NotifySettings, *, console: TextIO | None = None) -> None:
        self._store = store
        self._settings = settings
        self._live = LiveSubscribers(subscribers)
        self._max_age = timedelta(hours=settings.max_age_hours)
        patience = settings.canary_minutes
        self._canary_patience = timedelta(minutes=patience) if patience is not None else None
        self._post = PostOffice(settings.timeout_seconds, console)
        self._holder = Holder(str(uuid4()), timedelta(seconds=2 * settings.timeout_seconds + 10))
        self._delivering = Lock()
        self._senders = ThreadPoolExecutor(_SENDERS, thread_name_prefix="notify")

    @property
    def subscribers(self) -> Subscribers:
        """The subscribers in force: the file is read anew when it changes, and one that breaks does not count."""
        return self._live.current()

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
            under_way: dict[Future[Attempt], Claim] = {}
            while True:
                moment = now or datetime.now(UTC)
                moved = self._claim(moment, under_way, report) if self._anything_due(moment) else 0
                if not under_way and not moved:
                    return report
                done, _ = wait(under_way, timeout=_LOOK_AGAIN, return_when=FIRST_COMPLETED)
                if done:
                    results = [(under_way.pop(future).entry, future.result()) for future in done]
                    with self._store.writing() as connection:
                        settle(connection, results, now or datetime.now(UTC), self._holder.owner, report=report)

    def _claim(self, moment: datetime, under_way: dict[Future[Attempt], Claim], report: DeliveryReport) -> int:
        """Release what was held, claim what is due and hand it to the senders; return how much moved."""
        loads = Counter(claimed.entry.endpoint for claimed in under_way.values())
        full = [endpoint for endpoint, load in loads.items() if load >= _AT_ONE_ENDPOINT]
        with self._store.writing() as connection:
            moved = release(connection, self.subscribers, moment, self._max_age, report=report)
            moved += summarise(connection, moment) + remind(connection, self.subscribers, moment)
            if self._canary_patience is not None:
                watch(connection, moment)
                moved += len(raise_alarm(connection, self.subscribers, moment, self._canary_patience))
            room = _SENDERS - len(under_way)
            claims = claim(connection, moment, self._holder, room, full=full) if room else []
        for claimed in claims:
            under_way[self._senders.submit(self._attempt, claimed)] = claimed
        return moved + len(claims)

    def next_due(self) -> datetime | None:
        """When `deliver_due` should be called next; None where nothing waits for a time."""
        with self._store.reading() as connection:
            moments = [next_due(connection)]
            if self._canary_patience is not None:
                moments.append(alarm_due(connection, self._canary_patience))
        return min((moment for moment in moments if moment is not None), default=None)

    def close(self) -> None:
        """Close connections and threads."""
        self._senders.shutdown()
        self._post.close()

    def _anything_due(self, moment: datetime) -> bool:
        due = self.next_due()
        return due is not None and due <= moment

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
        return self._post.send(channel, body, subscriber.template if subscriber else None)
