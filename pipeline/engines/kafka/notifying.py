"""The notifier on Kafka: plans in the transaction that saves its offsets, delivers beside it, publishes what became of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from aiokafka import AIOKafkaProducer, errors
from sqlalchemy import Connection as Database

from pipeline.engines.condition import Condition
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.decoding import Batch
from pipeline.engines.kafka.offsets import Place, read_offsets, write_offsets
from pipeline.engines.kafka.records import headers_for, trace_of
from pipeline.engines.kafka.sending import is_dead
from pipeline.engines.kafka.storing import StoringReader
from pipeline.messages import Notification
from pipeline.notify.audit import read_audit
from pipeline.notify.notifier import Notifier
from pipeline.store.database import Store, StoreError
from pipeline.topology import DUPLICATES, ENRICHED, NOTIFICATIONS

log = structlog.get_logger(__name__)

_IDLE_SECONDS = 0.5
_PAUSE_SECONDS = 1.0
#: The audit is published in batches, because nobody waits for it.
_MOST_ROWS = 1000
#: The audit's place among the offsets: it is a log too, one that the store keeps.
_AUDIT = "audit"


class KafkaNotifier:
    """Reads finished events and copies, tells subscribers, publishes the audit."""

    def __init__(self, connection: Connection, condition: Condition, store: Store, notifier: Notifier) -> None:
        self._connection = connection
        self._condition = condition
        self._store = store
        self._notifier = notifier
        self._producer: AIOKafkaProducer | None = None
        self._planned = 0
        self._reader = StoringReader(
            "notifier", (ENRICHED, DUPLICATES), connection, condition, store, self._plan, takes_replays=False
        )

    async def run(self) -> int:
        """Work until SIGTERM or SIGINT, and settle what is under way then; return the exit code."""
        stop = asyncio.Event()
        parts = [
            asyncio.create_task(self._again("notifier delivery", stop, self._deliver)),
            asyncio.create_task(self._again("notifier audit", stop, self._publish)),
        ]
        try:
            return await self._reader.run(self._wake)
        finally:
            stop.set()
            self._notifier.finish()
            await asyncio.gather(*parts)
            with contextlib.suppress(StoreError, errors.KafkaError, OSError):  # what is left, the next process publishes
                await self._publish()
            if self._producer is not None:
                await self._producer.stop()
            self._notifier.close()

    def _plan(self, database: Database, batch: Batch) -> None:
        self._planned += self._notifier.plan(database, batch.events, datetime.now(UTC))

    def _wake(self) -> None:
        """Let what was planned go out; a batch that concerns nobody costs no look at the outbox."""
        if self._planned:
            self._planned = 0
            self._notifier.wake()

    async def _again(self, part: str, stop: asyncio.Event, act: Callable[[], Awaitable[bool]]) -> None:
        """Do a part of the work again and again, whatever happens to it: the next alert must not die of the last one."""
        while not stop.is_set():
            seconds = _IDLE_SECONDS
            try:
                if await act():
                    seconds = 0.0
                self._condition.go_on(part)
            except (StoreError, errors.KafkaError, OSError) as error:
                if self._condition.wait(part, str(error)):
                    log.warning("waiting", part=part, waiting_for=str(error))
                seconds = _PAUSE_SECONDS
            except Exception as error:
                if self._condition.wait(part, repr(error)):
                    log.exception("failed unexpectedly and is tried again", part=part)
                seconds = _PAUSE_SECONDS
            with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)

    async def _deliver(self) -> bool:
        report = await asyncio.to_thread(self._notifier.deliver_next, _IDLE_SECONDS)
        if report.failures:
            log.warning("messages were not delivered", count=len(report.failures), first=report.failures[0])
        return True

    async def _publish(self) -> bool:
        """Publish what the audit holds that was not published; at least once, the audit's number tells repetitions apart."""
        rows = await asyncio.to_thread(self._unpublished)
        if not rows:
            return False
        if self._producer is not None and is_dead(self._producer):
            await self._producer.stop()
            self._producer = None
        if self._producer is None:
            producer = AIOKafkaProducer(**self._connection.options(), acks="all", enable_idempotence=True)
            await producer.start()
            self._producer = producer
        futures = [
            await self._producer.send(
                self._connection.topic(NOTIFICATIONS),
                message.to_json(),
                key=message.subscriber.encode(),
                headers=list(headers_for(f"audit-{number}", "notification", trace_of(None))),
            )
            for number, message in rows
        ]
        await asyncio.gather(*futures)
        await asyncio.to_thread(self._mark, rows[-1][0] + 1)
        return len(rows) == _MOST_ROWS

    def _unpublished(self) -> list[tuple[int, Notification]]:
        with self._store.reading() as database:
            following = read_offsets(database, _AUDIT, _AUDIT).get((_AUDIT, 0), 1)
            return list(read_audit(database, following - 1, _MOST_ROWS))

    def _mark(self, number: int) -> None:
        with self._store.writing() as database:
            write_offsets(database, _AUDIT, [Place(_AUDIT, _AUDIT, _AUDIT, 0, number)])
