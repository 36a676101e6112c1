"""Everything that can go wrong, under a steady load; afterwards every input is accounted for, once.

`make chaos` runs the whole storm and writes benchmarks/results/chaos.md; CI runs a short one. WIREFEED_CHAOS_KILLS and
WIREFEED_CHAOS_RATE (dispatches a second) change the whole one.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.topology import STAGE_NAMES
from tests.chaos.accounts import Row, accounts
from tests.chaos.load import Load
from tests.services.broker import Broker
from tests.services.database import PostgresServer
from tests.services.endpoint import Endpoint
from tests.services.processes import ROOT, Process, Wirefeed, until
from tests.services.samples import count

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

KILLS = int(os.environ.get("WIREFEED_CHAOS_KILLS", "50"))
RATE = float(os.environ.get("WIREFEED_CHAOS_RATE", "20"))


class Storm:
    """An installation under load, and what is done to it."""

    def __init__(self, broker: Broker, postgres: PostgresServer, folder: Path, rate: float) -> None:
        self.broker, self.postgres = broker, postgres
        self.store = postgres.url("postgres")
        self.endpoint = Endpoint()
        self.wirefeed = Wirefeed(folder, broker.bootstrap, self.store)
        self.wirefeed.run("topics", "apply")
        self.processes = [self.wirefeed.start("worker", stage, instance=stage) for stage in STAGE_NAMES]
        self.processes.append(self.wirefeed.start("sink", instance="sink"))
        subscribers = str(self.endpoint.subscribers(folder))
        self.processes.append(self.wirefeed.start("notifier", "--subscribers", subscribers, instance="notifier"))
        for process in self.processes:
            process.wait_ready()
        self.load = Load(self.wirefeed, rate)
        self.rows: list[Row] = []

    def caught_up(self, seconds: float = 120) -> float:
        """Wait until all that has been sent by now is stored; return the seconds that took."""
        began = time.monotonic()
        now = self.load.sent["new"]
        until(lambda: count(self.store, "dispatches") >= now, "work goes on", seconds)
        return time.monotonic() - began

    def suffer(self, what: str, fault: Callable[[], None]) -> None:
        """Do something bad and note how long the work took to catch up."""
        fault()
        self.rows.append((what, f"caught up after {self.caught_up():.1f} s", True))

    def kill(self, number: int) -> None:
        """SIGKILL processes at random, each started again at once."""
        chance = random.Random(7)
        longest = 0.0
        for _ in range(number):
            victim = chance.choice(self.processes)
            victim.kill()
            victim.start()
            longest = max(longest, self.caught_up())
        self.rows.append((f"{number} × SIGKILL of a random process", f"longest until caught up {longest:.1f} s", True))

    def restart_all(self) -> None:
        """SIGTERM one after the other, each once it works."""
        for process in self.processes:
            process.wait_ready()
            assert process.terminate() == 0, process.output[-2000:]
            process.start()

    def join_and_leave(self) -> None:
        """Let a second worker of each of two stages come and go."""
        extra = [self.wirefeed.start("worker", stage) for stage in ("language", "entities")]
        self._ready(extra)
        self.caught_up()
        for process in extra:
            assert process.terminate() == 0, process.output[-2000:]

    def take_over(self) -> None:
        """Let a second deduplicate stand by, and take over when the first one is killed."""
        first = next(process for process in self.processes if process.name == "worker deduplicate")
        standby = self.wirefeed.start("worker", "deduplicate")
        self._ready([standby])
        first.kill()
        self.caught_up()
        first.start()
        self._ready([first])
        assert standby.terminate() == 0, standby.output[-2000:]

    def kill_broker(self) -> None:
        """SIGKILL the broker."""
        self.broker.kill()
        self.broker.start()

    def pause_broker(self, seconds: float) -> None:
        """SIGSTOP the broker."""
        self.broker.pause()
        time.sleep(seconds)
        self.broker.resume()

    def crash_postgres(self) -> None:
        """Stop PostgreSQL without a checkpoint."""
        self.postgres.stop("immediate")
        time.sleep(3)
        self.postgres.start()

    def add_partitions(self) -> None:
        """Let every topic that may grow grow, as an operator does."""
        self.wirefeed.environment["WIREFEED_KAFKA__PARTITIONS"] = "6"
        assert "topics changed" in self.wirefeed.run("topics", "apply").stderr

    def end(self) -> None:
        """End everything."""
        self.load.stopped.set()
        if self.load.is_alive():
            self.load.join(30)
        self.wirefeed.end()
        self.endpoint.close()

    @staticmethod
    def _ready(processes: list[Process]) -> None:
        for process in processes:
            process.wait_ready()


def rage(storm: Storm, kills: int, pause_seconds: float) -> None:
    """Let everything happen, one after the other; print the table; fail where a line of it does not hold."""
    storm.load.start()
    storm.caught_up()
    storm.kill(kills)
    storm.suffer("rolling SIGTERM of all", storm.restart_all)
    storm.suffer("second workers of two stages join and leave", storm.join_and_leave)
    storm.suffer("a second deduplicate takes over", storm.take_over)
    storm.suffer("broker SIGKILL and restart", storm.kill_broker)
    storm.suffer(f"broker paused for {pause_seconds:.0f} s", lambda: storm.pause_broker(pause_seconds))
    storm.suffer("PostgreSQL crash and restart", storm.crash_postgres)
    storm.suffer("partitions added, 4 → 6", storm.add_partitions)
    storm.load.stopped.set()
    storm.load.join(300)
    table = [*storm.rows, *accounts(storm.wirefeed, storm.store, storm.load, storm.endpoint)]
    text = "\n".join(f"{what:<56} {found:<32} {'holds' if good else 'DOES NOT HOLD'}" for what, found, good in table)
    print("\n" + text)  # noqa: T201 # the table is the result
    written = os.environ.get("WIREFEED_CHAOS_RESULTS")
    if written:
        settings = f"{kills} kills, {RATE:.0f} dispatches/s, every one raises an alert"
        head = f"# Chaos\n\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores shared with broker and PostgreSQL; {settings}.\n"
        (ROOT / written).write_text(f"{head}\n```\n{text}\n```\n", encoding="utf-8")
    assert all(good for _, _, good in table), text


@pytest.mark.timeout(400)
@pytest.mark.slow  # beside other tests on two cores it does not end in time
def test_every_input_is_accounted_for_once_after_a_short_storm(own_kafka: Broker, own_postgres: PostgresServer, tmp_path: Path):
    """Two kills, a restart of all, outages, second workers, new partitions, poison: nothing lost, nothing doubled, one verdict."""
    storm = Storm(own_kafka, own_postgres, tmp_path, 20)
    try:
        rage(storm, 2, 5)
    finally:
        storm.end()


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_every_input_is_accounted_for_once_after_the_whole_storm(own_kafka: Broker, own_postgres: PostgresServer, tmp_path: Path):
    """Fifty kills, and the broker paused for longer than any session lives."""
    storm = Storm(own_kafka, own_postgres, tmp_path, RATE)
    try:
        rage(storm, KILLS, 30)
    finally:
        storm.end()
