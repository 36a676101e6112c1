"""Sending records and waiting for the broker's word on each: again while something is down, as a dead letter where it is no use."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import errors
from aiokafka.producer.transaction_manager import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, PidAndEpoch

from pipeline.engines import measures as shared
from pipeline.engines.condition import Condition
from pipeline.engines.kafka import measures
from pipeline.engines.kafka.absence import trouble
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import Outgoing, Record, dead_letter_record, letter_about
from pipeline.topology import DEAD_LETTERS, OWN_PREFIX

log = structlog.get_logger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_KEPT_BYTES = 64 * 1024
#: Answers of a broker that no repetition changes.
PERMANENT = (errors.MessageSizeTooLargeError, errors.RecordTooLargeError, errors.RecordListTooLargeError)
#: Answers after which the producer is of no more use.
FATAL = (errors.ProducerFenced, errors.InvalidProducerEpoch, errors.ProducerClosed, errors.IllegalOperation)


class Sending:
    """Sends what one stage, or the sink, has to say."""

    def __init__(self, name: str, connection: Connection, condition: Condition) -> None:
        self._name = name
        self._connection = connection
        self._condition = condition

    def dead_letter(self, record: Record, reason: str, error: str, *, keep: int | None = None) -> Outgoing:
        """Make a dead letter of a record."""
        shared.DEAD_LETTERS.labels(self._name, error).inc()
        return dead_letter_record(letter_about(record, self._name, reason, error, keep=keep), record)

    async def deliver(self, group: Sequence[Outgoing], producer: Any) -> list[int]:
        """Send records and wait for the broker's word on each; return the offsets in the records' order.

        Raises KafkaError where the producer is of no more use: the process must begin with another one.
        """
        offsets = [-1] * len(group)
        waiting = list(enumerate(group))
        pause = _FIRST_PAUSE
        while waiting:
            results = await self._attempt([each for _, each in waiting], producer)
            failed: list[tuple[int, Outgoing]] = []
            reason: BaseException | None = None
            for (place, outgoing), result in zip(waiting, results, strict=True):
                if isinstance(result, int):
                    offsets[place] = result
                    measures.DELIVERED.labels(self._name, outgoing.topic.name).inc()
                elif isinstance(result, PERMANENT):
                    failed.extend((place, each) for each in self._too_large(outgoing, result))
                elif is_dead(producer):
                    raise result from producer._sender.sender_task.exception()  # noqa: SLF001
                elif isinstance(result, errors.KafkaError) and not isinstance(result, FATAL):
                    failed.append((place, outgoing))
                    reason = result
                else:
                    raise result
            waiting = failed
            if reason is not None:
                await self._pause(waiting[0][1], reason, pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        self._condition.go_on(f"{self._name} delivery")
        return offsets

    async def _attempt(self, group: Sequence[Outgoing], producer: Any) -> list[int | BaseException]:
        futures: list[Any] = []
        for each in group:
            topic = self._connection.topic(each.topic)
            try:
                futures.append(await producer.send(topic, each.value, key=each.key, headers=list(each.headers)))
            except Exception as error:
                futures.append(_failed(error))
        results = await asyncio.gather(*futures, return_exceptions=True)
        if any(isinstance(result, BaseException) for result in results):
            _begin_anew(producer)
        return [result if isinstance(result, BaseException) else int(result.offset) for result in results]

    def _too_large(self, outgoing: Outgoing, error: BaseException) -> list[Outgoing]:
        """Replace a record that no broker takes by a dead letter of what caused it."""
        limit = self._connection.settings.max_message_bytes
        size = len(outgoing.value)
        if outgoing.topic is DEAD_LETTERS and any(key == OWN_PREFIX + "cut" for key, _ in outgoing.headers):
            log.error("even a cut dead letter is refused", stage=self._name, bytes=size, error=str(error))
            return []
        reason = (
            f"{size:,} bytes for {outgoing.topic.name} are more than the broker takes; raise kafka.max_message_bytes ({limit:,})"
        )
        cause = outgoing.caused_by
        log.error("record is too large, becomes a dead letter", stage=self._name, topic=outgoing.topic.name, bytes=size)
        if cause is None:
            return [Outgoing(DEAD_LETTERS, None, outgoing.value[:_KEPT_BYTES], (*outgoing.headers, (OWN_PREFIX + "cut", b"1")))]
        letter = self.dead_letter(cause, reason, "TooLarge", keep=_KEPT_BYTES)
        return [Outgoing(DEAD_LETTERS, letter.key, letter.value, (*letter.headers, (OWN_PREFIX + "cut", b"1")), cause)]

    async def _pause(self, outgoing: Outgoing, error: BaseException, seconds: float) -> None:
        measures.RETRIES.labels(self._name).inc()
        dependency = _dependency(error, self._connection.topic(outgoing.topic))
        if self._condition.wait(f"{self._name} delivery", dependency):
            log.warning("cannot deliver, trying again", stage=self._name, waiting_for=dependency, error=type(error).__name__)
        await asyncio.sleep(seconds)


def is_dead(producer: Any) -> bool:
    """Whether a producer's own task has ended.

    aiokafka 0.14 ends it on an error that it does not know, such as a broker's answer to the question for a producer id while it
    starts, and fails every later record with that error, one that looks as if trying again helped.
    """
    task = producer._sender.sender_task  # noqa: SLF001
    return task is not None and bool(task.done())


def _begin_anew(producer: Any) -> None:
    """Let an idempotent producer ask for another id.

    aiokafka 0.14 counts a refused batch as sent: the broker takes every later record of that partition for one out of order,
    for ever. Nothing is on its way when this is called.
    """
    manager = producer._txn_manager  # noqa: SLF001
    if manager is not None:
        manager._pid_and_epoch = PidAndEpoch(NO_PRODUCER_ID, NO_PRODUCER_EPOCH)  # noqa: SLF001
        manager._pid_waiter = asyncio.get_running_loop().create_future()  # noqa: SLF001
        manager._sequence_numbers.clear()  # noqa: SLF001


async def _raise(error: BaseException) -> Any:
    raise error


def _failed(error: BaseException) -> Any:
    return _raise(error)


def _dependency(error: BaseException, topic: str) -> str:
    """Name what is missing, and the remedy."""
    if isinstance(error, errors.UnknownTopicOrPartitionError):
        return trouble(topic, error.errno) or ""
    if isinstance(error, errors.TopicAuthorizationFailedError):
        return f"no permission to write topic {topic}; grant Write to this user"
    if isinstance(error, (errors.NotEnoughReplicasError, errors.NotEnoughReplicasAfterAppendError)):
        return f"topic {topic} has too few replicas in sync; start the missing brokers"
    return f"broker does not take records of topic {topic}"
