"""The delivery loop that every stage runs in: at least once, whatever happens.

Take what is there, without waiting for a batch to fill; let the stage decide what follows; wait until all of that is
delivered; acknowledge in order. What cannot be delivered because something is down is tried again for ever; what no broker
will ever take becomes a dead letter.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Protocol

import structlog
from aiokafka import errors

from pipeline.engines.kafka import measures
from pipeline.engines.kafka.condition import Condition
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import OWN_PREFIX, Outgoing, Record, dead_letter_record, letter_about
from pipeline.topology import DEAD_LETTERS, Topic

log = structlog.get_logger(__name__)

MOST_RECORDS = 256
MOST_BYTES = 4 * 1024 * 1024
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_KEPT_BYTES = 64 * 1024
#: Answers of a broker that no repetition changes.
PERMANENT = (errors.MessageSizeTooLargeError, errors.RecordTooLargeError, errors.RecordListTooLargeError)
#: Answers after which the producer is of no more use.
FATAL = (errors.ProducerFenced, errors.InvalidProducerEpoch, errors.ProducerClosed, errors.IllegalOperation)


class StateLostError(Exception):
    """Someone else has written to the log of which a stage thought itself the only writer: it must read the log again."""


class Stage(Protocol):
    """What the loop needs of a stage."""

    @property
    def name(self) -> str:
        """Name in ``topology.STAGES``."""
        ...

    @property
    def reads(self) -> Topic:
        """Topic that the stage reads."""
        ...

    async def prepare(self) -> None:
        """Get ready for records of partitions that may have been somebody else's; must be quick where nothing changed."""
        ...

    def process(self, records: Sequence[Record]) -> list[list[Outgoing]]:
        """Decide what follows from records: groups, each of which is delivered before the next one is sent."""
        ...

    def delivered(self, group: Sequence[Outgoing], offsets: Sequence[int]) -> None:
        """Hear at which offsets a group stands; raises StateLostError where that shows that the state is not the log's."""
        ...


