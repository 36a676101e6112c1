"""The whole chain on Kafka: latency from wire.raw to wire.alerts at several rates, and CPU seconds of each stage.

Run with `python -m benchmarks.bench_kafka_chain [--rates 10 100] [--seconds 20] [--hops] [--write]`; needs what
tests/services/install fetches. Every dispatch raises an alert, each stage is a process of its own. `--hops` shows where the
time goes: the difference of the records' times from topic to topic.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import platform
import re
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.topology import STAGE_NAMES

RESULTS = Path(__file__).parent / "results" / "kafka_chain.md"


def _cpu(process: Any) -> float:
    fields = Path(f"/proc/{process.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Arrivals(threading.Thread):
    """Notes when each alert arrives."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        super().__init__(daemon=True)
        self._servers, self._topic = bootstrap, topic
        self.seen: dict[str, float] = {}
        self.ready = threading.Event()
        self.stopped = threading.Event()

    def run(self) -> None:
        """Read until told to stop."""
        from kafka import KafkaConsumer, TopicPartition

        consumer = KafkaConsumer(bootstrap_servers=self._servers, enable_auto_commit=False, fetch_max_wait_ms=20)
        partitions = [TopicPartition(self._topic, number) for number in consumer.partitions_for_topic(self._topic)]
        consumer.assign(partitions)
        consumer.seek_to_end(*partitions)
        for each in partitions:
            consumer.position(each)
        self.ready.set()
        while not self.stopped.is_set():
            for records in consumer.poll(timeout_ms=50).values():
                now = time.perf_counter()
                for record in records:
                    self.seen[json.loads(record.value)["headline"]] = now
        consumer.close()


def _run(wirefeed: Any, bootstrap: str, rate: int, seconds: float, start: int) -> dict[str, float]:
    from kafka import KafkaProducer

    from tests.services.samples import dispatch

    arrivals = Arrivals(bootstrap, f"{wirefeed.prefix}wire.alerts")
    arrivals.start()
    arrivals.ready.wait(30)
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=0)
    total = int(rate * seconds)
    # Numbers of six digits: "warehouse 1900" reads as a year, and the shipped rules let history rest.
    bodies = [dispatch(100_000 + start + number) for number in range(total)]
    sent: dict[str, float] = {}
    before = {process.name: _cpu(process) for process in wirefeed.running}
    began = time.perf_counter()
    for number, body in enumerate(bodies):
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
        position = str(start + number).encode()
        headers = [("feed", b"bench"), ("name", position), ("position", position)]
        sent[body["headline"]] = time.perf_counter()
        producer.send(f"{wirefeed.prefix}wire.raw", value=json.dumps(body).encode(), key=b"bench", headers=headers)
    producer.flush()
    end = time.perf_counter() + 60
    while len(arrivals.seen) < total and time.perf_counter() < end:
        time.sleep(0.05)
    arrivals.stopped.set()
    producer.close()
    delays = [1000 * (arrivals.seen[name] - at) for name, at in list(sent.items())[total // 5 :] if name in arrivals.seen]
    cpu = {process.name: 1000 * (_cpu(process) - before[process.name]) / total for process in wirefeed.running}
    return {"p50": _percentile(delays, 0.5), "p99": _percentile(delays, 0.99), "got": len(arrivals.seen), "of": total, **cpu}


def _hops(wirefeed: Any, number: int) -> list[str]:
    """Median and 99th percentile of each hop over the last records, by trace; the times are those of the producers, in ms."""
    times: dict[str, dict[str, float]] = {}
    for topic in ("raw", *HOPS):
        for record in wirefeed.records(topic)[-4 * number :]:
            trace = record["headers"].get("traceparent", "").split("-")[1:2] or [record["headers"].get("position", "")]
            times.setdefault(topic, {}).setdefault(trace[0], 1000 * record["timestamp"])
    lines = ["| hop | p50 ms | p99 ms |", "|---|---|---|"]
    last = sorted(times["alerts"], key=times["alerts"].__getitem__)[-number:]
    for before, after in itertools.pairwise(HOPS):
        found = [times[after][trace] - times[before][trace] for trace in last if trace in times[before] and trace in times[after]]
        if found:
            lines.append(f"| {before} → {after} | {_percentile(found, 0.5):.0f} | {_percentile(found, 0.99):.0f} |")
    return lines


HOPS = ("dispatches", "verdicts", "stories", "languages", "entities", "alerts")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--hops", action="store_true", help="show the time of each hop at the last rate")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/kafka_chain.md")
    options = parser.parse_args()
    from tests.services.broker import Broker, jars
    from tests.services.processes import Wirefeed

    sys.setswitchinterval(0.0005)  # sender and reader share this process: neither is to wait for the other
    gc.disable()
    libraries = jars()
    if libraries is None:
        sys.exit("Kafka's jars are absent; run tests/services/install")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder) / "kafka", libraries, heap="512m")
        broker.format()
        broker.start()
        wirefeed = Wirefeed(Path(folder), broker.bootstrap, f"sqlite:///{folder}/bench.db")
        try:
            wirefeed.run("topics", "apply")
            for stage in STAGE_NAMES:
                wirefeed.start("worker", stage)
            wirefeed.start("sink")
            for process in wirefeed.running:
                process.wait_ready()
            _run(wirefeed, broker.bootstrap, 50, 10, 800_000)  # warms the stages up
            start = 0
            for rate in options.rates:
                rows.append((rate, _run(wirefeed, broker.bootstrap, rate, options.seconds, start)))
                start += int(rate * options.seconds)
            if options.hops:
                print("\n".join(_hops(wirefeed, int(options.rates[-1] * options.seconds))))
        finally:
            wirefeed.end()
            broker.kill()
    names = [*(f"worker {stage}" for stage in STAGE_NAMES), "sink"]
    lines = [
        "| dispatches/s | alerts | p50 ms | p99 ms | " + " | ".join(re.sub("worker ", "", name) for name in names) + " | all |",
        "|---" * (5 + len(names)) + "|",
    ]
    for rate, found in rows:
        cpu = [found[name] for name in names]
        cells = [f"{rate}", f"{found['got']:.0f} of {found['of']:.0f}", f"{found['p50']:.0f}", f"{found['p99']:.0f}"]
        lines.append("| " + " | ".join([*cells, *(f"{each:.2f}" for each in cpu), f"{sum(cpu):.2f}"]) + " |")
    load = os.getloadavg()[0]
    machine = f"{platform.machine()}, {os.cpu_count()} cores shared with the broker, Python {platform.python_version()}"
    text = (
        f"# The chain on Kafka\n\n{datetime.now(UTC):%Y-%m-%d}, {machine}, load {load:.1f} after the run.\n\n"
        "Latency from the call of send to wire.raw until the alert is read from wire.alerts; stage columns are CPU seconds per\n"
        "1,000 dispatches of some 200 words, the process's idle work included.\n\n" + "\n".join(lines) + "\n"
    )
    print(text)
    if options.write:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
