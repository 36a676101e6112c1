"""What happens when something dies, is away, or sends what nobody can use."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer

from pipeline.topology import OWN_PREFIX, STAGE_NAMES
from tests.samples import irregular, new_dispatch, new_event, new_story
from tests.services.broker import Broker
from tests.services.database import PostgresServer
from tests.services.processes import ROOT, Process, Wirefeed, until
from tests.services.samples import count, rows, write_files

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

RESUMED_WITHIN_SECONDS = 15
OUTAGE_SECONDS = 20


def check_nothing_lost_or_doubled(wirefeed: Wirefeed, expected: int) -> None:
    """Every dispatch is stored once, and every receipt has one verdict."""
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    until(lambda: count(store, "dispatches") >= expected, f"{expected} dispatches are stored")
    assert rows(store, "select count(*), count(distinct id), count(distinct receipt) from dispatches") == [(expected,) * 3]
    assert count(store, "copies") == 0
    verdicts: dict[str, set[str]] = {}
    for value in (record["value"] for record in wirefeed.records("verdicts")):
        if not isinstance(value, dict):
            continue  # poison
        verdicts.setdefault(value["receipt"], set()).add(json.dumps([value["story"], value["offset"]]))
    assert len(verdicts) == expected
    assert all(len(each) == 1 for each in verdicts.values())


def kill_each_and_start_it_again(wirefeed: Wirefeed, tmp_path: Path) -> dict[str, float]:
    """Kill each process of the chain under load; check that nothing is lost, and return after how many seconds each worked again."""
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    processes = [wirefeed.start("worker", stage, instance=stage) for stage in STAGE_NAMES]
    processes.append(wirefeed.start("sink", instance="sink"))
    for process in processes:
        process.wait_ready()
    sent = 0
    resumed: dict[str, float] = {}
    for victim in processes:
        folder = write_files(tmp_path / f"before-{sent}", 30, start=sent)
        wirefeed.run("ingest", str(folder))
        sent += 30
        victim.kill()
        killed = time.monotonic()
        victim.start()
        folder = write_files(tmp_path / f"after-{sent}", 10, start=sent)
        wirefeed.run("ingest", str(folder))
        sent += 10
        until(lambda: count(store, "dispatches") >= sent, f"{victim.name} works again")  # noqa: B023 # called at once
        resumed[victim.name] = round(time.monotonic() - killed, 1)
    check_nothing_lost_or_doubled(wirefeed, sent)
    return resumed


def test_sigkill_of_each_worker_and_the_sink_loses_and_doubles_nothing(wirefeed: Wirefeed, tmp_path: Path):
    """Each process is killed under load and started again by its supervisor."""
    assert len(kill_each_and_start_it_again(wirefeed, tmp_path)) == len(STAGE_NAMES) + 1


@pytest.mark.slow  # beside other tests a start takes as long as they leave it
def test_work_resumes_within_15_seconds_of_a_sigkill(wirefeed: Wirefeed, tmp_path: Path):
    """The broker gives the dead member's partitions back to its successor at once."""
    assert max(kill_each_and_start_it_again(wirefeed, tmp_path).values()) <= RESUMED_WITHIN_SECONDS


def _waits_for(process: Process, words: str) -> bool:
    status, answer = process.health()
    return status == 503 and any(words in each for each in answer.get("waiting", {}).values())


@pytest.mark.xdist_group("own kafka")
def test_all_goes_on_by_itself_after_the_broker_was_away(own_kafka: Broker, postgres: str, tmp_path: Path):
    """The broker stops and comes back: processes stay alive, name what they wait for, and go on."""
    wirefeed = Wirefeed(tmp_path, own_kafka.bootstrap, postgres)
    try:
        wirefeed.run("topics", "apply")
        worker, sink = wirefeed.start("worker"), wirefeed.start("sink")
        wirefeed.run("ingest", str(write_files(tmp_path / "first", 20)))
        until(lambda: count(postgres, "dispatches") == 20, "the first are stored")
        own_kafka.stop()
        stopped = time.monotonic()
        for process in (worker, sink):
            until(lambda: _waits_for(process, own_kafka.bootstrap), f"{process.name} says that it waits for the broker")  # noqa: B023
            assert process.health("/healthz")[0] == 200
        time.sleep(max(0.0, OUTAGE_SECONDS - (time.monotonic() - stopped)))  # longer than any session lives
        own_kafka.start()
        wirefeed.run("ingest", str(write_files(tmp_path / "second", 20, start=20)))
        check_nothing_lost_or_doubled(wirefeed, 40)
        for process in (worker, sink):
            process.wait_ready()
            assert process.process.poll() is None
    finally:
        wirefeed.end()


