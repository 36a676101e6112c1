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

from pipeline.engines.condition import Condition
from pipeline.engines.kafka import measures
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import Outgoing, Record
from pipeline.engines.kafka.sending import Sending
from pipeline.topology import Topic

log = structlog.get_logger(__name__)

MOST_RECORDS = 256
MOST_BYTES = 4 * 1024 * 1024
_PAUSE_SECONDS = 1.0
#: Up to here a stage has done with a batch before a hop to a thread would pay; the event loop does nothing else meanwhile.
_FEW_RECORDS, _FEW_BYTES = 16, 64 * 1024


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
        self._condition = condition
        self._sending = Sending(stage.name, connection, condition)
        self._preparing = asyncio.Lock()

    async def handle(self, records: Sequence[Record], producer: Any) -> None:
        """Process records and return when everything that follows from them has been delivered."""
        started = time.monotonic()
        name = self.stage.name
        measures.OLDEST.labels(name).set(max(0.0, time.time() - records[0].timestamp))
        while True:
            await self.prepare()
            try:
                for group in await self._decide(records):
                    offsets = await self._sending.deliver(group, producer)
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
                    await asyncio.sleep(_PAUSE_SECONDS)
                else:
                    self._condition.go_on(f"{self.stage.name} state")
        self.progress = time.monotonic()

    def caught_up(self) -> None:
        """Hear that nothing waits."""
        measures.OLDEST.labels(self.stage.name).set(0)

    async def _decide(self, records: Sequence[Record]) -> list[list[Outgoing]]:
        """Process in the event loop what is little, in a thread what may take long, so that heartbeats go on."""
        if len(records) <= _FEW_RECORDS and sum(record.size for record in records) <= _FEW_BYTES:
            return self._outcome(records)
        async with self._preparing:  # a stage does one thing at a time
            return await asyncio.to_thread(self._outcome, records)

    def _outcome(self, records: Sequence[Record]) -> list[list[Outgoing]]:
        """Process; where the stage breaks, record by record, so that one poison record stops no other."""
        try:
            return self.stage.process(records)
        except Exception as error:
            if len(records) == 1:
                log.exception("stage failed, record becomes a dead letter", stage=self.stage.name, place=_place(records[0]))
                return [[self._sending.dead_letter(records[0], f"{type(error).__name__}: {error}"[:500], type(error).__name__)]]
        groups: list[list[Outgoing]] = []
        for record in records:
            for number, group in enumerate(self._outcome([record])):
                if number == len(groups):
                    groups.append([])
                groups[number].extend(group)
        return groups


def _place(record: Record) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"
