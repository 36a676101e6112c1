"""Reading a topic from the command line: what stands in it, without joining anybody's group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from pipeline.engines.kafka.absence import why_absent
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import Record
from pipeline.operate.cluster import ClusterError, explained
from pipeline.topology import TOPICS, Topic


def topic_called(name: str) -> Topic:
    """Find a topic by its name, with or without ``wire.``; raises ClusterError with the known names."""
    for topic in TOPICS:
        if name in {topic.name, topic.name.removeprefix("wire.")}:
            return topic
    raise ClusterError(f"no topic is called {name!r}; there are {', '.join(topic.name for topic in TOPICS)}")


def read_topic(connection: Connection, topic: Topic, *, last: int | None = None, follow: bool = False) -> Iterator[Record]:
    """Yield the records of a topic that are there now, the ``last`` of each partition, and with ``follow`` those to come.

    Raises ClusterError where the topic cannot be read.
    """
    name = connection.topic(topic)
    with explained(connection):
        consumer = KafkaConsumer(
            **connection.options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            bootstrap_timeout_ms=5_000,
            max_partition_fetch_bytes=connection.settings.max_message_bytes,
        )
        try:
            numbers = consumer.partitions_for_topic(name)
            if not numbers:
                raise ClusterError(why_absent(connection, name))
            partitions = [TopicPartition(name, number) for number in sorted(numbers)]
            consumer.assign(partitions)
            starts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
            for tp in partitions:
                consumer.seek(tp, starts[tp] if last is None else max(starts[tp], ends[tp] - last))
            while follow or any(consumer.position(tp) < ends[tp] for tp in partitions):
                for tp, records in consumer.poll(timeout_ms=500).items():
                    yield from (record_of(each) for each in records if follow or each.offset < ends[tp])
        finally:
            consumer.close()


def record_of(record: Any) -> Record:
    """Take over a record as kafka-python hands it out."""
    headers = tuple((key, value) for key, value in record.headers or ())
    return Record(record.topic, record.partition, record.offset, record.timestamp / 1000, record.key, record.value or b"", headers)


def shown(record: Record) -> dict[str, Any]:
    """A record as JSON: a JSON value as it is, any other as text."""
    import json

    try:
        value: Any = json.loads(record.value)
    except ValueError:
        value = record.value.decode("utf-8", "backslashreplace")
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": None if record.key is None else record.key.decode("utf-8", "backslashreplace"),
        "headers": {key: (header or b"").decode("utf-8", "backslashreplace") for key, header in record.headers},
        "value": value,
    }