def test_the_sink_goes_on_by_itself_after_the_database_was_away(wirefeed: Wirefeed, own_postgres: PostgresServer, tmp_path: Path):
    """PostgreSQL stops and comes back: the sink names it, and stores everything once."""
    url = own_postgres.url("postgres")
    wirefeed.environment["WIREFEED_STORE__URL"] = url
    wirefeed.start("worker")
    sink = wirefeed.start("sink")
    wirefeed.run("ingest", str(write_files(tmp_path / "first", 20)))
    until(lambda: count(url, "dispatches") == 20, "the first are stored")
    own_postgres.stop("immediate")
    wirefeed.run("ingest", str(write_files(tmp_path / "second", 20, start=20)))
    until(lambda: _waits_for(sink, "store"), "the sink says that it waits for the store")
    assert sink.health("/healthz")[0] == 200
    own_postgres.start()
    check_nothing_lost_or_doubled(wirefeed, 40)


def listed_letters(wirefeed: Wirefeed, *options: str) -> list[dict[str, Any]]:
    """What `dead-letters list` prints."""
    return [json.loads(line) for line in wirefeed.run("dead-letters", "list", *options).stdout.splitlines()]


def test_a_poison_record_in_any_topic_becomes_a_dead_letter_and_stops_nothing(wirefeed: Wirefeed, tmp_path: Path):
    """What cannot be decoded goes to dead letters with its bytes, from every topic; the records behind it go on."""
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    poisoned = ("raw", "dispatches", "stories", "languages", "entities", "enriched", "duplicates", "dead-letters")
    logs = ("verdicts", "items", "positions")
    producer = KafkaProducer(bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    for topic in (*poisoned, *logs):
        producer.send(f"{wirefeed.prefix}wire.{topic}", value=b"\x00 no message of ours", key=b"k").get(timeout=30)
    producer.close()
    worker = wirefeed.start("worker")
    wirefeed.start("sink")
    sent = wirefeed.run("ingest", str(write_files(tmp_path / "in", 10)))
    assert "a saved position cannot be read and is passed over; its unit is read again" in sent.stderr
    until(lambda: count(store, "dead_letters") == len(poisoned), "every poison record is a dead letter")
    check_nothing_lost_or_doubled(wirefeed, 10)
    stages = {row[0] for row in rows(store, "select stage from dead_letters")}
    assert stages == {"parse", "deduplicate", "language", "entities", "alerts", "sink", "unknown"}
    for topic in ("verdicts", "items"):
        assert f'"topic": "{wirefeed.prefix}wire.{topic}"' in worker.output, worker.output
    assert "unreadable record in the log, passed over" in worker.output
    assert {bytes(row[0]) for row in rows(store, "select payload from dead_letters")} == {b"\x00 no message of ours"}
    listed = listed_letters(wirefeed, "--error", "Undecodable")
    assert len(listed) == len(poisoned) - 2
    shown = json.loads(wirefeed.run("dead-letters", "show", listed[0]["id"]).stdout)
    assert shown["headers"]["__streams.errors.exception"] == "Undecodable"
    dry = wirefeed.run("dead-letters", "replay", "--stage", "language")
    assert "1 would be handed in" in dry.stderr
    wirefeed.run("dead-letters", "replay", "--stage", "language", "--yes")
    again = {"stage": "language", "attempt": 2}
    until(
        lambda: again in [{key: letter[key] for key in again} for letter in listed_letters(wirefeed)],
        "the replayed record is a dead letter again, and counted",
        seconds=20,
    )


def test_a_record_that_the_database_refuses_becomes_a_dead_letter_and_stops_nothing(wirefeed: Wirefeed, tmp_path: Path):
    """An id that no index takes, a stage that no column takes, a size that no number holds: what is behind them is stored."""
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    event = new_event(new_dispatch(item_id=irregular(9000)), new_story())
    producer = KafkaProducer(bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    producer.send(f"{wirefeed.prefix}wire.enriched", value=event.to_json(), key=b"k").get(timeout=30)
    for name, value in (("stage", b"x" * 40), ("size", b"9" * 30)):
        headers = [(f"{OWN_PREFIX}{name}", value)]
        producer.send(f"{wirefeed.prefix}wire.dead-letters", value=b"some bytes", headers=headers).get(timeout=30)
    producer.close()
    wirefeed.start("worker")
    wirefeed.start("sink")
    wirefeed.run("ingest", str(write_files(tmp_path / "in", 10)))
    until(lambda: count(store, "dead_letters") == 3, "each refused record is a dead letter")
    check_nothing_lost_or_doubled(wirefeed, 10)
    assert {row[0] for row in rows(store, "select stage from dead_letters")} == {"sink"}
    payloads = sorted(bytes(row[0]) for row in rows(store, "select payload from dead_letters"))
    assert payloads == sorted([event.to_json(), b"some bytes", b"some bytes"])


def test_an_item_above_the_limit_is_a_dead_letter_with_its_first_bytes(wirefeed: Wirefeed, tmp_path: Path):
    """An oversized file is named, hashed and cut; the others go on."""
    folder = write_files(tmp_path / "in", 5)
    (folder / "huge.xml").write_bytes(b"<nitf>" + b"x" * (9 * 1024 * 1024))
    wirefeed.start("worker")
    wirefeed.start("sink")
    done = wirefeed.run("ingest", str(folder), code=1)
    assert "huge.xml" in done.stderr
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    until(lambda: count(store, "dead_letters") == 1, "the huge file is a dead letter")
    assert rows(store, "select size, length(payload), error from dead_letters") == [(9 * 1024 * 1024 + 6, 65536, "TooLarge")]
    check_nothing_lost_or_doubled(wirefeed, 5)


def test_a_missing_topic_is_waited_for_by_name(wirefeed: Wirefeed, tmp_path: Path):
    """Before `topics apply`, commands say which topic is missing and what creates it."""
    fresh = Wirefeed(tmp_path, wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    try:
        worker = fresh.start("worker", "parse")
        until(lambda: _waits_for(worker, "wirefeed topics apply"), "the worker names the missing topic")
        assert worker.health("/healthz")[0] == 200
        refused = fresh.run("ingest", str(write_files(tmp_path / "in", 1)), code=2)
        assert "wire.positions is missing" in refused.stderr
        fresh.run("topics", "apply")
        worker.wait_ready()
        assert "0 of 13 topics changed" in fresh.run("topics", "apply").stderr
    finally:
        fresh.end()


def test_a_second_partition_of_an_ordered_topic_is_refused(wirefeed: Wirefeed):
    """Deduplication does not start where its topic has lost its one order; `topics plan` warns."""
    from kafka import KafkaAdminClient

    admin = KafkaAdminClient(bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    admin.create_partitions({f"{wirefeed.prefix}wire.dispatches": 2})
    admin.close()
    refused = wirefeed.run("worker", "deduplicate", code=2)
    assert "wire.dispatches has 2 partitions, it must have 1" in refused.stderr
    assert "WARNING: must have 1 partition" in wirefeed.run("topics", "plan").stderr


def test_a_broker_that_is_not_there_is_named(tmp_path: Path):
    """One-shot commands end with 2 and say what to check."""
    nowhere = Wirefeed(tmp_path, "127.0.0.1:9")
    for command in (("topics", "plan"), ("lag",)):
        assert "127.0.0.1:9 does not answer" in nowhere.run(*command, code=2).stderr


@pytest.mark.slow
def test_two_live_processes_with_one_instance_id_say_so_and_end(wirefeed: Wirefeed):
    """The broker lets them take the partitions from each other for ever, without an error."""
    twins = [wirefeed.start("worker", "language", instance="twin") for _ in range(2)]
    ended = until(lambda: [twin for twin in twins if twin.process.poll() is not None], "one of them ends", 90)
    assert ended[0].process.returncode == 70
    assert "another live process has the same kafka.instance_id" in ended[0].output
    assert '"instance_id": "twin"' in ended[0].output


#: Loaded by Python itself before the process begins: once it is a member, the process asks with an id that nobody holds.
FORGETFUL = """
from aiokafka.consumer.group_coordinator import GroupCoordinator

remembering = GroupCoordinator._start_heartbeat_task

def forget(self):
    remembering(self)
    GroupCoordinator._start_heartbeat_task = remembering
    self.member_id = "nobody"
    self.request_rejoin()

GroupCoordinator._start_heartbeat_task = forget
"""


def test_a_worker_and_a_sink_whose_place_in_the_group_is_taken_join_anew(wirefeed: Wirefeed, tmp_path: Path):
    """The broker fences them, as it does after a pause; their library does not know that answer."""
    (tmp_path / "forgetful").mkdir()
    (tmp_path / "forgetful" / "sitecustomize.py").write_text(FORGETFUL, encoding="utf-8")
    settings = {"PYTHONPATH": str(tmp_path / "forgetful")}
    processes = [wirefeed.start(*command, instance=command[-1], **settings) for command in (("worker", "language"), ("sink",))]
    for process in processes:
        until(lambda: "it joins anew" in process.output, f"{process.name} is fenced")  # noqa: B023 # called at once
        process.wait_ready()
    producer = KafkaProducer(bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    for topic in ("wire.stories", "wire.enriched"):
        producer.send(wirefeed.prefix + topic, b"no event").get(30)
    producer.close()
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    until(lambda: count(store, "dead_letters") == 2, "both say that it is no event")
    for process in processes:
        assert process.terminate() == 0 and "Traceback" not in process.output, process.output[-2000:]


def test_a_worker_that_does_not_come_up_ends_for_its_supervisor(wirefeed: Wirefeed):
    """A member of the group that lives and never comes to the rebalance would keep it alive and unready without a word."""
    topic, group = f"{wirefeed.prefix}wire.stories", f"{wirefeed.prefix}wirefeed-language"
    broker = wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"]
    other = KafkaConsumer(topic, bootstrap_servers=broker, group_id=group, max_poll_interval_ms=600_000)
    impatient = (
        "import runpy, sys; from pipeline.engines.kafka import worker; worker.START_SECONDS = 3.0; "
        "sys.argv = ['wirefeed', 'worker', 'language']; runpy.run_module('pipeline', run_name='__main__')"
    )
    try:
        until(lambda: other.poll(timeout_ms=500) == {} and bool(other.assignment()), "the other one is a member")
        done = subprocess.run(
            [sys.executable, "-c", impatient],
            env=wirefeed.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    finally:
        other.close()
    assert done.returncode == 70 and "do not come up though the broker answers" in done.stderr, done.stderr
