"""Faust's aiokafka driver, held to at-least-once delivery.

A subclass, no fork, of the driver of faust-streaming 0.15.3. What it changes, and why:

- offsets are committed in the order in which records were handed out, so that gaps in a log (compaction) hold nothing up;
- at revocation the last commit happens before what was acknowledged is forgotten: a graceful restart repeats nothing;
- errors that the group coordinator parks let the member join anew or end the process, instead of leaving it silent;
- the producer is idempotent and waits for all in-sync replicas.
"""

from __future__ import annotations

import asyncio
import sys
import types
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Generator, Iterable
from typing import Any

from aiokafka.errors import KafkaError
from faust.events import Event
from faust.serializers.schemas import Schema
from faust.transport.drivers import TRANSPORTS, aiokafka
from mode import Service
from mode.utils.futures import maybe_async

from pipeline.engines.kafka.membership import Membership

_YIELD_EVERY = 100
_PAUSE_SECONDS = 1.0
SCHEME = "wirefeed"


@types.coroutine
def _resume(coroutine: Any, yielded: Any) -> Generator[Any, Any, Any]:
    """Drive a coroutine on that has been started by hand."""
    while True:
        try:
            value = yield yielded
        except BaseException as error:
            try:
                yielded = coroutine.throw(error)
            except StopIteration as stopped:
                return stopped.value
        else:
            try:
                yielded = coroutine.send(value)
            except StopIteration as stopped:
                return stopped.value


async def _continued(coroutine: Any, yielded: Any) -> Any:
    return await _resume(coroutine, yielded)


class Client(aiokafka.AIOKafkaConsumerThread):
    """What Faust takes for the consumer's thread, in the event loop of the stage.

    A thread of its own costs each fetch two wake-ups across threads and a handful of tasks, as much as the rest of the way. What
    keeps the loop busy for long is the stage's to give to a thread (`delivery.Delivery`): heartbeats go on meanwhile.
    """

    wait_for_shutdown = False

    def __init__(self, consumer: Consumer, **options: Any) -> None:
        super().__init__(consumer, thread_loop=consumer.loop, **options)
        self._membership = Membership()

    async def maybe_start(self) -> bool:
        """Start as any service does."""
        return await Service.maybe_start(self)

    async def start(self) -> None:
        """Start as any service does."""
        await Service.start(self)

    async def stop(self) -> None:
        """Stop as any service does."""
        await Service.stop(self)

    async def on_stop(self) -> None:
        """Leave the group."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def call_thread(self, fun: Any, *args: Any, **options: Any) -> Any:
        """Call what would have been called in the thread."""
        return await maybe_async(fun(*args, **options))

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Tell the consumer."""
        await self.consumer.on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        """Tell the consumer."""
        await self.consumer.on_partitions_assigned(assigned, generation_id)

    async def heed_parked_errors(self) -> None:
        """Do about what the group coordinator has noted, and would otherwise keep for a call that never comes."""
        coordinator = self._ensure_consumer()._coordinator  # noqa: SLF001
        if hasattr(coordinator, "check_errors"):
            try:
                coordinator.check_errors()
            except KafkaError as error:
                self.join_anew(error)

    def join_anew(self, error: KafkaError) -> None:
        """Join the group again after an error of its coordinator; raises the error where that does not help."""
        self._membership.join_anew(self._ensure_consumer(), error)

    def _get_tasks(self) -> Iterable[Any]:
        return ()  # its only task keeps a thread's loop awake

    # What a service of its own thread leaves to that thread.
    _stopped_set = Service._stopped_set  # noqa: SLF001
    _stop_children = Service._stop_children  # noqa: SLF001
    _stop_futures = Service._stop_futures  # noqa: SLF001
    _stop_exit_stacks = Service._stop_exit_stacks  # noqa: SLF001
    crash = Service.crash  # type: ignore[assignment] # which calls its argument by another name


class Bytes(Schema[Any, Any]):
    """Keys and values as they are: to read them is the stage's work."""

    def compile(self, app: Any, **_: Any) -> Any:
        """What makes an event of a record."""

        async def decode(message: Any, *, propagate: bool = False) -> Any:  # noqa: ARG001 # nothing can fail
            return Event(app, message.key, message.value, None, message)

        return decode


