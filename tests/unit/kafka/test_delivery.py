"""How the delivery loop treats batches; what it promises against a real broker stands in tests/integration/kafka."""

import asyncio
import threading
from collections.abc import Sequence

from pipeline.engines.condition import Condition
from pipeline.engines.kafka.agents import Stateless
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.delivery import Delivery
from pipeline.engines.kafka.records import Outgoing, Record
from pipeline.settings import KafkaSettings
from pipeline.topology import DISPATCHES


def _records(count: int, size: int = 10) -> list[Record]:
    return [Record("wire.dispatches", 0, number, 0.0, None, b"x" * size, ()) for number in range(count)]


class Waiting(Stateless):
    """A stage that works until the event loop has turned."""

    name = "waiting"
    reads = DISPATCHES

    def __init__(self, turned: threading.Event) -> None:
        self._turned = turned
        self.saw_a_turn = False

    def process(self, records: Sequence[Record]) -> list[list[Outgoing]]:  # noqa: ARG002
        self.saw_a_turn = self._turned.wait(10)
        return [[]]


async def _handle(records: Sequence[Record]) -> bool:
    turned = threading.Event()
    stage = Waiting(turned)
    handling = asyncio.create_task(Delivery(stage, Connection(KafkaSettings()), Condition()).handle(records, None))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(turned.set)
    await handling
    return stage.saw_a_turn


def test_heartbeats_go_on_while_a_stage_works_off_many_records_or_a_large_one():
    """The event loop turns meanwhile."""
    assert asyncio.run(_handle(_records(17)))
    assert asyncio.run(_handle(_records(1, 100_000)))
