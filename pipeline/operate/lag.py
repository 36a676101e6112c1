"""How far each reader is behind: in records, and in seconds."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from kafka import KafkaConsumer, OffsetSpec, TopicPartition

from pipeline.engines.kafka.absence import trouble
from pipeline.engines.kafka.connection import Connection
from pipeline.operate.cluster import ClusterError, administering, explained, patiently
from pipeline.topology import DEAD_LETTERS, DUPLICATES, ENRICHED, RAW, STAGES, Topic

#: Who reads what, as consumer groups.
READERS: tuple[tuple[str, tuple[Topic, ...]], ...] = (
    *((each.stage, (each.reads,)) for each in STAGES),
    ("sink", (ENRICHED, DUPLICATES, DEAD_LETTERS)),
    ("notifier", (ENRICHED, DUPLICATES)),
)
#: Where an archive is configured, the sink keeps raw bytes for it.
ARCHIVING: tuple[str, tuple[Topic, ...]] = ("sink", (RAW,))


@dataclass(frozen=True)
class Lag:
    """One reader of one topic. ``seconds`` is the age of the oldest record that it has not finished with."""

    reader: str
    topic: str
    records: int
    seconds: float
    members: int

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def lags(connection: Connection, *, archives: bool = False) -> list[Lag]:
    """Ask the cluster; ``archives`` says that the sink keeps raw bytes too.

    Raises ClusterError where the cluster cannot be reached or has no topics.
    """
    readers = (*READERS, ARCHIVING) if archives else READERS
    with administering(connection) as admin:
        topics = sorted({connection.topic(topic) for _, read in readers for topic in read})
        partitions: dict[str, int] = {}
        for each in admin.describe_topics(topics):
            if problem := trouble(each["name"], each["error_code"]):
                raise ClusterError(problem)
            partitions[each["name"]] = len(each["partitions"])
        every = [TopicPartition(name, number) for name, count in partitions.items() for number in range(count)]
        ends = _offsets(admin.list_partition_offsets(dict.fromkeys(every, OffsetSpec.LATEST)))
        starts = _offsets(admin.list_partition_offsets(dict.fromkeys(every, OffsetSpec.EARLIEST)))
        groups = sorted({connection.group(reader) for reader, _ in readers})
        committed = {
            group: {tp: data.offset for tp, data in offsets.items()}
            for group, offsets in patiently(lambda: _committed(admin, groups)).items()
        }
        members = _members(admin, groups)
    waiting: dict[tuple[str, TopicPartition], int] = {}
    for reader, read in readers:
        names = {connection.topic(topic) for topic in read}
        for tp in every:
            place = max(committed.get(connection.group(reader), {}).get(tp, 0), starts[tp])
            if tp.topic in names and place < ends[tp]:
                waiting[reader, tp] = place
    ages = _ages(connection, waiting)
    return [
        Lag(
            reader,
            connection.topic(topic),
            sum(ends[tp] - place for (who, tp), place in waiting.items() if who == reader and tp.topic == connection.topic(topic)),
            max((age for (who, tp), age in ages.items() if who == reader and tp.topic == connection.topic(topic)), default=0.0),
            members.get(connection.group(reader), 0),
        )
        for reader, read in readers
        for topic in read
    ]


def _offsets(answer: dict[Any, Any]) -> dict[Any, int]:
    return {tp: data.offset for tp, data in answer.items()}


def _committed(admin: Any, groups: list[str]) -> dict[str, dict[Any, Any]]:
    answer: dict[str, dict[Any, Any]] = admin.list_group_offsets(dict.fromkeys(groups))
    return answer


def _members(admin: Any, groups: list[str]) -> dict[str, int]:
    described = patiently(lambda: admin.describe_groups(groups))
    found = described.values() if isinstance(described, dict) else described
    return {each["group_id"]: len(each.get("members") or ()) for each in found}


def _ages(connection: Connection, waiting: dict[tuple[str, TopicPartition], int]) -> dict[tuple[str, TopicPartition], float]:
    """Age in seconds of the record at each place."""
    if not waiting:
        return {}
    ages: dict[tuple[str, TopicPartition], float] = {}
    now = time.time()
    with explained(connection):
        consumer = KafkaConsumer(**connection.options(), enable_auto_commit=False, max_poll_records=1)
        try:
            for (reader, tp), place in waiting.items():
                consumer.assign([tp])
                consumer.seek(tp, place)
                records = consumer.poll(timeout_ms=3000, max_records=1).get(tp, ())
                if records:
                    ages[reader, tp] = round(max(0.0, now - records[0].timestamp / 1000), 1)
        finally:
            consumer.close()
    return ages