class Delivery:
    """Runs one stage over batches of records."""

    def __init__(self, stage: Stage, connection: Connection, condition: Condition) -> None:
        self.stage = stage
        self.unprepared = True
        self.progress = time.monotonic()
        self._connection = connection
        self._condition = condition
        self._producer: Any = None
        self._preparing = asyncio.Lock()

    async def handle(self, records: Sequence[Record], producer: Any) -> None:
        """Process records and return when everything that follows from them has been delivered."""
        started = time.monotonic()
        name = self.stage.name
        self._producer = producer
        measures.OLDEST.labels(name).set(max(0.0, time.time() - records[0].timestamp))
        while True:
            await self.prepare()
            try:
                for group in self._outcome(records):
                    offsets = await self._deliver(group)
                    self.stage.delivered(group, offsets)
                break
            except StateLostError as error:
                log.warning("the log has another writer, reading it again", stage=name, reason=str(error))
                self.unprepared = True
        self.progress = time.monotonic()
        measures.RECORDS.labels(name).inc(len(records))
        measures.BYTES.labels(name).inc(sum(record.size for record in records))
        measures.BATCH_SECONDS.labels(name).observe(self.progress - started)

    async def prepare(self) -> None:
        """Let the stage get ready where its partitions may have been somebody else's; wait while the broker is away."""
        async with self._preparing:
            while self.unprepared:
                self.unprepared = False
                try:
                    await self.stage.prepare()
                except errors.KafkaError as error:
                    self.unprepared = True
                    dependency = f"broker, to read the logs of {self.stage.name} ({type(error).__name__})"
                    if self._condition.wait(f"{self.stage.name} state", dependency):
                        log.warning("waiting", stage=self.stage.name, waiting_for=dependency)
                    await asyncio.sleep(_LONGEST_PAUSE / 5)
                else:
                    self._condition.go_on(f"{self.stage.name} state")
        self.progress = time.monotonic()

    def caught_up(self) -> None:
        """Hear that nothing waits."""
        measures.OLDEST.labels(self.stage.name).set(0)

    def _outcome(self, records: Sequence[Record]) -> list[list[Outgoing]]:
        """Process; where the stage breaks, record by record, so that one poison record stops no other."""
        try:
            return self.stage.process(records)
        except Exception as error:
            if len(records) == 1:
                log.exception("stage failed, record becomes a dead letter", stage=self.stage.name, place=_place(records[0]))
                return [[self.dead_letter(records[0], f"{type(error).__name__}: {error}"[:500], type(error).__name__)]]
        groups: list[list[Outgoing]] = []
        for record in records:
            for number, group in enumerate(self._outcome([record])):
                if number == len(groups):
                    groups.append([])
                groups[number].extend(group)
        return groups

    def dead_letter(self, record: Record, reason: str, error: str, *, keep: int | None = None) -> Outgoing:
        """Make a dead letter of a record."""
        measures.DEAD_LETTERS.labels(self.stage.name, error).inc()
        return dead_letter_record(letter_about(record, self.stage.name, reason, error, keep=keep), record)

    async def _deliver(self, group: Sequence[Outgoing]) -> list[int]:
        """Send records and wait for the broker's word on each; return the offsets in the records' order."""
        offsets = [-1] * len(group)
        waiting = list(enumerate(group))
        pause = _FIRST_PAUSE
        while waiting:
            results = await self._attempt([each for _, each in waiting])
            failed: list[tuple[int, Outgoing]] = []
            reason: BaseException | None = None
            for (place, outgoing), result in zip(waiting, results, strict=True):
                if isinstance(result, int):
                    offsets[place] = result
                    measures.DELIVERED.labels(self.stage.name, outgoing.topic.name).inc()
                elif isinstance(result, PERMANENT):
                    failed.extend((place, each) for each in self._too_large(outgoing, result))
                elif isinstance(result, errors.KafkaError) and not isinstance(result, FATAL):
                    failed.append((place, outgoing))
                    reason = result
                else:
                    raise result
            waiting = failed
            if reason is not None:
                await self._pause(waiting[0][1], reason, pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        self._condition.go_on(f"{self.stage.name} delivery")
        return offsets

    async def _attempt(self, group: Sequence[Outgoing]) -> list[int | BaseException]:
        futures: list[Any] = []
        for each in group:
            topic = self._connection.topic(each.topic)
            try:
                futures.append(await self._producer.send(topic, each.value, key=each.key, headers=list(each.headers)))
            except Exception as error:
                futures.append(_failed(error))
        results = await asyncio.gather(*futures, return_exceptions=True)
        return [result if isinstance(result, BaseException) else int(result.offset) for result in results]

    def _too_large(self, outgoing: Outgoing, error: BaseException) -> list[Outgoing]:
        """Replace a record that no broker takes by a dead letter of what caused it."""
        limit = self._connection.settings.max_message_bytes
        size = len(outgoing.value)
        if outgoing.topic is DEAD_LETTERS and any(key == OWN_PREFIX + "cut" for key, _ in outgoing.headers):
            log.error("even a cut dead letter is refused", stage=self.stage.name, bytes=size, error=str(error))
            return []
        reason = (
            f"{size:,} bytes for {outgoing.topic.name} are more than the broker takes; raise kafka.max_message_bytes ({limit:,})"
        )
        cause = outgoing.caused_by
        log.error("record is too large, becomes a dead letter", stage=self.stage.name, topic=outgoing.topic.name, bytes=size)
        if cause is None:
            return [Outgoing(DEAD_LETTERS, None, outgoing.value[:_KEPT_BYTES], (*outgoing.headers, (OWN_PREFIX + "cut", b"1")))]
        letter = self.dead_letter(cause, reason, "TooLarge", keep=_KEPT_BYTES)
        return [Outgoing(DEAD_LETTERS, letter.key, letter.value, (*letter.headers, (OWN_PREFIX + "cut", b"1")), cause)]

    async def _pause(self, outgoing: Outgoing, error: BaseException, seconds: float) -> None:
        measures.RETRIES.labels(self.stage.name).inc()
        dependency = _dependency(error, self._connection.topic(outgoing.topic))
        if self._condition.wait(f"{self.stage.name} delivery", dependency):
            log.warning("cannot deliver, trying again", stage=self.stage.name, waiting_for=dependency, error=type(error).__name__)
        await asyncio.sleep(seconds)


async def _raise(error: BaseException) -> Any:
    raise error


def _failed(error: BaseException) -> Any:
    return _raise(error)


def _dependency(error: BaseException, topic: str) -> str:
    """Name what is missing, and the remedy."""
    if isinstance(error, errors.UnknownTopicOrPartitionError):
        return f"topic {topic} is missing; create it with `wirefeed topics apply`"
    if isinstance(error, errors.TopicAuthorizationFailedError):
        return f"no permission to write topic {topic}; grant Write to this user"
    if isinstance(error, (errors.NotEnoughReplicasError, errors.NotEnoughReplicasAfterAppendError)):
        return f"topic {topic} has too few replicas in sync; start the missing brokers"
    return f"broker does not take records of topic {topic}"


def _place(record: Record) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"
