"""Readers that end in the database: the sink and the notifier.

A batch and the offsets behind it commit in one transaction, by cluster and topic id; after any death reading goes on exactly
behind what is stored. The consumer group only shares out the partitions, and shows lag.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, errors
from aiokafka.structs import ConsumerRecord

from pipeline.engines import measures as shared
from pipeline.engines.condition import Condition
from pipeline.engines.kafka import measures
from pipeline.engines.kafka.absence import unreadable
from pipeline.engines.kafka.app import EXIT_BROKEN, UNEXPECTED
from pipeline.engines.kafka.committing import Committing, Write
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.decoding import Batch, Decoded, Decoder, record_of
from pipeline.engines.kafka.membership import REFUSALS, Membership
from pipeline.engines.kafka.offsets import Place
from pipeline.engines.kafka.pace import keep_pace
from pipeline.engines.kafka.patience import Patience
from pipeline.engines.kafka.placing import Identities, Placing
from pipeline.engines.kafka.probe import Probe
from pipeline.engines.kafka.records import Outgoing
from pipeline.engines.kafka.sending import Sending
from pipeline.engines.kafka.worker import beat, stop_on_signals
from pipeline.failure import OperatorError, problem
from pipeline.messages import DeadLetter
from pipeline.store.database import Store, is_trouble
from pipeline.topology import DEAD_LETTERS, Topic

log = structlog.get_logger(__name__)

_MOST_RECORDS = 500
#: Fewer records than these are not worth a transaction of their own, where nobody waits for them.
_FEW_RECORDS = 50
#: How often the group hears what is stored. The store's offsets count; these are for `wirefeed lag`.
_REPORT_SECONDS, _PATIENCE_SECONDS = 1.0, 2.0


class StoringReader:
    """Reads topics into the store until it is told to stop."""

    def __init__(  # noqa: PLR0917
        self,
        name: str,
        topics: Sequence[Topic],
        connection: Connection,
        condition: Condition,
        store: Store,
        write: Write,
        *,
        takes_replays: bool = True,
        pause_seconds: float = 0.0,
    ) -> None:
        self._name = name
        self._topics = topics
        self._connection = connection
        self._condition = condition
        self._pause_seconds = pause_seconds
        self._sending = Sending(name, connection, condition)
        self._membership = Membership()
        self._consumer: Any = None
        self._producer: Any = None
        self._stop = asyncio.Event()
        self._patience = Patience(name, condition, self._stop)
        self._placing = Placing(name, store, self._patience)
        self._committing = Committing(name, store, write)
        self._decoder = Decoder(self._sending, connection, takes_replays=takes_replays)
        self._committed: Callable[[], None] | None = None
        self._unreported: dict[TopicPartition, int] = {}
        self._reported = 0.0
        condition.starting(name)

    async def run(self, on_committed: Callable[[], None] | None = None) -> int:
        """Read until SIGTERM or SIGINT; return the exit code. Raises TopologyError for topics that cannot be worked with."""
        stop_on_signals(self._stop)
        self._committed = on_committed
        beating = asyncio.create_task(beat(self._condition))
        probe = Probe(self._connection, [*self._topics, DEAD_LETTERS], self._condition, {self._name: self._topics})
        looking: asyncio.Task[None] | None = None
        try:
            await probe.until_there(self._stop)
            if self._stop.is_set():
                return 0
            await self._open()
            keep_pace()
            self._condition.started(self._name)
            log.info("working", reader=self._name)
            looking = asyncio.create_task(probe.keep_looking(self._stop))
            while not self._stop.is_set():
                if looking.done():
                    looking.result()
                await self._turn()
        except OperatorError:
            raise
        except Exception:
            log.critical(UNEXPECTED, reader=self._name, exc_info=True)
            return EXIT_BROKEN
        else:
            return 0
        finally:
            self._condition.stopping = True
            for task in (beating, looking):
                if task is not None:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task
            await self._close()
            await probe.close()

    async def _open(self) -> None:
        self._placing.know(*await asyncio.to_thread(Identities(self._connection, self._topics).read))
        settings = self._connection.settings
        options = self._connection.options()
        self._producer = AIOKafkaProducer(
            **options, acks="all", enable_idempotence=True, max_request_size=settings.max_message_bytes
        )
        await self._producer.start()
        self._consumer = self._placing.consumer = AIOKafkaConsumer(
            **options,
            group_id=self._connection.group(self._name),
            group_instance_id=settings.instance_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(settings.session_timeout_seconds * 1000),
            heartbeat_interval_ms=int(min(2.0, settings.session_timeout_seconds / 3) * 1000),
            max_poll_interval_ms=24 * 3600 * 1000,
            max_poll_records=_MOST_RECORDS,
        )
        self._consumer.subscribe([self._connection.topic(each) for each in self._topics], listener=self._placing)
        await self._consumer.start()

    async def _close(self) -> None:
        if self._consumer is not None:
            await self._report()
        for client in (self._consumer, self._producer):
            if client is not None:
                await client.stop()

    async def _turn(self) -> None:
        """Read what is there, store it, and say so to the broker."""
        try:
            batches: dict[TopicPartition, list[ConsumerRecord]] = await self._consumer.getmany(timeout_ms=500)
        except REFUSALS as error:
            await self._refused(error)
            return
        except errors.KafkaError as error:
            self._membership.join_anew(self._consumer, error)
            await self._rest(_PATIENCE_SECONDS)
            return
        self._condition.go_on(f"{self._name} permission")
        self._placing.check()
        batches = {tp: read for tp, read in batches.items() if self._placing.holds(tp)}
        records = [record_of(each) for read in batches.values() for each in read]
        if not records:
            measures.OLDEST.labels(self._name).set(0)
            await self._report()
            return
        started = time.monotonic()
        measures.OLDEST.labels(self._name).set(max(0.0, time.time() - min(record.timestamp for record in records)))
        decoded, poison = self._decoder.decode(records)
        places = [self._placing.behind(tp, read[-1].offset) for tp, read in batches.items() if read]
        if poison:
            await self._sending.deliver(poison, self._producer)
        batch = await self._store(decoded, places)
        if batch is None:
            return
        self._unreported |= {tp: read[-1].offset + 1 for tp, read in batches.items() if read}
        if started - self._reported > _REPORT_SECONDS:
            await self._report()
        measures.RECORDS.labels(self._name).inc(len(records))
        measures.BATCH_SECONDS.labels(self._name).observe(time.monotonic() - started)
        now = datetime.now(UTC)
        for event in batch.events:
            measures.EVENT_AGE.labels(self._name).observe(max(0.0, (now - event.dispatch.received_at).total_seconds()))
        if self._name == "sink":
            shared.stored(batch.events)
        if self._committed is not None:
            self._committed()
        if len(records) < _FEW_RECORDS:
            await self._rest(self._pause_seconds - (time.monotonic() - started))

    async def _rest(self, seconds: float) -> None:
        if seconds > 0:
            with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                await asyncio.wait_for(self._stop.wait(), seconds)

    async def _report(self) -> None:
        """Tell the group how far this reader has come."""
        self._reported = time.monotonic()
        assigned = self._consumer.assignment()
        offsets = {tp: offset for tp, offset in self._unreported.items() if tp in assigned}
        self._unreported.clear()
        if offsets:
            try:
                await asyncio.wait_for(self._consumer.commit(offsets), _PATIENCE_SECONDS)
            except (errors.KafkaError, TimeoutError):  # such as a rebalance: said next time, else the lag would stand
                self._unreported = offsets | self._unreported

    async def _refused(self, error: errors.KafkaError) -> None:
        what = "topic" if isinstance(error, errors.TopicAuthorizationFailedError) else "group"
        dependency = unreadable(error, what)
        if self._condition.wait(f"{self._name} permission", dependency):
            log.warning("waiting", waiting_for=dependency)
        await self._rest(1)

    async def _store(self, decoded: Sequence[Decoded], places: Sequence[Place]) -> Batch | None:
        """Store messages and the places behind them; return what was stored, None when told to stop while the store is away.

        What the database refuses becomes a dead letter: read again, it would be refused again, and stop all behind it for ever.
        """
        batch = Batch.of(decoded)
        try:
            return batch if await self._patience(lambda: self._committing.commit(batch, places)) else None
        except Exception as error:
            if is_trouble(error):
                raise
            log.warning("a batch is refused, its records are stored one by one", reader=self._name, problem=problem(error))
        refused = await self._patience(lambda: self._committing.commit_each(decoded))
        if refused is None:
            return None
        letters = [letter for each, error in refused if (letter := self._letter(each, error)) is not None]
        await self._sending.deliver(letters, self._producer)
        if await self._patience(lambda: self._committing.commit(Batch(), places)) is None:
            return None
        gone = {id(each) for each, _ in refused}
        return Batch.of(each for each in decoded if id(each) not in gone)

    def _letter(self, refused: Decoded, error: Exception) -> Outgoing | None:
        record, place = refused.record, f"{refused.record.topic}/{refused.record.partition}/{refused.record.offset}"
        log.error("a record is refused, it becomes a dead letter", reader=self._name, place=place, problem=problem(error))
        if isinstance(refused.message, DeadLetter) and refused.message.stage == self._name:
            log.error("even this reader's own dead letter is refused, it is passed over", reader=self._name, place=place)
            return None
        return self._sending.dead_letter(record, problem(error), type(error).__name__)
