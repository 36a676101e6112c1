"""Taking a place: a reader goes on behind what the store holds, whatever its consumer group has heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from kafka import KafkaAdminClient

from pipeline.engines.kafka.connection import REQUEST_TIMEOUT_SECONDS, Connection
from pipeline.engines.kafka.offsets import Place, read_offsets
from pipeline.engines.kafka.patience import Patience
from pipeline.store.database import Store
from pipeline.topology import Topic


class Identities:
    """Ids of the cluster and of its topics: a topic made anew has another id, so that its offsets start anew."""

    def __init__(self, connection: Connection, topics: Sequence[Topic]) -> None:
        self._connection = connection
        self._topics = topics

    def read(self) -> tuple[str, dict[str, str]]:
        """Ask the broker; return the cluster's id and each topic's."""
        admin = KafkaAdminClient(**self._connection.options(), request_timeout_ms=int(REQUEST_TIMEOUT_SECONDS * 1000))
        try:
            cluster = str(admin.describe_cluster()["cluster_id"])
            described = admin.describe_topics([self._connection.topic(each) for each in self._topics])
            return cluster, {each["name"]: str(each["topic_id"]) for each in described}
        finally:
            admin.close()


class Placing(ConsumerRebalanceListener):  # type: ignore[misc]
    """Puts a consumer, aiokafka's, behind what the store holds whenever it is given partitions."""

    def __init__(self, reader: str, store: Store, patience: Patience) -> None:
        self.consumer: Any = None
        self._reader = reader
        self._store = store
        self._patience = patience
        self._cluster = ""
        self._topic_ids: Mapping[str, str] = {}
        # Partitions that are read behind what the store holds, and what kept that from being found out.
        self._placed: set[TopicPartition] = set()
        self._misplaced: Exception | None = None

    def know(self, cluster: str, topic_ids: Mapping[str, str]) -> None:
        """Hear what offsets are kept by: the cluster's id, and each topic's by its name."""
        self._cluster, self._topic_ids = cluster, topic_ids

    def check(self) -> None:
        """Raise what kept a place from being taken: the client only logs what its listener raises."""
        if self._misplaced is not None:
            raise self._misplaced

    def holds(self, partition: TopicPartition) -> bool:
        """Whether what is read of a partition is behind what the store holds."""
        return partition in self._placed

    def behind(self, partition: TopicPartition, offset: int) -> Place:
        """The place behind a record, as the store keeps it."""
        return Place(self._cluster, partition.topic, self._topic_ids.get(partition.topic, ""), partition.partition, offset + 1)

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Go on behind what the store holds.

        Meanwhile the client reads on from what the group last heard, which the store may be behind of: it was restored. What
        it finds until then is not taken, and an error here, which the client would only log, ends the reading.
        """
        try:
            offsets = await self._patience(self._read_offsets)
            if offsets is None:
                return
            unknown: list[TopicPartition] = []
            for partition in assigned:
                stored = offsets.get((self._topic_ids.get(partition.topic, ""), partition.partition))
                if stored is not None:
                    self.consumer.seek(partition, stored)
                else:
                    unknown.append(partition)
            if unknown:  # all at once: each question waits for a fetch, and no heartbeat is sent until this is done
                await self.consumer.seek_to_beginning(*unknown)
            self._placed.update(assigned)
        except Exception as error:
            self._misplaced = error
            raise

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:  # noqa: ARG002 # all are assigned anew
        """There is nothing to save: every batch has saved itself."""
        self._placed.clear()

    def _read_offsets(self) -> dict[tuple[str, int], int]:
        with self._store.reading() as database:
            return read_offsets(database, self._reader, self._cluster)
