"""The example consumers do what docs/consumers.md asks of everybody."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from pipeline.messages import Alert, Event, Relation, Status  # fmt: skip
from tests.samples import new_dispatch, new_event, new_match, new_story
from tests.services.fixtures import Kafka
from tests.unit.deploy.reading import DEPLOY

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXAMPLES = DEPLOY / "examples"


def example(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def event(revision: str = "1", *, relation: Relation = Relation.NEW, current: bool = True, **fields: Any) -> Event:
    dispatch = new_dispatch(
        provider="nordpress", item_id="urn:one", revision=revision, received_at=NOW, headline=f"Version {revision}",
        position=revision, **fields,
    )  # fmt: skip
    return new_event(dispatch, new_story("one", relation, current=current), alerts=[new_match(4, "Shelling")])


def taken(*events: Event) -> list[str | None]:
    desk = example("consumer_kafka_python").Desk()
    return [desk.take(json.loads(each.to_json()), NOW) for each in events]


def test_a_repetition_changes_nothing() -> None:
    """The same receipt twice is used once."""
    first, again = taken(event(), event())
    assert first.startswith("new")
    assert "severity 4" in first
    assert again is None


def test_a_withdrawal_is_acted_upon() -> None:
    """Whatever was shown is to be taken down."""
    assert taken(event(), event("2", relation=Relation.WITHDRAWAL, status=Status.CANCELED))[1].startswith(
        "WITHDRAWN nordpress urn:one"
    )


def test_an_older_version_never_replaces_a_newer_one() -> None:
    """What came late is passed over."""
    assert taken(event("2"), event("1", current=False))[1] is None


def test_an_embargo_is_kept() -> None:
    """Nothing is shown before it ends."""
    assert taken(event(embargoed_until=NOW.replace(hour=13))) == [None]


def test_unknown_properties_are_passed_over() -> None:
    """A newer producer's message can be read."""
    document = json.loads(event().to_json())
    document["weather"] = document["dispatch"]["mood"] = document["story"]["colour"] = "unknown"
    assert example("consumer_kafka_python").Desk().take(document, NOW)


def test_a_story_is_told_once_at_each_severity() -> None:
    """A second match of the same severity says nothing new."""
    alert = json.loads(Alert.of(event()).to_json())
    stories = example("consumer_aiokafka").Stories()
    assert "Shelling" in stories.take(alert)
    assert stories.take(alert) is None
    assert stories.take({**alert, "severity": 5}).startswith("severity 5")


@pytest.mark.kafka
@pytest.mark.parametrize("name", ["consumer_kafka_python", "consumer_aiokafka"])
def test_examples_run_against_a_broker(kafka: Kafka, name: str, tmp_path: Path) -> None:
    """A group reads from the beginning, prints one line, saves its offsets and reads nothing twice."""
    topic = f"example-{uuid4()}"
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    admin.close()
    message = event() if name == "consumer_kafka_python" else Alert.of(event())
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    for _ in range(2):
        producer.send(topic, message.to_json(), key=b"story").get(timeout=30)
    if name == "consumer_aiokafka":
        worse = message.model_copy(update={"severity": 5}).to_json()
        producer.send(topic, worse, key=b"story", headers=[("wirefeed_replay", b"drill")]).get(timeout=30)
    producer.close()
    script = str(EXAMPLES / f"{name}.py")
    command = [sys.executable, script, kafka.bootstrap, "--topic", topic, "--group", topic, "--idle-seconds", "4"]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, timeout=60) for _ in range(2)]
    assert [len(run.stdout.splitlines()) for run in runs] == [1, 0]
