"""The embedded engine: the whole chain in one process over one database, no broker.

Source positions, verdicts, events, dead letters and the notifications that follow from them commit in one transaction a batch,
so that a kill at any moment loses nothing and repeats nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, repeat
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from pipeline.engines import measures
from pipeline.engines.chain import Chain, Outcome, is_copy
from pipeline.engines.condition import Condition
from pipeline.messages import DeadLetter, Event, Position, RawItem
from pipeline.settings import Settings
from pipeline.sources.batches import in_batches
from pipeline.sources.source import Reading, Source, Unreadable
from pipeline.store.archive import keep_raw
from pipeline.store.database import Store, StoreUnavailableError, is_trouble
from pipeline.store.dead_letters import mark_open, mark_replayed, read_dead_letters, write_dead_letters
from pipeline.store.events import write_events
from pipeline.store.feeds import FeedBook
from pipeline.store.progress import (
    newest_received,
    read_item_states,
    read_positions,
    read_verdicts,
    write_item_states,
    write_positions,
    write_verdicts,
)

T = TypeVar("T")

log = structlog.get_logger(__name__)

# Items a transaction: one fsync for many, and few enough that a flash is not held up.
_BATCH = 64
_BATCH_BYTES = 16 * 1024 * 1024
# Seconds between attempts while the store does not answer; the last one again and again.
_BACKOFF = (0.2, 1.0, 3.0)


class Planner(Protocol):
    """The notifier's part in a batch's transaction."""

    def plan(self, connection: Connection, events: Sequence[Event], now: datetime) -> int:
        """Write what subscribers are to be told into the outbox."""
        ...


@dataclass
class Summary:
    """What a run did."""

    items: int = 0
    dispatches: int = 0
    copies: int = 0
    alerts: int = 0
    notifications: int = 0
    dead_letters: int = 0
    unreadable: int = 0

    @property
    def failed(self) -> int:
        """Items that did not become dispatches."""
        return self.dead_letters + self.unreadable


def _ignore(_what: Any) -> None:
    """Hear of something and do nothing."""


class EmbeddedEngine:
    """Runs sources through the chain into the store."""

    def __init__(
        self,
        settings: Settings,
        chain: Chain,
        store: Store,
        planner: Planner | None = None,
        on_committed: Callable[[Outcome], None] = _ignore,
        on_unreadable: Callable[[Unreadable], None] = _ignore,
        condition: Condition | None = None,
    ) -> None:
        """Join the parts; ``on_committed`` hears of every batch that is safe, ``on_unreadable`` of what a source cannot read.

        ``condition`` shows a store that is waited for.
        """
        self._settings = settings
        self._chain = chain
        self._store = store
        self._planner = planner
        self._on_committed = on_committed
        self._on_unreadable = on_unreadable
        self._condition = condition or Condition()
        # What a followed source cannot read, it cannot read again a second later: said once. Name to the reason told last.
        self._told_unreadable: dict[str, str] = {}
        # Whether deduplication must be restored before it decides again.
        self._stale = False
        self._feeds = FeedBook(chain.profiles)
        # By feed and unit; a followed folder of many files would else be read from the store every second.
        self._saved: dict[str, dict[str, Position]] = {}
        self.summary = Summary()

    def restore(self) -> None:
        """Rebuild deduplication's state from the log of verdicts."""
        self._chain.forget()
        options = self._settings.deduplicate
        with self._store.reading() as connection:
            newest = newest_received(connection)
            if newest is not None:
                window, identity = timedelta(hours=options.window_hours), timedelta(days=options.identity_days)
                self._chain.deduplicator.restore(
                    read_verdicts(connection, newest - window), read_item_states(connection, newest - identity)
                )
        self._stale = False

    def read(self, sources: Sequence[Source], stop: threading.Event | None = None) -> int:
        """Process what the sources hold for the moment; return how many items that was.

        With ``stop`` the engine waits for a store that is away until that is set, else for a few seconds. Raises StoreError where
        the store cannot be used, and cannot be waited for.
        """
        before = self.summary.items
        for source in sources:
            saved = self._patiently(stop, partial(self._positions, source.feed))
            if saved is None:
                break
            for batch in in_batches(self._readable(source.read(dict(saved))), items=_BATCH, size=_BATCH_BYTES):
                if not self._patiently(stop, partial(self._process, batch)):
                    return self.summary.items - before
                for reading in batch:
                    saved[reading.position.unit] = reading.position
                    source.confirm(reading.position)
                if stop is not None and stop.is_set():
                    return self.summary.items - before
        return self.summary.items - before

    def replay(self, stop: threading.Event | None = None) -> int:
        """Read dead letters again whose replay was asked for; return how many can be used.

        What still cannot be used is open again, with the reason of this attempt. Waits for the store like ``read``.
        """
        letters = self._patiently(stop, self._requested) or []
        return sum(bool(self._patiently(stop, partial(self._replay, letter))) for letter in letters)

    def _requested(self) -> list[DeadLetter]:
        with self._store.reading() as connection:
            return list(read_dead_letters(connection, state="requested", of_notifier=False, limit=_BATCH))

    def _positions(self, feed: str) -> dict[str, Position]:
        if feed not in self._saved:
            with self._store.reading() as connection:
                self._saved[feed] = read_positions(connection, feed)
        return self._saved[feed]

    def _replay(self, letter: DeadLetter) -> bool:
        item = RawItem.again(letter)
        try:
            with self._deciding():
                outcome = self._chain.process([item])
                failures, outcome.dead_letters = outcome.dead_letters, []
                with self._store.writing() as connection:
                    planned = self._write(connection, outcome)
                    if failures:
                        mark_open(connection, str(letter.id), failures[0].reason, failures[0].error)
                    else:
                        mark_replayed(connection, str(letter.id))
        except Exception as error:
            if is_trouble(error):
                raise
            log.exception("item fails again", name=item.name)
            with self._store.writing() as connection:
                mark_open(connection, str(letter.id), _reason(error), type(error).__name__)
            return False
        self._count(outcome, 1, planned)
        return not failures

    def _patiently(self, stop: threading.Event | None, act: Callable[[], T]) -> T | None:
        """Do something with the store, again while it is away; None when told to stop meanwhile."""
        for attempt, pause in enumerate(chain(_BACKOFF, repeat(_BACKOFF[-1]))):
            try:
                result = act()
            except StoreUnavailableError as error:
                if stop is None and attempt == len(_BACKOFF):
                    raise
                measures.WAITING.labels("store").set(1)
                if self._condition.wait("store", str(error)):
                    log.warning("store does not answer, trying again", reason=str(error))
                if (stop or threading.Event()).wait(pause):
                    return None
            else:
                measures.WAITING.labels("store").set(0)
                if self._condition.go_on("store"):
                    log.info("store answers, going on")
                return result
        raise AssertionError  # pragma: no cover - the pauses never end

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        """While verdicts are made and committed: after a failure deduplication knows what the store does not."""
        if self._stale:
            self.restore()
        self._stale = True
        yield
        self._stale = False

    def _readable(self, readings: Iterable[Reading | Unreadable]) -> Iterator[Reading]:
        for reading in readings:
            if not isinstance(reading, Unreadable):
                yield reading
            elif self._told_unreadable.get(reading.name) != reading.reason:
                self._told_unreadable[reading.name] = reading.reason
                self.summary.unreadable += 1
                self._on_unreadable(reading)

    def _process(self, batch: Sequence[Reading]) -> bool:
        """Take a batch to the end; where that breaks item by item, so that one poison item stops no other."""
        try:
            with self._deciding():
                outcome = self._chain.process([each.item for each in batch if isinstance(each.item, RawItem)])
                outcome.dead_letters += [each.item for each in batch if isinstance(each.item, DeadLetter)]
                planned = self._commit(outcome, batch)
        except Exception as error:
            if is_trouble(error):
                raise
            if len(batch) > 1:
                for reading in batch:
                    self._process([reading])
                return True
            outcome = Outcome(dead_letters=[_poisoned(batch[0].item, error)])
            planned = self._commit(outcome, batch)
        self._count(outcome, len(batch), planned)
        measures.received(each.item for each in batch)
        measures.stored(outcome.events)
        measures.failed(outcome.dead_letters, outcome.events)
        return True

    def _commit(self, outcome: Outcome, batch: Sequence[Reading]) -> int:
        with self._store.writing() as connection:
            write_positions(connection, [each.position for each in batch])
            if self._settings.archive.directory is not None:
                keep_raw(connection, [each.item for each in batch if isinstance(each.item, RawItem)])
            return self._write(connection, outcome)

    def _write(self, connection: Connection, outcome: Outcome) -> int:
        write_verdicts(connection, outcome.verdicts)
        write_item_states(connection, outcome.item_states)
        write_events(connection, outcome.events)
        self._feeds.note(connection, outcome.events)
        write_dead_letters(connection, outcome.dead_letters)
        return self._planner.plan(connection, outcome.events, datetime.now(UTC)) if self._planner else 0

    def _count(self, outcome: Outcome, items: int, planned: int) -> None:
        summary = self.summary
        summary.items += items
        summary.dispatches += len(outcome.events)
        summary.copies += sum(is_copy(event) for event in outcome.events)
        summary.alerts += sum(bool(event.alerts) for event in outcome.events)
        summary.notifications += planned
        summary.dead_letters += len(outcome.dead_letters)
        self._on_committed(outcome)


def _poisoned(item: RawItem | DeadLetter, error: Exception) -> DeadLetter:
    log.error("item cannot be processed, it becomes a dead letter", name=item.name, exc_info=error)
    return item if isinstance(item, DeadLetter) else item.dead_letter("run", _reason(error), type(error).__name__)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
