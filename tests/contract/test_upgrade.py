"""An old reader takes new messages, and the present code goes on where an older version stopped."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.demo.play import lay_out
from pipeline.engines.chain import Chain
from pipeline.engines.embedded import EmbeddedEngine
from pipeline.messages import Alert, Event
from pipeline.settings import Settings
from pipeline.sources.open import open_source
from pipeline.store.database import Store

VERSIONS = sorted((Path(__file__).parents[1] / "golden").glob("v*"))


def opened(schema: Any) -> Any:
    """A schema as consumers are told to use it: what it does not know may be there."""
    if isinstance(schema, dict):
        return {key: opened(value) for key, value in schema.items() if not (key == "additionalProperties" and value is False)}
    return [opened(each) for each in schema] if isinstance(schema, list) else schema


def reader(version: Path, kind: str) -> Draft202012Validator:
    document = json.loads((version / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(opened(document))


@pytest.fixture(params=VERSIONS, ids=lambda path: path.name)
def version(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def settings(version: Path, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an installation whose database that version has left behind."""
    connection = sqlite3.connect(tmp_path / "wirefeed.db")
    connection.executescript((version / "store.sql").read_text(encoding="utf-8"))
    connection.close()
    with as_file(files("pipeline.demo") / "profiles") as profiles:
        yield Settings.model_validate({"store": {"url": f"sqlite:///{tmp_path}/wirefeed.db"}, "parse": {"profiles": profiles}})


def run(settings: Settings, *wires: Path) -> list[Event]:
    events: list[Event] = []
    store = Store.open(settings.store)
    engine = EmbeddedEngine(settings, Chain(settings), store, None, lambda outcome: events.extend(outcome.events))
    engine.restore()
    for wire in wires:
        engine.read([open_source(str(wire), max_item_bytes=settings.parse.max_item_bytes)])
    store.close()
    return events


def test_an_old_reader_reads_new_messages(version: Path, settings: Settings, tmp_path: Path) -> None:
    """Its schemas, used as consumers are told to, take what the present code writes."""
    wires = sorted(lay_out(tmp_path / "again", datetime(2026, 12, 24, 12, tzinfo=UTC)).iterdir())
    events = run(settings, *(wire for wire in wires if wire.suffix != ".bin"))
    alerts = [alert for alert in map(Alert.of, events) if alert is not None]
    assert len(events) == 9
    assert alerts
    for kind, messages in (("event", events), ("alert", alerts)):
        for message in messages:
            reader(version, kind).validate(json.loads(message.to_json()))


def test_an_old_reader_notices_what_is_missing(version: Path) -> None:
    """The check above would fail for a property that was renamed."""
    document = json.loads((version / "event-02-lead.json").read_text(encoding="utf-8"))
    document["dispatch"]["identifier"] = document["dispatch"].pop("id")
    assert not reader(version, "event").is_valid(document)


def test_an_old_database_is_gone_on_with(settings: Settings, tmp_path: Path) -> None:
    """It is migrated, and an item that it holds is known when its agency sends it again."""
    wires = lay_out(tmp_path / "again", datetime(2026, 11, 24, 13, tzinfo=UTC))
    (event,) = run(settings, wires / "07-sport.txt")
    assert event.story is not None
    assert event.story.relation.value == "duplicate"


def test_messages_that_consumers_get_wrong_are_among_the_golden_ones(version: Path) -> None:
    """A withdrawal, a copy, and a version that came after a newer one."""
    stories = [json.loads(path.read_text(encoding="utf-8"))["story"] for path in version.glob("event-*.json")]
    assert {"withdrawal", "duplicate", "correction"} <= {story["relation"] for story in stories}
    assert any(not story["current"] for story in stories)
