"""The whole chain on Kafka: latency from wire.raw to wire.alerts and to the webhook, and CPU time of each process.

Run with `python -m benchmarks.bench_kafka_chain [--rates 10 60 100] [--seconds 20] [--hops] [--write]`; needs what
tests/services/install fetches. Every dispatch raises an alert, each stage is a process of its own. First without a notifier, then
with one and a receiver of webhooks; last, faster and faster until the chain no longer follows. `--hops` shows where the time goes:
the difference of the records' times from topic to topic. `--write` writes the results, and the costs at 60/s into docs/capacity.md.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.chain_around import Around
from pipeline.topology import STAGE_NAMES

RESULTS = Path(__file__).parent / "results" / "kafka_chain.md"
CAPACITY = Path(__file__).parents[1] / "docs" / "capacity.md"
_CAPACITY_RATE, _IDLE_SECONDS = 60, 10
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of this benchmark
_STEP, _MOST_STEPS = 1.25, 7
#: Numbers of six digits: "warehouse 1900" reads as a year, and the shipped rules let history rest.
_FIRST_NUMBER = 100_000
HOPS = ("dispatches", "verdicts", "stories", "languages", "entities", "alerts")


@dataclass(frozen=True)
class Outcome:
    """One run at one rate: milliseconds of latency, CPU milliseconds a dispatch of each process."""

    rate: int
    total: int
    alerts: Sequence[float]
    webhooks: Sequence[float]
    cpu: Mapping[str, float]
    #: Share of the machine's cores that was busy, whatever with.
    busy: float
    #: Alerts or webhooks that had not come when the sending ended, and that never came.
    outstanding: int
    missing: int

    @property
    def follows(self) -> bool:
        """Whether the chain keeps up: what is outstanding at the end is half a second's work at most."""
        return self.outstanding <= self.rate / 2


