"""`wirefeed doctor` on a real cluster: each fault is named with its remedy."""

import json
import time
import tomllib
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from pipeline.operate.broker_diagnosis import BUILT_ON, broker_checks
from pipeline.operate.diagnosis import Check
from pipeline.settings import KafkaSettings, Settings
from tests.services.processes import ROOT, Wirefeed

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def findings(wirefeed: Wirefeed, **kafka: Any) -> dict[str, Check]:
    """What is found about the cluster, by the name of the check."""
    servers = wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"]
    settings = Settings(kafka=KafkaSettings(**{"bootstrap_servers": servers, "prefix": wirefeed.prefix, **kafka}))
    return {check.name: check for check in broker_checks(settings)}


def wrong(wirefeed: Wirefeed, check: str, **kafka: Any) -> str:
    """What one check finds wrong."""
    found = findings(wirefeed, **kafka)[check]
    assert not found.good, found
    return found.detail


def test_a_cluster_as_it_should_be_is_found_good(wirefeed: Wirefeed):
    """Broker, versions, permissions, topics, sizes and clocks are looked at by the command, and none is wrong."""
    lines = [json.loads(line) for line in wirefeed.run("doctor").stdout.splitlines()]
    found = {line["check"]: line["detail"] for line in lines}
    assert {"broker", "versions", "permissions", "topics", "message sizes", "clock", "record times"} <= found.keys()
    assert found["topics"] == "13 topics as they should be"
    assert found["clock"].startswith("this machine and the controller agree within")


@pytest.mark.slow
def test_the_cluster_is_looked_at_where_it_is_configured_or_asked_for(wirefeed: Wirefeed):
    """An installation of one process needs no broker; one that does not answer is the only finding about it."""
    wirefeed.environment = {key: value for key, value in wirefeed.environment.items() if not key.startswith("WIREFEED_KAFKA")}
    assert '"broker"' not in wirefeed.run("doctor").stdout
    wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"] = "127.0.0.1:9"
    *_, last = wirefeed.run("doctor", code=1).stdout.splitlines()
    assert "127.0.0.1:9 does not answer; check that it runs and kafka.bootstrap_servers" in json.loads(last)["detail"]


def test_what_is_wrong_with_topics_is_named_with_its_remedy(wirefeed: Wirefeed):
    """Missing, more than one partition where order matters, fewer than configured, other settings: all in one go."""
    absent = wrong(wirefeed, "topics", prefix="nobody-")
    assert absent == "no topic is there yet; `wirefeed topics apply` creates them"
    prefix = wirefeed.prefix
    admin = KafkaAdminClient(bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    admin.delete_topics([f"{prefix}wire.alerts"])
    admin.create_partitions({f"{prefix}wire.items": 3})
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, f"{prefix}wire.raw", {"retention.ms": "60000"})])
    admin.close()
    found = wrong(wirefeed, "topics", partitions=6)
    assert f"missing: {prefix}wire.alerts" in found
    assert f"{prefix}wire.items: keep; WARNING: must have 1 partition; delete it while the workers are stopped" in found
    assert f"{prefix}wire.raw: change; 4 → 6 partitions; retention.ms 60000 → 604800000" in found
    assert found.endswith("`wirefeed topics apply` mends what can be mended")


@pytest.mark.slow
def test_sizes_that_do_not_fit_are_found_before_the_first_large_item(wirefeed: Wirefeed):
    """An item, as JSON, must fit into a record, a record into a topic and into a request of the broker."""
    small = findings(wirefeed, max_message_bytes=1_000_000)
    assert "leaves no room for items of parse.max_item_bytes (8,388,608)" in small["message sizes"].detail
    assert "max.message.bytes 12582912 → 1000000" in small["topics"].detail
    large = wrong(wirefeed, "message sizes", max_message_bytes=200_000_000)
    assert "takes requests of 104,857,600 bytes, kafka.max_message_bytes is 200,000,000" in large


def test_a_writer_whose_clock_is_ahead_is_found(wirefeed: Wirefeed):
    """Ages and the window go by the records' times."""
    topic = f"{wirefeed.prefix}wire.raw"
    producer = KafkaProducer(bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"])
    producer.send(topic, value=b"x", timestamp_ms=int((time.time() + 600) * 1000)).get(timeout=30)
    producer.close()
    found = wrong(wirefeed, "record times")
    assert f"records from the future in {topic} (" in found
    assert "let NTP set the clocks of the machines that write there" in found


def test_this_machine_s_clock_is_compared_with_the_cluster_s(wirefeed: Wirefeed, monkeypatch: pytest.MonkeyPatch):
    """Behind the controller by an hour: said, with the remedy."""
    real = time.time
    monkeypatch.setattr("pipeline.operate.broker_diagnosis.time.time", lambda: real() - 3600)
    found = wrong(wirefeed, "clock")
    assert "the controller's clock is 3,600" in found or "the controller's clock is 3,599" in found
    assert "ahead of this machine's; let NTP set both" in found


def test_fewer_brokers_than_replicas_are_found(wirefeed: Wirefeed):
    """Three replicas need three brokers."""
    found = wrong(wirefeed, "broker", replication=3)
    assert found.startswith("1 brokers are fewer than kafka.replication = 3; start the missing ones")


def test_the_versions_that_the_engine_leans_on_are_those_that_are_pinned():
    """The doctor and pyproject.toml name the same versions."""
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {f"{name}=={version}" for name, version in BUILT_ON.items()} <= set(pinned)
