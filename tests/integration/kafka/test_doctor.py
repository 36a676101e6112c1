"""`wirefeed doctor` on a real cluster: each fault is named with its remedy."""

import json
import time
import tomllib
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from pipeline.operate.broker_diagnosis import BUILT_ON
from tests.services.broker import Broker
from tests.services.processes import ROOT, Wirefeed

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def findings(wirefeed: Wirefeed, code: int, **settings: str) -> dict[str, str]:
    """What the doctor says is wrong, or with code 0 all that it says, by the name of the check."""
    before = dict(wirefeed.environment)
    wirefeed.environment |= settings
    try:
        lines = wirefeed.run("doctor", code=code).stdout.splitlines()
    finally:
        wirefeed.environment = before
    checks = [json.loads(line) for line in lines]
    return {check["check"]: check["detail"] for check in checks if code == 0 or not check["good"]}


def test_a_cluster_as_it_should_be_is_found_good(wirefeed: Wirefeed):
    """Broker, versions, permissions, topics, sizes and clocks are looked at, and none is wrong."""
    found = findings(wirefeed, 0)
    assert {"broker", "versions", "permissions", "topics", "message sizes", "clock", "record times"} <= found.keys()
    assert found["topics"] == "13 topics as they should be"
    assert found["clock"].startswith("this machine and the controller agree within")


def test_a_broker_that_does_not_answer_is_the_only_finding(wirefeed: Wirefeed):
    """Nothing else about a cluster can be said; without a word about Kafka in the configuration it is not looked for."""
    found = findings(wirefeed, 1, WIREFEED_KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:9")
    assert found.keys() == {"broker"}
    assert "127.0.0.1:9 does not answer; check that it runs and kafka.bootstrap_servers" in found["broker"]
    wirefeed.environment = {key: value for key, value in wirefeed.environment.items() if not key.startswith("WIREFEED_KAFKA")}
    assert "broker" not in findings(wirefeed, 0)


def test_what_is_wrong_with_topics_is_named_with_its_remedy(wirefeed: Wirefeed, tmp_path: Path):
    """Missing, more than one partition where order matters, fewer than configured, other settings: all in one go."""
    fresh = Wirefeed(tmp_path, wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    assert findings(fresh, 1)["topics"] == "no topic is there yet; `wirefeed topics apply` creates them"
    prefix = wirefeed.prefix
    admin = KafkaAdminClient(bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    admin.delete_topics([f"{prefix}wire.alerts"])
    admin.create_partitions({f"{prefix}wire.items": 3})
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, f"{prefix}wire.raw", {"retention.ms": "60000"})])
    admin.close()
    found = findings(wirefeed, 1, WIREFEED_KAFKA__PARTITIONS="6")["topics"]
    assert f"missing: {prefix}wire.alerts" in found
    assert f"{prefix}wire.items: keep; WARNING: must have 1 partition; delete it while the workers are stopped" in found
    assert f"{prefix}wire.raw: change; 4 → 6 partitions; retention.ms 60000 → 604800000" in found
    assert found.endswith("`wirefeed topics apply` mends what can be mended")


def test_sizes_that_do_not_fit_are_found_before_the_first_large_item(wirefeed: Wirefeed):
    """An item, as JSON, must fit into a record, a record into a topic and into a request of the broker."""
    small = findings(wirefeed, 1, WIREFEED_KAFKA__MAX_MESSAGE_BYTES="1000000")
    assert "leaves no room for items of parse.max_item_bytes (8,388,608)" in small["message sizes"]
    assert "max.message.bytes 12582912 → 1000000" in small["topics"]
    large = findings(wirefeed, 1, WIREFEED_KAFKA__MAX_MESSAGE_BYTES="200000000")
    assert "takes requests of 104,857,600 bytes, kafka.max_message_bytes is 200,000,000" in large["message sizes"]


def test_a_writer_whose_clock_is_ahead_is_found(wirefeed: Wirefeed):
    """Ages and the window go by the records' times."""
    topic = f"{wirefeed.prefix}wire.raw"
    producer = KafkaProducer(bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    producer.send(topic, value=b"x", timestamp_ms=int((time.time() + 600) * 1000)).get(timeout=30)
    producer.close()
    found = findings(wirefeed, 1)["record times"]
    assert f"records from the future in {topic} (" in found
    assert "let NTP set the clocks of the machines that write there" in found


def test_fewer_brokers_than_replicas_are_found(own_kafka: Broker, tmp_path: Path):
    """Three replicas need three brokers."""
    wirefeed = Wirefeed(tmp_path, own_kafka.bootstrap, f"sqlite:///{tmp_path}/doctor.db")
    found = findings(wirefeed, 1, WIREFEED_KAFKA__REPLICATION="3")
    assert found["broker"].startswith("1 brokers are fewer than kafka.replication = 3; start the missing ones")


def test_the_versions_that_the_engine_leans_on_are_those_that_are_pinned():
    """The doctor and pyproject.toml name the same versions."""
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {f"{name}=={version}" for name, version in BUILT_ON.items()} <= set(pinned)