def _cpu(pid: int) -> float:
    """CPU milliseconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _machine() -> tuple[int, int]:
    """Ticks of all cores so far: busy, and all."""
    ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Chain:
    """Broker, stages, sink and what stands around them."""

    def __init__(self, folder: Path, wirefeed: Any, broker: Any) -> None:
        self.wirefeed = wirefeed
        self._folder = folder
        self._broker = broker
        self._next = _FIRST_NUMBER
        self._notified = False
        wirefeed.run("topics", "apply")
        for stage in STAGE_NAMES:
            wirefeed.start("worker", stage)
        wirefeed.start("sink")
        for process in wirefeed.running:
            process.wait_ready()
        self._around = Around(broker.bootstrap, wirefeed.prefix)
        self._around.watch_alerts()

    def notify(self) -> None:
        """Start a notifier with one subscriber, who hears of everything."""
        path = self._folder / "subscribers.yaml"
        url = f"http://127.0.0.1:{self._around.port}/"
        channel = {"type": "webhook", "url": url, "secret": SECRET, "allow_private_network": True}
        path.write_text(json.dumps({"subscribers": [{"name": "desk", "channels": [channel]}]}))
        self.wirefeed.start("notifier", WIREFEED_SUBSCRIBERS__FILE=str(path)).wait_ready()
        self._notified = True

    def run(self, rate: int, seconds: float) -> Outcome:
        """Send at a steady rate and wait until everything has arrived, for a minute at most."""
        total, start = int(rate * seconds), self._next
        self._next += total
        before, (busy, ticks) = self._cpus(), _machine()
        self._around.send(start, rate, total)
        sent = self._around.sent()
        end, (busy_at_end, ticks_at_end) = time.monotonic(), _machine()
        where = ["alerts", "webhook"] if self._notified else ["alerts"]
        while True:
            arrived = {each: self._around.arrived(each) for each in where}
            missing = sum(number not in found for found in arrived.values() for number in sent)
            if not missing or time.monotonic() > end + 60:
                break
            time.sleep(0.1)
        cpu = {name: (value - before[name]) / total for name, value in self._cpus().items()}
        numbers = sorted(sent)[total // 5 :]
        delays = {
            each: [1000 * (found[number] - sent[number]) for number in numbers if number in found]
            for each, found in arrived.items()
        }
        outstanding = max(sum(found.get(number, math.inf) > end for number in sent) for found in arrived.values())
        share = (busy_at_end - busy) / (ticks_at_end - ticks)
        return Outcome(rate, total, delays["alerts"], delays.get("webhook", []), cpu, share, outstanding, missing)

    def idle(self) -> dict[str, float]:
        """CPU milliseconds a second of each process that has nothing to do."""
        before = self._cpus()
        time.sleep(_IDLE_SECONDS)
        return {name: (value - before[name]) / _IDLE_SECONDS for name, value in self._cpus().items()}

    def end(self) -> None:
        """End what stands around the chain."""
        self._around.end()

    def _cpus(self) -> dict[str, float]:
        found = {process.name.removeprefix("worker "): _cpu(process.process.pid) for process in self.wirefeed.running}
        return found | {"broker": _cpu(self._broker.pid), "instrument": sum(_cpu(pid) for pid in self._around.pids)}

    def fastest(self, seconds: float, follows: int) -> Iterator[Outcome]:
        """Go faster than a rate that it follows until it no longer does, then once more half way between the last two."""
        rate = int(follows * _STEP)
        for _ in range(_MOST_STEPS):
            outcome = self.run(rate, seconds)
            yield outcome
            if not outcome.follows:
                yield self.run((follows + rate) // 2, seconds)
                return
            follows, rate = rate, int(rate * _STEP)


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


def _table(outcomes: Sequence[Outcome]) -> list[str]:
    """Latency and CPU of each run."""
    names = list(outcomes[0].cpu)
    told = any(each.webhooks for each in outcomes)
    latencies = ["alerts p50 ms", "p99 ms", *(["webhooks p50 ms", "p99 ms"] if told else [])]
    head = ["dispatches/s", *latencies, "outstanding", "cores busy"]
    lines = [f"| {' | '.join([*head, *names, 'all'])} |", "|---" * (len(head) + len(names) + 1) + "|"]
    for each in outcomes:
        cells = [f"{each.rate}"]
        for delays in [each.alerts, each.webhooks] if told else [each.alerts]:
            cells += [f"{_percentile(delays, 0.5):.0f}", f"{_percentile(delays, 0.99):.0f}"]
        cells += [f"{each.outstanding}", f"{100 * each.busy:.0f} %"]
        cpu = [each.cpu[name] for name in names]
        lines.append(f"| {' | '.join([*cells, *(f'{value:.2f}' for value in cpu), f'{sum(cpu):.2f}'])} |")
    return lines


def _write_capacity(outcomes: Sequence[Outcome]) -> None:
    """Put the costs at one rate into the table of docs/capacity.md."""
    outcome = next((each for each in outcomes if each.rate == _CAPACITY_RATE), None)
    if outcome is None:
        return
    ours = {name: cost for name, cost in outcome.cpu.items() if name not in ("broker", "instrument")}
    costs = {**ours, "all": sum(ours.values()), "broker": outcome.cpu["broker"]}
    table = [f"| {' | '.join(costs)} |", "|---" * len(costs) + "|", f"| {' | '.join(f'{cost:.1f}' for cost in costs.values())} |"]
    text, found = re.subn(r"(?m)^\| parse \|.*\n\|---.*\n\|.*$", "\n".join(table), CAPACITY.read_text(), count=1)
    if not found:
        sys.exit(f"{CAPACITY} has no table of costs any more: its first column is parse")
    CAPACITY.write_text(text)


def _report(quiet: Sequence[Outcome], told: Sequence[Outcome], faster: Sequence[Outcome], idle: Mapping[str, float]) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} cores shared with the broker, Python {platform.python_version()}"
    follows = [each.rate for each in [*told, *faster] if each.follows]
    highest = f"**Highest rate that the chain follows: {max(follows)}/s.**" if follows else "It follows at none of these rates."
    missing = sum(each.missing for each in [*quiet, *told, *faster])
    return "\n".join([
        "# The chain on Kafka", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}, load {os.getloadavg()[0]:.1f} after the run.", "",
        "Latency from the call of send to wire.raw until the alert is read from wire.alerts, or until the webhook's body is there,",
        "without the first fifth of each run. Columns of processes are CPU milliseconds a dispatch of some 200 words, idle work",
        "included; `instrument` is what sends and receives. The broker is a small JVM, warm after 40 s. `outstanding`",
        "are the alerts or webhooks that had not come when the sending ended, `cores busy` counts everything on the machine.", "",
        "## Every stage its own process, no notifier", "", *_table(quiet), "",
        "## With a notifier", "", *_table(told), "",
        "## Faster and faster, with a notifier", "", *_table(faster), "",
        f"{highest} It follows where no more than half a second's alerts or webhooks are outstanding when the",
        f"sending ends. Alerts and webhooks that never came: {missing}.", "",
        "## With nothing to do", "",
        "CPU milliseconds a second: " + ", ".join(f"{name} {cost:.0f}" for name, cost in idle.items()) + ".", "",
    ])  # fmt: skip


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=int, nargs="+", default=[10, 60, 100])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only-quiet", action="store_true", help="neither notifier nor highest rate")
    parser.add_argument("--hops", action="store_true", help="show the time of each hop at the last rate")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/kafka_chain.md")
    options = parser.parse_args()
    from tests.services.broker import Broker, jars
    from tests.services.processes import Wirefeed

    libraries = jars()
    if libraries is None:
        sys.exit("Kafka's jars are absent; run tests/services/install")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Broker(folder / "kafka", libraries, heap="512m", lasts=True)
        broker.format()
        broker.start()
        wirefeed = Wirefeed(folder, broker.bootstrap, f"sqlite:///{folder}/bench.db")
        chain = None
        try:
            chain = Chain(folder, wirefeed, broker)
            chain.run(100, 40)  # warms the stages up, and lets the broker compile what it does often
            quiet = [chain.run(rate, options.seconds) for rate in options.rates]
            if options.hops:
                print("\n".join(_hops(wirefeed, int(options.rates[-1] * options.seconds))))
            if options.only_quiet:
                print("\n".join(_table(quiet)))
                return
            chain.notify()
            chain.run(50, 5)
            idle = chain.idle()
            told = [chain.run(rate, options.seconds) for rate in options.rates]
            faster = list(chain.fastest(options.seconds, max((each.rate for each in told if each.follows), default=40)))
        finally:
            if chain is not None:
                chain.end()
            wirefeed.end()
            broker.kill()
    text = _report(quiet, told, faster, idle)
    print(text)
    if options.write:
        RESULTS.write_text(text)
        _write_capacity(told)


if __name__ == "__main__":
    main()
