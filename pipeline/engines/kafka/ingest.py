"""From sources to ``wire.raw``: data first, its position after the broker has it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka import errors as kafka_errors
from pydantic import ValidationError

from pipeline.engines import measures
from pipeline.engines.condition import Condition
from pipeline.engines.kafka.absence import why_absent
from pipeline.engines.kafka.connection import REQUEST_TIMEOUT_SECONDS, Connection
from pipeline.engines.kafka.records import Outgoing, dead_letter_record, position_record, raw_record
from pipeline.failure import OperatorError
from pipeline.messages import DeadLetter, Position
from pipeline.sources.batches import in_batches
from pipeline.sources.source import Reading, Source, Unreadable
from pipeline.topology import POSITIONS

log = structlog.get_logger(__name__)

_BATCH, _BATCH_BYTES = 200, 16 * 1024 * 1024
_PAUSES = (0.2, 1.0, 2.0, 5.0)


class BrokerError(OperatorError):
    """The broker cannot be used; the message names it and the remedy."""


@dataclass
class Ingested:
    """What an ingest did."""

    items: int = 0
    dead_letters: int = 0
    unreadable: int = 0


class Ingest:
    """Reads sources into the broker. ``stop`` ends it between two batches; ``failed`` hears name and reason of what fails."""

    def __init__(
        self, connection: Connection, condition: Condition, stop: threading.Event, failed: Callable[[str, str], None]
    ) -> None:
        self._connection = connection
        self._condition = condition
        self._stop = stop
        self._failed = failed
        # What a followed source cannot read, it cannot read again a second later: said once.
        self._told_unreadable: set[Unreadable] = set()
        self._producer: Any = None
        self._saved: dict[str, dict[str, Position]] = {}
        self.done = Ingested()

    def open(self) -> None:
        """Connect and read how far each source has been read.

        Raises BrokerError where the broker does not answer or a topic is missing.
        """
        options = self._connection.options()
        try:
            self._producer = KafkaProducer(
                **options,
                acks="all",
                enable_idempotence=True,
                linger_ms=2,
                batch_size=262_144,
                max_request_size=self._connection.settings.max_message_bytes,
                request_timeout_ms=int(REQUEST_TIMEOUT_SECONDS * 1000),
                delivery_timeout_ms=int(4 * REQUEST_TIMEOUT_SECONDS * 1000),
                max_block_ms=int(REQUEST_TIMEOUT_SECONDS * 1000),
            )
            self._saved = self._read_positions(options)
        except (kafka_errors.KafkaError, OSError) as error:
            raise BrokerError(
                f"broker {self._connection.settings.bootstrap_servers} cannot be used ({type(error).__name__}: {error}); "
                "check that it runs, kafka.bootstrap_servers and the user's permissions"
            ) from error

    def close(self) -> None:
        """Let go of the connection."""
        if self._producer is not None:
            self._producer.close(timeout=5)

    def read(self, source: Source) -> int:
        """Send what a source holds for the moment; return how many items that was."""
        saved = self._saved.setdefault(source.feed, {})
        count = 0
        for batch in in_batches(self._readable(source, saved), items=_BATCH, size=_BATCH_BYTES):
            self._deliver([_outgoing(reading) for reading in batch])
            self._deliver([position_record(reading.position) for reading in batch])
            for reading in batch:
                saved[reading.position.unit] = reading.position
                source.confirm(reading.position)
            measures.received(reading.item for reading in batch)
            count += len(batch)
            self.done.items += len(batch)
            if self._stop.is_set():
                break
        return count

    def _readable(self, source: Source, saved: dict[str, Position]) -> Iterator[Reading]:
        for reading in source.read(dict(saved)):
            if isinstance(reading, Unreadable):
                if reading not in self._told_unreadable:
                    self._told_unreadable.add(reading)
                    self.done.unreadable += 1
                    self._failed(reading.name, reading.reason)
                continue
            if isinstance(reading.item, DeadLetter):
                self.done.dead_letters += 1
                self._failed(reading.item.name, reading.item.reason)
            yield reading

    def _deliver(self, records: Sequence[Outgoing]) -> None:
        """Send and wait for the broker's word; try again for ever while it is away."""
        waiting = list(records)
        attempt = 0
        while waiting:
            futures = [(each, self._send(each)) for each in waiting]
            waiting = []
            reason: Exception | None = None
            for each, future in futures:
                try:
                    if isinstance(future, Exception):
                        raise future
                    future.get(timeout=5 * REQUEST_TIMEOUT_SECONDS)
                except _PERMANENT as error:
                    raise BrokerError(
                        f"{len(each.value):,} bytes for {self._connection.topic(each.topic)} are more than the broker takes; lower "
                        f"parse.max_item_bytes or raise kafka.max_message_bytes and run `wirefeed topics apply` ({error})"
                    ) from error
                except kafka_errors.KafkaError as error:
                    waiting.append(each)
                    reason = error
            if reason is not None:
                self._wait(waiting[0], reason, _PAUSES[min(attempt, len(_PAUSES) - 1)])
                attempt += 1
        self._condition.go_on("ingest")

    def _send(self, each: Outgoing) -> Any:
        topic = self._connection.topic(each.topic)
        try:
            return self._producer.send(topic, value=each.value, key=each.key, headers=list(each.headers))
        except kafka_errors.KafkaError as error:
            return error

    def _wait(self, each: Outgoing, error: Exception, seconds: float) -> None:
        topic = self._connection.topic(each.topic)
        dependency = f"broker {self._connection.settings.bootstrap_servers} does not take records of topic {topic}"
        if isinstance(error, (kafka_errors.UnknownTopicOrPartitionError, kafka_errors.KafkaTimeoutError)):
            dependency += "; is it there? `wirefeed topics plan` shows it"
        if self._condition.wait("ingest", dependency):
            log.warning("cannot deliver, trying again", waiting_for=dependency, error=f"{type(error).__name__}: {error}")
        if self._stop.wait(seconds):
            raise BrokerError(f"stopped while waiting: {dependency}")

    def _read_positions(self, options: dict[str, Any]) -> dict[str, dict[str, Position]]:
        name = self._connection.topic(POSITIONS)
        consumer = KafkaConsumer(**options, enable_auto_commit=False, auto_offset_reset="earliest")
        try:
            if not consumer.partitions_for_topic(name):
                raise BrokerError(why_absent(self._connection, name))
            partition = TopicPartition(name, 0)
            consumer.assign([partition])
            consumer.seek_to_beginning(partition)
            end = consumer.end_offsets([partition])[partition]
            saved: dict[str, dict[str, Position]] = {}
            while consumer.position(partition) < end:
                for record in consumer.poll(timeout_ms=1000).get(partition, ()):
                    _keep(saved, record.value)
            return saved
        finally:
            consumer.close()


_PERMANENT = (kafka_errors.MessageSizeTooLargeError, kafka_errors.RecordListTooLargeError)


def _keep(saved: dict[str, dict[str, Position]], value: bytes | None) -> None:
    try:
        position = Position.model_validate_json(value or b"")
    except ValidationError:
        log.warning("a saved position cannot be read and is passed over; its unit is read again")
        return
    saved.setdefault(position.feed, {})[position.unit] = position


def _outgoing(reading: Reading) -> Outgoing:
    return dead_letter_record(reading.item, None) if isinstance(reading.item, DeadLetter) else raw_record(reading.item)
