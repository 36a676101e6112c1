"""Handing records in again that a stage has read already: in place, or under another prefix.

In place nothing changes that stands: receipts keep their verdicts, rows stay as they are, and nobody is notified, because what
is replayed carries a mark all the way. What is missing (a store that was restored from a backup, a topic that was lost) is
filled. Under another prefix the records go through topics and groups of their own, with today's rules and models.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from pipeline.engines.kafka.absence import why_absent
from pipeline.engines.kafka.agents import topics_of
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import Headers, Record, raw_item, raw_record
from pipeline.operate.cluster import ClusterError, explained
from pipeline.operate.tail import record_of
from pipeline.topology import RAW, REPLAY, Topic

_CHUNK = 200


@dataclass(frozen=True)
class Span:
    """Records of one partition: from one offset up to, not including, another."""

    topic: str
    partition: int
    start: int
    end: int

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self), "records": self.records}

    @property
    def records(self) -> int:
        """How many records at most; compaction and gaps leave fewer."""
        return max(0, self.end - self.start)


def spans(
    connection: Connection, stage: str, since: datetime | None, until: datetime | None, offsets: Mapping[int, int]
) -> list[Span]:
    """Find what a stage would read again: from a time or from offsets by partition, up to a time or the present end.

    Times are those of the records. Raises ClusterError for a topic that is not there or a partition that it does not have.
    """
    name = connection.topic(topics_of(stage).reads)
    with explained(connection):
        consumer = KafkaConsumer(**connection.options(), enable_auto_commit=False, bootstrap_timeout_ms=5_000)
        try:
            numbers = consumer.partitions_for_topic(name)
            if not numbers:
                raise ClusterError(why_absent(connection, name))
            unknown = sorted(set(offsets) - set(numbers))
            if unknown:
                raise ClusterError(f"topic {name} has no partition {unknown[0]}; it has 0 to {max(numbers)}")
            partitions = [TopicPartition(name, number) for number in sorted(numbers) if not offsets or number in offsets]
            starts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
            first = _at(consumer, partitions, since, starts, ends)
            last = _at(consumer, partitions, until, ends, ends)
        finally:
            consumer.close()
    return [
        Span(name, tp.partition, max(starts[tp], offsets.get(tp.partition, first[tp])), last[tp]) for tp in partitions
    ]  # fmt: skip


def _at(
    consumer: Any, partitions: list[TopicPartition], moment: datetime | None, otherwise: dict[Any, int], ends: dict[Any, int]
) -> dict[Any, int]:
    """Offset of the first record at or after a time; the end where there is none."""
    if moment is None:
        return dict(otherwise)
    found = consumer.offsets_for_times(dict.fromkeys(partitions, int(moment.timestamp() * 1000)))
    return {tp: found[tp].offset if found.get(tp) is not None else ends[tp] for tp in partitions}


def hand_in(connection: Connection, stage: str, chosen: list[Span], target: Connection, *, name: str, per_second: float) -> int:
    """Send the records to the stage's topic of ``target``, marked with the replay's name; return how many that were.

    Raises ClusterError where the cluster refuses.
    """
    topic = topics_of(stage).reads
    count = 0
    with explained(connection):
        producer = KafkaProducer(
            **target.options(), acks="all", enable_idempotence=True, linger_ms=2, max_request_size=target.settings.max_message_bytes
        )
        try:
            began = time.monotonic()
            for chunk in _chunks(_read(connection, chosen)):
                futures = [
                    producer.send(target.topic(topic), value=each.value, key=each.key, headers=list(_headers(topic, each, name)))
                    for each in chunk
                ]
                for future in futures:
                    future.get(timeout=60)
                count += len(chunk)
                time.sleep(max(0.0, began + count / per_second - time.monotonic()))
        finally:
            producer.close(timeout=5)
    return count


def _headers(topic: Topic, record: Record, name: str) -> Headers:
    kept = tuple(each for each in record.headers if each[0] != REPLAY)
    if topic is RAW:
        # A foreign producer's record takes its receipt from its place: the place must come along.
        known = {key for key, _ in kept}
        kept += tuple(each for each in raw_record(raw_item(record)).headers if each[0] not in known)
    return (*kept, (REPLAY, name.encode()))


def _read(connection: Connection, chosen: list[Span]) -> Iterator[Record]:
    """Yield the records of all spans, oldest first as far as partitions allow."""
    consumer = KafkaConsumer(
        **connection.options(),
        enable_auto_commit=False,
        bootstrap_timeout_ms=5_000,
        max_partition_fetch_bytes=connection.settings.max_message_bytes,
    )
    try:
        for span in chosen:
            tp = TopicPartition(span.topic, span.partition)
            consumer.assign([tp])
            consumer.seek(tp, span.start)
            while consumer.position(tp) < span.end:
                for each in consumer.poll(timeout_ms=500).get(tp, ()):
                    if each.offset < span.end:
                        yield replace(record_of(each), topic=span.topic)
    finally:
        consumer.close()


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(records, _CHUNK)):
        yield chunk
