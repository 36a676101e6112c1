"""The notifier: from finished events to people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Event as Event_
from threading import Lock, Thread
from typing import TextIO
from uuid import uuid4

import structlog
from sqlalchemy import Connection

from pipeline.messages import SCHEMA_VERSION, Event, format_time
from pipeline.notify.agenda import Agenda, is_due
from pipeline.notify.canary import raise_alarm, watch
from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.channels.post import PostOffice
from pipeline.notify.delivery import Claim, DeliveryReport, Holder, claim, settle
from pipeline.notify.feeds import review_feeds
from pipeline.notify.lanes import SENDERS, Lanes
from pipeline.notify.live import LiveSubscribers
from pipeline.notify.outbox import Entry, State
from pipeline.notify.planning import Planner
from pipeline.notify.pruning import EVERY, Retention, prune
from pipeline.notify.release import release
from pipeline.notify.reminders import remind
from pipeline.notify.replanning import replan, requested_letters
from pipeline.notify.subscribers import Subscribers
from pipeline.notify.summary import summarise
from pipeline.settings import NotifySettings
from pipeline.store.database import Store, StoreError

# Seconds after which messages that have become due meanwhile are looked for while others are still under way.
_LOOK_AGAIN = 0.05
# Seconds after which the outbox is looked at in any case: another process may have written to it.
_LOOK_AT_CLOCK = 0.5
# How often it is looked whether an operator wants an event planned again.
_REPLAN_EVERY = timedelta(seconds=5)
# Lines about failures that a process keeps, however long it runs.
_FAILURES_KEPT = 1000


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
        self._owner = str(uuid4())
        self._retention = Retention.of(settings)
        self._prune_at: datetime | None = None
        self._replan_at: datetime | None = None
        self._lanes = Lanes()
        self._delivering = Lock()
        self._awake, self._closing = Event_(), Event_()
        self._signals: SimpleQueue[Future[Attempt] | None] = SimpleQueue()
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="notify")

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
        return self._deliver(now)[0]

    def _deliver(self, now: datetime | None, *, woken: bool = False) -> tuple[DeliveryReport, datetime | None]:
        """Do what `deliver_due` does; return also when something is due next.

        Who was ``woken`` takes it that something is due, and saves a look.
        """
        report = DeliveryReport()
        with self._delivering:
            self._signalled(0)  # what these would tell, the look or the turn that follows sees
            under_way: dict[Future[Attempt], Claim] = {}
            results: list[tuple[Claim, Attempt]] = []
            agenda: Agenda | None = None
            while True:
                moment = now or datetime.now(UTC)
                if self._replan(moment):
                    agenda = None
                moved = 0
                if not (results or woken) and agenda is None:
                    agenda = self._agenda()
                if results or woken or (agenda is not None and is_due(agenda.next, moment)):
                    moved, agenda = self._turn(moment, results, under_way, report)
                    woken = False
                self._prune(moment)
                if not under_way and (not moved or self._closing.is_set()):
                    return report, agenda.next if agenda is not None else None
                results = []
                if under_way:
                    done, agenda = self._signalled(_LOOK_AGAIN), None
                    # What an earlier call had under way when the store failed it is left to the end of its lease.
                    results = [(under_way.pop(future), future.result()) for future in done if future in under_way]

    def _prune(self, moment: datetime) -> None:
        """Remove what is too old, now and then and in small parts."""
        if self._prune_at is not None and moment < self._prune_at:
            return
        with self._store.writing() as connection:
            more = prune(connection, moment, self._retention)
        self._prune_at = moment + (timedelta(seconds=1) if more else EVERY)

    def _replan(self, moment: datetime) -> bool:
        """Plan what could not be planned and an operator asks for; return whether there was anything."""
        if self._replan_at is not None and moment < self._replan_at:
            return False
        with self._store.reading() as connection:
            letters = requested_letters(connection)
        if letters:
            with self._store.writing() as connection:
                replan(connection, Planner(self.subscribers, self._max_age), letters, moment)
        self._replan_at = moment + _REPLAN_EVERY
        return bool(letters)

    def _signalled(self, seconds: float) -> list[Future[Attempt]]:
        """Wait until an attempt is over or `wake` is called, or for so long; return the attempts that are over."""
        found: list[Future[Attempt] | None] = []
        with suppress(Empty):
            found.append(self._signals.get(timeout=seconds))
            while True:
                found.append(self._signals.get_nowait())
        return [future for future in found if future is not None]

    def _turn(
        self,
        moment: datetime,
        results: Sequence[tuple[Claim, Attempt]],
        under_way: dict[Future[Attempt], Claim],
        report: DeliveryReport,
    ) -> tuple[int, Agenda | None]:
        """Settle what has come back, release what was held, claim what is due: one transaction.

        Return how much moved, and the agenda where nothing has moved since it was read.
        """
        self._lanes.occupy(claimed.entry for claimed in under_way.values())
        with self._store.writing() as connection:
            if results:
                settle(connection, results, moment, self._owner, report=report)
            moved = 0
            agenda = Agenda.read(connection, self._canary_patience)
            if is_due(agenda.held, moment):
                moved += release(connection, self.subscribers, moment, self._max_age, report=report)
                moved += summarise(connection, moment)
            if is_due(agenda.reminder, moment):
                moved += remind(connection, self.subscribers, moment, self._max_age)
            if is_due(agenda.review, moment):
                moved += len(review_feeds(connection, self.subscribers, self._settings, moment))
            if self._canary_patience is not None:
                watch(connection, moment)
                moved += len(raise_alarm(connection, self.subscribers, moment, self._canary_patience))
            claims: list[Claim] = []
            dropped: list[Entry] = []
            if not self._closing.is_set() and (moved or is_due(agenda.attempt, moment)):
                claims, dropped = claim(connection, moment, self._holder(), self._max_age, self._lanes)
            report.expired += sum(entry.state is State.EXPIRED for entry in dropped)
        for claimed in claims:
            future = self._senders.submit(self._attempt, claimed)
            under_way[future] = claimed
            future.add_done_callback(self._signals.put)
        moved += len(claims) + len(dropped)
        return len(results) + moved, None if moved or is_due(agenda.review, moment) else agenda

    def _holder(self) -> Holder:
        """Claim for longer than any attempt takes."""
        longest = max(self._settings.timeout_seconds, self.subscribers.longest_timeout)
        return Holder(self._owner, timedelta(seconds=6 * longest + 5))

    def next_due(self) -> datetime | None:
        """When `deliver_due` should be called next; None where nothing waits for a time."""
        return self._agenda().next

    def _agenda(self) -> Agenda:
        with self._store.reading() as connection:
            return Agenda.read(connection, self._canary_patience)

    @contextmanager
    def delivering(self) -> Iterator[list[str]]:
        """Deliver in a thread of its own inside the block; gives the list of lines about the newest failures.

        Call `wake` after each commit of what `plan` wrote, so that nothing waits for the next look at the clock. Where the
        store does not answer, the thread waits and goes on when it is back.
        """
        failures: list[str] = []
        self._closing.clear()
        thread = Thread(target=self._deliver_on, args=(failures,), name="notifier", daemon=True)
        thread.start()
        try:
            yield failures
        finally:
            self.finish()
            thread.join()

    def wake(self) -> None:
        """Say that there may be something to deliver."""
        self._awake.set()
        self._signals.put(None)

    def finish(self) -> None:
        """Begin no further attempt; who delivers settles what is under way and returns."""
        self._closing.set()
        self.wake()

    def deliver_next(self, patience: float) -> DeliveryReport:
        """Deliver what is due, then wait for `wake`, for what is due next, or for ``patience`` seconds. Raises StoreError."""
        woken = self._awake.is_set()
        self._awake.clear()
        report, due = self._deliver(None, woken=woken)
        seconds = (due - datetime.now(UTC)).total_seconds() if due is not None else patience
        self._awake.wait(min(max(seconds, _LOOK_AGAIN), patience))
        return report

    def _deliver_on(self, failures: list[str]) -> None:
        while not self._closing.is_set():
            try:
                failures += self.deliver_next(_LOOK_AT_CLOCK).failures
                del failures[:-_FAILURES_KEPT]
            except StoreError as error:
                structlog.get_logger(__name__).warning("notifications wait for the store", problem=str(error))
                self._awake.wait(_LOOK_AT_CLOCK)
            except Exception:  # whatever it is, the next alert must not die of it
                structlog.get_logger(__name__).exception("delivering failed and is tried again")
                self._awake.wait(_LOOK_AT_CLOCK)

    def close(self) -> None:
        """Close connections and threads."""
        self._senders.shutdown()
        self._post.close()

    def _attempt(self, claimed: Claim) -> Attempt:
        entry = claimed.entry
        subscriber = self.subscribers.get(entry.subscriber)
        channel = subscriber.channel(entry.channel) if subscriber else None
        if channel is None:
            return Attempt(Outcome.REFUSED, "the subscriber or its channel is no longer in the file")
        try:
            said = json.loads(claimed.content)
        except ValueError as error:
            return Attempt(Outcome.REFUSED, f"what it says cannot be read in the outbox: {error}")
        if not said:
            return Attempt(Outcome.REFUSED, "what it said was purged, or is too old to be kept")
        body = {
            "schema_version": SCHEMA_VERSION,
            "id": entry.key,
            "reason": entry.reason,
            "subscriber": entry.subscriber,
            "planned_at": format_time(entry.created_at),
            **said,
        }
        return self._post.send(channel, body, subscriber.template if subscriber else None)
