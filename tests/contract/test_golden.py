"""Messages and databases of every released version are read by the present code."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import select

from pipeline.messages import PUBLISHED, Event, Relation
from pipeline.operate.contracts import message_schemas
from pipeline.settings import StoreSettings
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.search import Query, index_pending, search
from pipeline.store.stories import read_story

GOLDEN = Path(__file__).parents[1] / "golden"
VERSIONS = sorted(GOLDEN.glob("v*"))
MESSAGES = [path for version in VERSIONS for path in sorted(version.glob("*.json"))]


def kind(path: Path) -> str:
    return "event" if path.stem.startswith("event-") else path.stem


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_golden_message_is_read_and_written_again_without_loss(path: Path) -> None:
    document = json.loads(path.read_text())
    written = json.loads(PUBLISHED[kind(path)].model_validate(document).to_json())
    assert kept(document, written) == document


def kept(document: object, written: object) -> object:
    """What is written, without the fields that a later version has added."""
    if isinstance(document, dict) and isinstance(written, dict):
        return {key: kept(value, written.get(key)) for key, value in document.items()}
    if isinstance(document, list) and isinstance(written, list) and len(document) == len(written):
        return [kept(one, other) for one, other in zip(document, written, strict=True)]
    return written


@pytest.mark.parametrize("path", [path for path in MESSAGES if path.parent == VERSIONS[-1]], ids=lambda path: path.stem)
def test_the_newest_golden_message_fits_the_published_schema(path: Path) -> None:
    validator = Draft202012Validator(message_schemas()[kind(path)], format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(json.loads(path.read_text()))] == []


def test_there_is_a_golden_message_of_every_published_kind() -> None:
    for version in VERSIONS:
        assert {kind(path) for path in version.glob("*.json")} == set(PUBLISHED)


def test_an_unknown_field_is_carried_through_a_rolling_upgrade() -> None:
    document = json.loads((VERSIONS[0] / "event-01-flash.json").read_text())
    document["dispatch"]["later_field"] = {"a": 1}
    document["later_section"] = [1]
    written = json.loads(Event.model_validate(document).to_json())
    assert written["dispatch"]["later_field"] == {"a": 1}
    assert written["later_section"] == [1]


def test_a_producer_schema_refuses_an_unknown_field() -> None:
    document = json.loads((VERSIONS[-1] / "event-01-flash.json").read_text())
    document["misspelt"] = 1
    assert list(Draft202012Validator(message_schemas()["event"]).iter_errors(document))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What would be kept of the present version."""
    folder = tmp_path_factory.mktemp("golden") / "v9.9"
    environment = {**os.environ, "PYTHONPATH": str(GOLDEN.parents[1])}
    subprocess.run([sys.executable, GOLDEN.parents[1] / "scripts" / "golden", folder], env=environment, check=True)
    return folder


def test_the_golden_files_of_the_next_version_can_be_made(made: Path, tmp_path: Path) -> None:
    """A message and a schema of every kind, the topics, and a database that is read and searched."""
    assert {kind(path) for path in made.glob("*.json")} == set(PUBLISHED)
    schemas = {path.name for path in (made / "schemas").iterdir()}
    assert schemas == {*(f"{name}.schema.json" for name in message_schemas()), "asyncapi.yaml"}
    test_the_database_of_a_version_is_upgraded_and_read(made, tmp_path)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_the_database_of_a_version_is_upgraded_and_read(version: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript((version / "store.sql").read_text())
    connection.close()
    store = Store.open(StoreSettings(url=f"sqlite:///{path}"))
    index_pending(store)
    with store.reading() as reading:
        identifiers = reading.execute(select(schema.stories.c.id)).scalars().all()
        relations = {event.story.relation for each in identifiers for event in read_story(reading, each) if event.story}
        found = search(reading, Query(words="serious consequences"))
    store.close()
    assert {Relation.DUPLICATE, Relation.CORRECTION, Relation.WITHDRAWAL} <= relations
    assert found
