"""Throughput of the Kafka engine: a pass-through stage beside a naive Faust agent and a bare aiokafka loop, and the full chain.

Run with `python -m benchmarks.bench_kafka [--records N] [--write]`; needs what tests/services/install fetches. With
BENCH_QUIX_PYTHON, an interpreter that has quixstreams (quix_pass_through.py says how), quixstreams is measured too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "kafka.md"


def _value() -> bytes:
    from tests.services.samples import dispatch

    words = " ".join(f"crate{number}" for number in range(240))
    return json.dumps(dispatch(1, text=words)).encode().ljust(3000, b" ")


def _fill(bootstrap: str, topic: str, records: int) -> None:
    from kafka import KafkaAdminClient, KafkaProducer

    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics({topic: {"num_partitions": 4, "replication_factor": 1}}, wait_for_metadata=True)
    admin.close()
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5, batch_size=262_144)
    value = _value()
    for number in range(records):
        producer.send(topic, value=value, key=b"%d" % number)
    producer.flush()
    producer.close()


# ---- one process a loop: measured inside, from the first record to the last


async def _bare(bootstrap: str, source: str, target: str, records: int) -> None:
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

    consumer = AIOKafkaConsumer(
        source, bootstrap_servers=bootstrap, group_id=f"bare-{source}", auto_offset_reset="earliest", enable_auto_commit=False
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_batch_size=262_144)
    await consumer.start()
    await producer.start()
    done = 0
    clock = Clock(records)
    while True:
        batches = await consumer.getmany(timeout_ms=1000, max_records=500)
        if batches:
            clock.start()
        futures = [await producer.send(target, each.value, key=each.key) for batch in batches.values() for each in batch]
        await asyncio.gather(*futures)
        done += len(futures)
        clock.stop_at(done)


class Clock:
    """Wall and CPU time from the first record to the last; prints and ends the process."""

    def __init__(self, records: int) -> None:
        self._records = records
        self._wall = self._cpu = 0.0

    def start(self) -> None:
        """Begin with the first record."""
        if not self._wall:
            self._wall, self._cpu = time.perf_counter(), time.process_time()

    def stop_at(self, done: int) -> None:
        """End with the last one."""
        if done >= self._records:
            wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
            print(json.dumps({"wall": wall, "cpu": cpu}), flush=True)
            os._exit(0)


async def _naive(bootstrap: str, source: str, target: str, records: int) -> None:
    import faust

    app = faust.App(
        f"naive-{source}", broker=f"kafka://{bootstrap}", value_serializer="raw", key_serializer="raw", web_enabled=False,
        topic_disable_leader=True, topic_allow_declare=False, datadir=tempfile.mkdtemp(), autodiscover=False,
        consumer_auto_offset_reset="earliest",
    )  # fmt: skip
    out = app.topic(target, value_type=bytes, value_serializer="raw")
    clock = Clock(records)
    done = 0

    async def each(stream: Any) -> None:
        nonlocal done
        async for event in stream.events():
            clock.start()
            await out.send(key=event.key, value=event.value)
            done += 1
            if done >= records:
                await app.producer._producer.flush()  # noqa: SLF001
            clock.stop_at(done)

    app.agent(app.topic(source, value_type=bytes, value_serializer="raw"))(each)
    app.finalize()
    await app.start()
    await asyncio.sleep(3600)


async def _ours(bootstrap: str, source: str, target: str, records: int) -> None:
    from pipeline.engines.condition import Condition
    from pipeline.engines.kafka.agents import Stateless
    from pipeline.engines.kafka.app import StageApp
    from pipeline.engines.kafka.connection import Connection
    from pipeline.engines.kafka.records import Outgoing
    from pipeline.settings import KafkaSettings
    from pipeline.topology import Topic

    reads, writes = (Topic(name, Any, None, (), (), "") for name in (source, target))  # type: ignore[arg-type]
    clock = Clock(records)
    done = 0

    class PassThrough(Stateless):
        name = source

        @property
        def reads(self) -> Topic:
            return reads

        def process(self, batch: Any) -> list[list[Outgoing]]:
            clock.start()
            return [[Outgoing(writes, each.key, each.value, each.headers, each) for each in batch]]

        def delivered(self, _group: Any, offsets: Any) -> None:
            nonlocal done
            done += len(offsets)
            clock.stop_at(done)

    app = StageApp(PassThrough(), Connection(KafkaSettings(bootstrap_servers=bootstrap)), Condition())
    await app.start()
    await asyncio.sleep(3600)


_LOOPS = {"naive Faust agent": _naive, "Wirefeed's delivery loop": _ours, "bare aiokafka loop": _bare}
_QUIX = "quixstreams"


def _measure(bootstrap: str, loop: str, records: int) -> dict[str, float]:
    from kafka import KafkaAdminClient

    target = f"out-{[*_LOOPS, _QUIX].index(loop)}"
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics({target: {"num_partitions": 4, "replication_factor": 1}}, wait_for_metadata=True)
    admin.close()
    command = [sys.executable, "-m", "benchmarks.bench_kafka", "--only", loop, bootstrap, "in", target, str(records)]
    if loop == _QUIX:
        command = [os.environ["BENCH_QUIX_PYTHON"], "benchmarks/quix_pass_through.py", bootstrap, "in", target, str(records)]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=600, check=False)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/kafka.md")
    parser.add_argument("--only", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        loop, bootstrap, source, target, records = options.only
        asyncio.run(_LOOPS[loop](bootstrap, source, target, int(records)))
        return
    from tests.services.broker import Broker, jars

    libraries = jars()
    if libraries is None:
        sys.exit("Kafka's jars are absent; run tests/services/install")
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder), libraries)
        broker.format()
        broker.start()
        try:
            _fill(broker.bootstrap, "in", options.records)
            lines = [
                f"Pass-through of {options.records:,} records of 3 KB, 4 partitions, one process beside the broker.\n",
                "| loop | records/s | per client CPU second | CPU seconds per 1,000 |\n|---|---|---|---|",
            ]
            for loop in [*_LOOPS, *([_QUIX] if os.environ.get("BENCH_QUIX_PYTHON") else [])]:
                found = _measure(broker.bootstrap, loop, options.records)
                rate, per_cpu = options.records / found["wall"], options.records / found["cpu"]
                lines.append(f"| {loop} | {rate:,.0f} | {per_cpu:,.0f} | {1000 / per_cpu:.3f} |")
        finally:
            broker.kill()
    machine = f"{platform.machine()}, {os.cpu_count()} cores shared with the broker, Python {platform.python_version()}"
    text = f"# Kafka engine\n\n{datetime.now(UTC):%Y-%m-%d}, {machine}.\n\n" + "\n".join(lines) + "\n"
    print(text)
    if options.write:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
