"""Everything that can go wrong, under a steady load; afterwards every input is accounted for, once.

`make chaos` runs it with 50 kills; WIREFEED_CHAOS_KILLS and WIREFEED_CHAOS_RATE (dispatches a second) change that.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer

from pipeline.messages import ParsedDispatch
from pipeline.settings import DeduplicateSettings
from pipeline.stages.deduplicate.stage import Deduplicator
from pipeline.topology import STAGE_NAMES
from tests.services.broker import Broker
from tests.services.database import PostgresServer
from tests.services.processes import Wirefeed, until
from tests.services.samples import count, dispatch, rows

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(3600)]

KILLS = int(os.environ.get("WIREFEED_CHAOS_KILLS", "10"))
RATE = float(os.environ.get("WIREFEED_CHAOS_RATE", "20"))
_COPY_EVERY, _POISON_EVERY = 20, 200


class Load(threading.Thread):
    """Sends invented dispatches to wire.raw, some of them copies, some poison, until told to stop."""

    def __init__(self, wirefeed: Wirefeed) -> None:
        super().__init__(daemon=True)
        self._producer = KafkaProducer(
            bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"],
            acks="all",
            enable_idempotence=True,
            delivery_timeout_ms=300_000,
            max_block_ms=300_000,
        )
        self._topic = f"{wirefeed.prefix}wire.raw"
        self.stopped = threading.Event()
        self.sent: Counter[str] = Counter()

    def run(self) -> None:
        number = 0
        started = time.monotonic()
        while not self.stopped.is_set():
            if (time.monotonic() - started) * RATE < number:
                time.sleep(0.005)
                continue
            self._send(number)
            number += 1
        self._producer.flush(timeout=300)

    def _send(self, number: int) -> None:
        kind, body = "new", json.dumps(dispatch(number)).encode()
        if number % _POISON_EVERY == _POISON_EVERY - 1:
            kind, body = "poison", b"\x00\xff nobody's wire %d" % number
        elif number % _COPY_EVERY == _COPY_EVERY - 1:
            kind, body = "copy", json.dumps(dispatch(number - 10)).encode()
        headers = [("feed", b"load"), ("name", b"load-%d" % number), ("position", b"load-%d" % number)]
        self._producer.send(self._topic, value=body, key=b"load", headers=headers)
        self.sent[kind] += 1


def test_every_input_is_accounted_for_once(  # noqa: PLR0915 # a story, told in order
    own_kafka: Broker, own_postgres: PostgresServer, tmp_path: Path
):
    """Kills, restarts, outages, pauses, new partitions and poison: nothing lost, nothing doubled, one verdict a receipt."""
    store = own_postgres.url("postgres")
    wirefeed = Wirefeed(tmp_path, own_kafka.bootstrap, store)
    chance = random.Random(7)
    table: list[tuple[str, str]] = []
    try:
        wirefeed.run("topics", "apply")
        processes = [wirefeed.start("worker", stage, instance=stage) for stage in STAGE_NAMES]
        processes.append(wirefeed.start("sink", instance="sink"))
        for process in processes:
            process.wait_ready()
        load = Load(wirefeed)
        load.start()

        def caught_up(seconds: float = 90) -> float:
            began = time.monotonic()
            now = load.sent["new"]
            until(lambda: count(store, "dispatches") >= now, "work goes on", seconds)
            return time.monotonic() - began

        caught_up()
        longest = 0.0
        for _ in range(KILLS):
            victim = chance.choice(processes)
            victim.kill()
            victim.start()
            longest = max(longest, caught_up())
        table.append((f"{KILLS} × SIGKILL of a random process", f"longest until caught up {longest:.1f} s"))
        for process in processes:
            assert process.terminate() == 0, process.output[-2000:]
            process.start()
        table.append(("rolling SIGTERM of all", f"caught up after {caught_up():.1f} s"))
        extra = wirefeed.start("worker", "language", "entities")
        extra.wait_ready()
        time.sleep(5)
        assert extra.terminate() == 0
        table.append(("a second worker joins and leaves", f"caught up after {caught_up():.1f} s"))
        own_kafka.kill()
        own_kafka.start()
        table.append(("broker SIGKILL and restart", f"caught up after {caught_up():.1f} s"))
        own_kafka.pause()
        time.sleep(30)
        own_kafka.resume()
        table.append(("broker paused for 30 s", f"caught up after {caught_up():.1f} s"))
        own_postgres.stop("immediate")
        time.sleep(3)
        own_postgres.start()
        table.append(("PostgreSQL crash and restart", f"caught up after {caught_up():.1f} s"))
        admin = KafkaAdminClient(bootstrap_servers=own_kafka.bootstrap)
        admin.create_partitions({f"{wirefeed.prefix}wire.{topic}": 6 for topic in ("stories", "languages", "entities", "enriched")})
        admin.close()
        table.append(("partitions added, 4 → 6", f"caught up after {caught_up():.1f} s"))
        load.stopped.set()
        load.join(300)
        _account(wirefeed, store, load.sent, table)
    finally:
        wirefeed.end()
    print("\n" + "\n".join(f"{what:<40} {found}" for what, found in table))  # noqa: T201 # the table is the result


def _account(wirefeed: Wirefeed, store: str, sent: Counter[str], table: list[tuple[str, str]]) -> None:
    until(
        lambda: (
            count(store, "dispatches") >= sent["new"]
            and count(store, "copies") >= sent["copy"]
            and count(store, "dead_letters") >= sent["poison"]
        ),
        f"all of {dict(sent)} is stored",
        120,
    )
    found = rows(store, "select count(*), count(distinct id), count(distinct receipt) from dispatches")[0]
    table.append(("dispatches sent, stored, ids, receipts", f"{sent['new']}, {found}"))
    assert found == (sent["new"],) * 3
    for name, kind in (("copies", "copy"), ("dead_letters", "poison")):
        table.append((f"{name} sent, stored", f"{sent[kind]}, {count(store, name)}"))
        assert count(store, name) == sent[kind]
    verdicts: dict[str, set[str]] = {}
    for record in wirefeed.records("verdicts"):
        verdicts.setdefault(record["value"]["receipt"], set()).add(json.dumps(record["value"]["story"], sort_keys=True))
    table.append(("receipts, with more than one verdict", f"{len(verdicts)}, {sum(len(each) > 1 for each in verdicts.values())}"))
    assert len(verdicts) == sent["new"] + sent["copy"]
    assert all(len(each) == 1 for each in verdicts.values())
    differing = _replayed_differently(wirefeed.records("dispatches"), {key: next(iter(each)) for key, each in verdicts.items()})
    table.append(("verdicts that a replay of the log changes", str(differing)))
    assert differing == 0


def _replayed_differently(dispatches: list[dict[str, Any]], verdicts: dict[str, str]) -> int:
    """Decide the recorded log again in a fresh process state."""
    deduplicator = Deduplicator(DeduplicateSettings())
    parsed = [ParsedDispatch.model_validate(record["value"]) for record in dispatches]
    differing = set()
    for verdict in deduplicator.decide(parsed):
        again = json.loads(verdict.story.model_dump_json())
        if again != json.loads(verdicts[str(verdict.receipt)]):
            differing.add(verdict.receipt)
    return len(differing)
