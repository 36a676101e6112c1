"""How a reader into the store takes its place; what it promises against a real broker stands in tests/integration/kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from pipeline.engines.condition import Condition
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.decoding import Batch
from pipeline.engines.kafka.storing import StoringReader
from pipeline.settings import KafkaSettings, StoreSettings
from pipeline.store.database import Store
from pipeline.topology import DEAD_LETTERS

PLACE = TopicPartition("wire.dead-letters", 0)


class Client:
    """What the group has heard of reaches further than the store."""

    def __init__(self, *, lost: bool = False) -> None:
        self.lost, self.next = lost, 100
        self.questions = 0

    async def getmany(self, **_options: Any) -> dict[TopicPartition, list[ConsumerRecord]]:
        at, self.next = self.next, self.next + 1
        return {PLACE: [ConsumerRecord(PLACE.topic, 0, at, 0, 0, None, b"x", None, 0, 1, ())]}

    async def seek_to_beginning(self, *_partitions: TopicPartition) -> None:
        self.questions += 1
        if self.lost:
            raise RuntimeError("the partition is not assigned")
        self.next = 0

    async def commit(self, _offsets: Any) -> None: ...

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[StoringReader]:
    """A reader over an empty store that notes in ``taken`` what it has stored."""
    store = Store.open(StoreSettings(url=f"sqlite:///{tmp_path / 'x.db'}"))
    taken: list[str] = []

    def write(_database: Any, batch: Batch) -> None:
        taken.extend(letter.position for letter in batch.letters)

    made = StoringReader("sink", [DEAD_LETTERS], Connection(KafkaSettings()), Condition(), store, write)
    made.taken = taken  # type: ignore[attr-defined]
    yield made
    store.close()


def test_what_the_client_reads_before_the_place_in_the_store_is_known_is_not_taken(reader: Any) -> None:
    """Else the offsets of a restored store would jump to what the group has heard, over all that it lacks."""
    reader._consumer = reader._placing.consumer = Client()

    async def take() -> None:
        await reader._turn()
        assert reader.taken == []
        await reader._placing.on_partitions_assigned([PLACE])
        await reader._turn()
        await reader._placing.on_partitions_revoked([PLACE])
        await reader._turn()

    asyncio.run(take())
    assert reader.taken == ["0/0"]


def test_a_place_that_cannot_be_taken_ends_the_reading(reader: Any) -> None:
    """The client logs what its listener raises, and would read on from somewhere."""
    reader._consumer = reader._placing.consumer = Client(lost=True)

    async def take() -> None:
        with pytest.raises(RuntimeError):
            await reader._placing.on_partitions_assigned([PLACE])
        await reader._turn()

    with pytest.raises(RuntimeError, match="not assigned"):
        asyncio.run(take())


def test_the_beginnings_of_all_partitions_are_asked_for_at_once(reader: Any) -> None:
    """Each question waits for half a second, no heartbeat is sent meanwhile, and a session lasts six."""
    reader._consumer = reader._placing.consumer = Client()
    asyncio.run(reader._placing.on_partitions_assigned([TopicPartition(PLACE.topic, number) for number in range(64)]))
    assert reader._consumer.questions == 1
