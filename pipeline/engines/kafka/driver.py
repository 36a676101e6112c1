"""Faust's aiokafka driver, held to at-least-once delivery.

A subclass, no fork, of the driver of faust-streaming 0.15.3. What it changes, and why:

- offsets are committed in the order in which records were handed out, so that gaps in a log (compaction) hold nothing up;
- at revocation the last commit happens before what was acknowledged is forgotten: a graceful restart repeats nothing;
- errors that the group coordinator parks end the process instead of leaving it silent;
- the producer is idempotent and waits for all in-sync replicas.
"""

from __future__ import annotations

import asyncio
import sys
import types
from collections import defaultdict, deque
from collections.abc import Generator
from typing import Any

from faust.transport.drivers import TRANSPORTS, aiokafka
from mode import Service

_YIELD_EVERY = 100
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


class Thread(aiokafka.AIOKafkaConsumerThread):
    """The consumer's thread."""

    async def raise_parked_errors(self) -> None:
        """Raise what the group coordinator has noted and would otherwise keep for a call that never comes."""
        await self.call_thread(self._raise_parked_errors)

    async def _raise_parked_errors(self) -> None:
        coordinator = self._ensure_consumer()._coordinator  # noqa: SLF001
        if hasattr(coordinator, "check_errors"):
            coordinator.check_errors()


class Consumer(aiokafka.Consumer):
    """The consumer."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._handed_out: defaultdict[Any, deque[int]] = defaultdict(deque)
        super().__init__(*args, **options)

    def _new_consumer_thread(self) -> Thread:
        return Thread(self, loop=self.loop, beacon=self.beacon)

    @Service.task
    async def _watch_coordinator(self) -> None:
        async for _ in self.itertimer(1.0, name="watch-coordinator"):
            thread: Any = self._thread
            if thread._consumer is not None:  # noqa: SLF001
                await thread.raise_parked_errors()

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

    async def _drain_messages(self, fetcher: Any) -> None:
        since_yield = 0
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):  # noqa: SLF001
                messages = self.getmany(timeout=1.0)
                await self.sleep(0)
                if self.should_stop:
                    break
                async for partition, message in messages:
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
