"""Deduplication on Kafka: one ordered reader whose verdicts are logged before they are published.

The log ``wire.verdicts`` is the state; what stands in memory is a copy of it. A verdict counts when it is logged, and the
first one about a receipt stands. Nobody else may write to the log: each batch of verdicts must stand right behind the one
before. Where it does not, another process has written (one that was thought dead, or that took over), and this one reads
the log again before it publishes anything.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from pipeline.engines.condition import Condition
from pipeline.engines.kafka import measures
from pipeline.engines.kafka.agents import M, Stateless, read_message
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.delivery import StateLostError
from pipeline.engines.kafka.pace import keep_pace
from pipeline.engines.kafka.records import Outgoing, Record, event_record, item_record, verdict_record
from pipeline.messages import Event, ItemState, ParsedDispatch, Relation, Verdict
from pipeline.settings import Settings
from pipeline.stages.deduplicate.stage import Deduplicator
from pipeline.topology import DISPATCHES, DUPLICATES, ITEMS, STORIES, VERDICTS, Topic

log = structlog.get_logger(__name__)

_CHUNK = 500
_SAY_EVERY_SECONDS = 5.0


class DeduplicateAgent(Stateless):
    """``wire.dispatches`` → ``wire.verdicts``, then ``wire.items`` and ``wire.stories`` or ``wire.duplicates``."""

    name = "deduplicate"
    reads = DISPATCHES

    def __init__(self, settings: Settings, connection: Connection, condition: Condition) -> None:
        self._settings = settings.deduplicate
        self._connection = connection
        self._condition = condition
        self._deduplicator = Deduplicator(self._settings)
        self._next: int | None = None
        self._undelivered = False

    async def prepare(self) -> None:
        """Rebuild the state from the log, unless it is what this process wrote last."""
        self._condition.starting(self.name)
        consumer = AIOKafkaConsumer(**self._connection.options(), enable_auto_commit=False, max_poll_records=_CHUNK)
        await consumer.start()
        try:
            verdicts, items = (TopicPartition(self._connection.topic(topic), 0) for topic in (VERDICTS, ITEMS))
            end = (await consumer.end_offsets([verdicts]))[verdicts]
            if self._undelivered or self._next is None or end != self._next:
                await self._restore(consumer, verdicts, items)
        finally:
            await consumer.stop()
        self._condition.started(self.name)

    async def _restore(self, consumer: AIOKafkaConsumer, verdicts: TopicPartition, items: TopicPartition) -> None:
        started = time.monotonic()
        self._deduplicator = Deduplicator(self._settings)
        self._undelivered = False
        async for records in self._read(consumer, items, None):
            states = [state for record in records if (state := _decoded(record, ItemState)) is not None]
            self._deduplicator.restore([], states)
        count = 0
        async for records in self._read(consumer, verdicts, await self._start_of_window(consumer, verdicts)):
            known = [verdict for record in records if (verdict := _decoded(record, Verdict)) is not None]
            self._deduplicator.restore(known, [])
            count += len(known)
        keep_pace()
        seconds = time.monotonic() - started
        measures.RESTORED.set(count)
        measures.RESTORE_SECONDS.set(seconds)
        if count:
            log.info("deduplication's state is rebuilt from the log", verdicts=count, seconds=round(seconds, 1))

    async def _start_of_window(self, consumer: AIOKafkaConsumer, verdicts: TopicPartition) -> int | None:
        """Offset from which verdicts matter: a record is never older than its dispatch's reception."""
        end = (await consumer.end_offsets([verdicts]))[verdicts]
        start = (await consumer.beginning_offsets([verdicts]))[verdicts]
        if start == end:
            return None
        consumer.assign([verdicts])
        consumer.seek(verdicts, end - 1)
        last = await consumer.getone(verdicts)
        newest = _decoded(last, Verdict)
        if newest is None:
            return None
        begin = newest.received_at - timedelta(hours=self._settings.window_hours)
        found = await consumer.offsets_for_times({verdicts: max(0, int(begin.timestamp() * 1000))})
        return found[verdicts].offset if found[verdicts] is not None else None

    async def _read(self, consumer: AIOKafkaConsumer, partition: TopicPartition, start: int | None) -> AsyncIterator[Sequence[Any]]:
        """Yield the records of a log up to its present end."""
        consumer.assign([partition])
        if start is None:
            await consumer.seek_to_beginning(partition)
        else:
            consumer.seek(partition, start)
        end = (await consumer.end_offsets([partition]))[partition]
        said = time.monotonic()
        while (position := await consumer.position(partition)) < end:
            batches = await consumer.getmany(partition, timeout_ms=1000, max_records=_CHUNK)
            self._condition.beat()
            yield [record for record in batches.get(partition, ()) if record.offset < end]
            if time.monotonic() - said > _SAY_EVERY_SECONDS:
                said = time.monotonic()
                log.info("rebuilding deduplication's state", topic=partition.topic, records_left=end - position)
        if partition.topic == self._connection.topic(VERDICTS):
            self._next = end

    def process(self, records: Sequence[Record]) -> list[list[Outgoing]]:
        """Decide, and say what is to be logged first and what is to be published after."""
        self._undelivered = True
        letters: list[Outgoing] = []
        causes: list[Record] = []
        dispatches: list[ParsedDispatch] = []
        for record in records:
            parsed = read_message(record, ParsedDispatch, self.name)
            if isinstance(parsed, Outgoing):
                letters.append(parsed)
            else:
                causes.append(record)
                dispatches.append(parsed)
        known = [self._deduplicator.knows(parsed.receipt) for parsed in dispatches]
        verdicts = self._deduplicator.decide(dispatches)
        log_first: list[Outgoing] = []
        publish = letters
        seen: set[object] = set()
        for parsed, verdict, cause, is_known in zip(dispatches, verdicts, causes, known, strict=True):
            if not is_known and verdict.receipt not in seen:
                log_first.append(verdict_record(verdict.model_copy(update={"offset": cause.offset}), cause))
            seen.add(verdict.receipt)
            event = Event(receipt=parsed.receipt, dispatch=parsed.dispatch, story=verdict.story, errors=parsed.errors)
            if verdict.story.relation is Relation.DUPLICATE:
                event.processed_at = datetime.now(UTC)  # for a copy, the way ends here
            publish.append(event_record(_destination(verdict), event, cause))
        if causes:
            publish.extend(item_record(state, causes[-1]) for state in self._deduplicator.item_states(verdicts))
        return [log_first, publish]

    def delivered(self, group: Sequence[Outgoing], offsets: Sequence[int]) -> None:
        """Check that the verdicts stand right behind the last ones."""
        places = [offset for outgoing, offset in zip(group, offsets, strict=True) if outgoing.topic is VERDICTS]
        if places:
            expected, self._next = self._next, None
            if places != list(range(expected or 0, (expected or 0) + len(places))):
                raise StateLostError(f"verdicts stand at {places[0]}–{places[-1]}, expected from {expected}")
            self._next = places[-1] + 1
        self._undelivered = False


def _destination(verdict: Verdict) -> Topic:
    return DUPLICATES if verdict.story.relation is Relation.DUPLICATE else STORIES


def _decoded(record: Any, message: type[M]) -> M | None:
    if not record.value:
        return None
    try:
        return message.model_validate_json(record.value)
    except ValidationError:
        log.exception("unreadable record in the log, passed over", topic=record.topic, offset=record.offset)
        return None
