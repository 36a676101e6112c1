"""What stands around the chain in bench_kafka_chain: a sender, a reader of alerts, a receiver of webhooks, each its own process.

Times are of CLOCK_MONOTONIC, which all processes share. The bodies are made before the sending, so that the instrument takes
little of the machine that it measures.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

_NUMBER = re.compile(rb"Warehouse (\d+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_LEAD_SECONDS = 0.5


class Around:
    """The three processes; each answers one question at a time."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        context = get_context("spawn")
        self._ends: dict[str, Connection] = {}
        self._processes: dict[str, Any] = {}
        for name, target in (("sender", _sender), ("alerts", _alerts), ("webhook", _webhook)):
            end, other = context.Pipe()
            process = context.Process(target=target, args=(other, bootstrap, prefix), daemon=True)
            process.start()
            self._ends[name], self._processes[name] = end, process
        self.port = int(self._ends["webhook"].recv())
        self._ends["sender"].recv()

    @property
    def pids(self) -> list[int]:
        """Process ids."""
        return [process.pid for process in self._processes.values()]

    def watch_alerts(self) -> None:
        """Read alerts from here on; the topic must exist."""
        self._ask("alerts", "watch")

    def send(self, start: int, rate: float, count: int) -> None:
        """Begin to send dispatches of these numbers."""
        self._ends["sender"].send((start, rate, count))

    def sent(self) -> dict[int, float]:
        """Wait for the end of the sending; when each dispatch was handed to the producer."""
        found: dict[int, float] = self._ends["sender"].recv()
        return found

    def arrived(self, where: str) -> dict[int, float]:
        """When each alert arrived so far: from the topic (``alerts``) or as a ``webhook``."""
        found: dict[int, float] = self._ask(where, "arrived")
        return found

    def end(self) -> None:
        """End the processes."""
        for process in self._processes.values():
            process.terminate()
            process.join()

    def _ask(self, where: str, what: str) -> Any:
        self._ends[where].send(what)
        return self._ends[where].recv()


def _run(main: Callable[[], Awaitable[None]]) -> None:
    sys.setswitchinterval(0.0005)
    gc.disable()
    asyncio.run(main())  # type: ignore[arg-type]


async def _asked(end: Connection) -> Any:
    """Wait for a question."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(end.fileno(), asked.set)
    await asked.wait()
    loop.remove_reader(end.fileno())
    return end.recv()


def _bodies(start: int, rate: float, count: int) -> list[bytes]:
    from tests.services.samples import dispatch

    begin = datetime.now(UTC)
    made = []
    for number in range(count):
        at = (begin + timedelta(seconds=number / rate)).isoformat()
        made.append(json.dumps(dispatch(start + number, published_at=at, received_at=at)).encode())
    return made


def _sender(end: Connection, bootstrap: str, prefix: str) -> None:
    async def main() -> None:
        from aiokafka import AIOKafkaProducer

        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
        await producer.start()
        end.send("ready")
        while True:
            start, rate, count = await _asked(end)
            bodies = _bodies(start, rate, count)
            sent: dict[int, float] = {}
            futures = []
            begin = time.monotonic() + _LEAD_SECONDS
            for number, body in enumerate(bodies):
                await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
                place = str(start + number).encode()
                headers = [("feed", b"bench"), ("name", place), ("position", place)]
                sent[start + number] = time.monotonic()
                futures.append(await producer.send(f"{prefix}wire.raw", body, key=b"bench", headers=headers))
            await asyncio.gather(*futures)
            end.send(sent)

    _run(main)


def _alerts(end: Connection, bootstrap: str, prefix: str) -> None:
    async def main() -> None:
        from aiokafka import AIOKafkaConsumer

        arrived: dict[int, float] = {}
        await _asked(end)
        consumer = AIOKafkaConsumer(f"{prefix}wire.alerts", bootstrap_servers=bootstrap)
        await consumer.start()
        await consumer.seek_to_end()
        for partition in consumer.assignment():
            await consumer.position(partition)
        end.send("ready")

        async def read() -> None:
            while True:
                for records in (await consumer.getmany(timeout_ms=1000)).values():
                    now = time.monotonic()
                    for record in records:
                        found = _NUMBER.search(record.value)
                        if found is not None:
                            arrived.setdefault(int(found[1]), now)

        reading = asyncio.create_task(read())
        while not reading.done():
            await _asked(end)
            end.send(arrived)
        reading.result()

    _run(main)


def _webhook(end: Connection, _bootstrap: str, _prefix: str) -> None:
    arrived: dict[int, float] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                now = time.monotonic()
                found = _NUMBER.search(body)
                if found is not None:
                    arrived.setdefault(int(found[1]), now)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        end.send(server.sockets[0].getsockname()[1])
        while True:
            await _asked(end)
            end.send(arrived)

    _run(main)