class Consumer(aiokafka.Consumer):
    """The consumer."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._handed_out: defaultdict[Any, deque[int]] = defaultdict(deque)
        super().__init__(*args, **options)

    def _new_consumer_thread(self) -> Client:
        return Client(self, loop=self.loop, beacon=self.beacon)

    @Service.task
    async def _watch_coordinator(self) -> None:
        async for _ in self.itertimer(1.0, name="watch-coordinator"):
            thread: Any = self._thread
            if thread._consumer is not None:  # noqa: SLF001
                await thread.heed_parked_errors()

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Commit what was acknowledged while it is still known, then forget it."""
        if self._active_partitions is not None:
            self._active_partitions.difference_update(revoked)
        self._paused_partitions.difference_update(revoked)
        await self._on_partitions_revoked(revoked)
        for partition in revoked:
            for state in (
                self._gap, self._acked, self._acked_index, self._read_offset, self._committed_offset, self._handed_out,
            ):  # fmt: skip
                state.pop(partition, None)

    async def perform_seek(self) -> None:
        """Go back to what is committed; what was handed out since comes again."""
        await super().perform_seek()
        for state in (self._handed_out, self._acked, self._acked_index):
            for values in state.values():
                values.clear()

    def _new_offset(self, partition: Any) -> int | None:
        handed_out, acknowledged = self._handed_out[partition], self._acked_index[partition]
        last = None
        while handed_out and handed_out[0] in acknowledged:
            last = handed_out.popleft()
            acknowledged.discard(last)
        self._acked[partition].clear()
        return None if last is None else last + 1

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109 # Faust's name
        """Yield what has been fetched, in turn of the partitions, until the flow is stopped or the partitions are others."""
        try:
            records, active = await self._wait_next_records(timeout)
        except KafkaError as error:
            thread: Any = self._thread
            thread.join_anew(error)
            await self.sleep(_PAUSE_SECONDS)
            return
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            try:
                await self.perform_seek()
            except Exception as error:  # the next assignment seeks again
                self.log.warning("could not seek while the flow is stopped: %r", error)
            return
        generation = self.app.consumer_generation_id
        for partition, record in self.scheduler.iterate(records):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                break
            if active is None or partition in active or partition in self._buffered_partitions:
                yield partition, self._to_message(partition, record)

    async def _drain_messages(self, fetcher: Any) -> None:
        since_yield = 0
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):  # noqa: SLF001
                await asyncio.sleep(0)
                async for partition, message in self.getmany(timeout=1.0):
                    since_yield += 1
                    if since_yield > _YIELD_EVERY:
                        await asyncio.sleep(0)
                        since_yield = 0
                    read = self._read_offset[partition]
                    if read is None or message.offset >= read:
                        await self._hand_out(partition, message)
        except self.consumer_stopped_errors:
            if not self.transport.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.transport.app.should_stop:
                raise

    async def _hand_out(self, partition: Any, message: Any) -> None:
        if not self.suspend_flow.is_set():
            if self.app.topics.acks_enabled_for(message.topic):
                self._handed_out[partition].append(message.offset)
            coroutine: Any = self.callback(message)
            try:
                yielded = coroutine.send(None)
            except StopIteration:
                pass  # nothing had to be waited for: the usual case, without the cost of a task
            else:
                await self.wait_first(_continued(coroutine, yielded), self.suspend_flow.wait())
        self._read_offset[partition] = message.offset


class Producer(aiokafka.Producer):
    """The producer."""

    def _settings_extra(self) -> dict[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(aiokafka.Transport):
    """What Faust asks for by the scheme of the broker's URL."""

    Consumer = Consumer
    Producer = Producer


def register() -> None:
    """Make the driver known to Faust under its scheme."""
    sys.modules.setdefault("wirefeed_transport", sys.modules[__name__])
    TRANSPORTS.aliases[SCHEME] = "wirefeed_transport:Transport"
