"""The notifier on Kafka: plans in the transaction that saves its offsets, delivers beside it, publishes what became of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from aiokafka import AIOKafkaProducer, errors
from sqlalchemy import Connection as Database

from pipeline.engines.kafka.condition import Condition
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.offsets import Place, read_offsets, write_offsets
from pipeline.engines.kafka.records import headers_for, trace_of
from pipeline.engines.kafka.storing import StoringReader
from pipeline.messages import DeadLetter, Event, Notification
from pipeline.notify.audit import read_audit
from pipeline.notify.notifier import Notifier
from pipeline.store.database import Store, StoreError
from pipeline.topology import DUPLICATES, ENRICHED, NOTIFICATIONS

log = structlog.get_logger(__name__)

_IDLE_SECONDS = 0.5
#: The audit's place among the offsets: it is a log too, one that the store keeps.
_AUDIT = "audit"


class KafkaNotifier:
    """Reads finished events and copies, tells subscribers, publishes the audit."""

    def __init__(self, connection: Connection, condition: Condition, store: Store, notifier: Notifier) -> None:
        self._connection = connection
        self._condition = condition
        self._store = store
        self._notifier = notifier
        self._reader = StoringReader("notifier", (ENRICHED, DUPLICATES), connection, condition, store, self._plan)

    async def run(self) -> int:
        """Work until SIGTERM or SIGINT; return the exit code."""
        planned = asyncio.Event()
        delivering = asyncio.create_task(self._deliver(planned))
        try:
            return await self._reader.run(planned.set)
        finally:
            delivering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await delivering
            self._notifier.close()

    def _plan(self, database: Database, events: Sequence[Event], _letters: Sequence[DeadLetter]) -> None:
        self._notifier.plan(database, events, datetime.now(UTC))

    async def _deliver(self, planned: asyncio.Event) -> None:
        producer: AIOKafkaProducer | None = None
        try:
            while True:
                with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                    await asyncio.wait_for(planned.wait(), _IDLE_SECONDS)
                planned.clear()
                try:
                    await asyncio.to_thread(self._notifier.deliver_due)
                    if producer is None:
                        producer = AIOKafkaProducer(**self._connection.options(), acks="all", enable_idempotence=True)
                        await producer.start()
                    await self._publish(producer)
                    self._condition.go_on("notifier delivery")
                except (StoreError, errors.KafkaError, OSError) as error:
                    if self._condition.wait("notifier delivery", str(error)):
                        log.warning("cannot deliver notifications, trying again", waiting_for=str(error))
                    await asyncio.sleep(1)
        finally:
            if producer is not None:
                await producer.stop()

    async def _publish(self, producer: AIOKafkaProducer) -> None:
        """Publish what the audit holds that was not published; at least once, the audit's number tells repetitions apart."""
        rows = await asyncio.to_thread(self._unpublished)
        if not rows:
            return
        futures = [
            await producer.send(
                self._connection.topic(NOTIFICATIONS),
                message.to_json(),
                key=message.subscriber.encode(),
                headers=list(headers_for(f"audit-{number}", "notification", trace_of(None))),
            )
            for number, message in rows
        ]
        await asyncio.gather(*futures)
        await asyncio.to_thread(self._mark, rows[-1][0] + 1)

    def _unpublished(self) -> list[tuple[int, Notification]]:
        with self._store.reading() as database:
            following = read_offsets(database, _AUDIT, _AUDIT).get((_AUDIT, 0), 1)
            return list(read_audit(database, following - 1))

    def _mark(self, number: int) -> None:
        with self._store.writing() as database:
            write_offsets(database, _AUDIT, [Place(_AUDIT, _AUDIT, _AUDIT, 0, number)])
