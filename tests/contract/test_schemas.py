"""The published schemas keep what those of every released version promised, and say what each property is."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.operate.asyncapi import asyncapi_document
from pipeline.operate.contracts import contract_files, message_schemas

from .promises import Schema, broken_promises, properties, resolved

GOLDEN = Path(__file__).parents[1] / "golden"
RELEASED = sorted(GOLDEN.glob("v*/schemas/*.schema.json"))
SCHEMAS = message_schemas()


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: f"{path.parents[1].name}/{path.name.partition('.')[0]}")
def test_what_a_released_schema_promised_is_still_kept(path: Path) -> None:
    """A reader of then is not surprised: nothing is gone, of another type, or of a value that was not foreseen."""
    assert broken_promises(json.loads(path.read_text(encoding="utf-8")), SCHEMAS[path.name.partition(".")[0]]) == []


def test_every_published_schema_has_a_released_one_to_be_held_to() -> None:
    """Those of the newest version; a message that is added gets its own there with the release."""
    newest = max(path.parents[1] for path in RELEASED)
    assert {path.name.partition(".")[0] for path in RELEASED if path.parents[1] == newest} == set(SCHEMAS)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("v*/schemas/asyncapi.yaml")), ids=lambda path: path.parents[1].name)
def test_topics_of_a_released_version_are_still_written_with_their_keys_and_headers(path: Path) -> None:
    """A topic keeps its name, what it holds, and what its records are keyed by; a header keeps its name and its form."""
    old, new = yaml.safe_load(path.read_text(encoding="utf-8")), yaml.safe_load(asyncapi_document())
    for name, channel in old["channels"].items():
        present = new["channels"][name]
        assert (present["address"], present["messages"]) == (channel["address"], channel["messages"])
        assert present["description"].partition(".")[0] == channel["description"].partition(".")[0], name
    for name, message in old["components"]["messages"].items():
        assert broken_promises(message["headers"], new["components"]["messages"][name]["headers"]) == []


def gone(schema: Schema) -> None:
    del schema["$defs"]["Story"]["properties"]["current"]


def renamed(schema: Schema) -> None:
    words = schema["$defs"]["Dispatch"]["properties"]
    words["title"] = words.pop("headline")


def retyped(schema: Schema) -> None:
    schema["$defs"]["Mention"]["properties"]["start"] = {"type": "string"}


def nullable(schema: Schema) -> None:
    part = schema["$defs"]["Story"]["properties"]
    part["reason"] = {"anyOf": [part["reason"], {"type": "null"}]}


def no_longer_required(schema: Schema) -> None:
    schema["required"].remove("receipt")


def one_value_more(schema: Schema) -> None:
    schema["$defs"]["Relation"]["enum"].append("follow-up")


def wider(schema: Schema) -> None:
    schema["$defs"]["RuleMatch"]["properties"]["severity"]["maximum"] = 9


def formless(schema: Schema) -> None:
    del schema["$defs"]["Dispatch"]["properties"]["received_at"]["format"]


def other_elements(schema: Schema) -> None:
    schema["$defs"]["Story"]["properties"]["providers"]["items"] = {"type": "object"}


@pytest.mark.parametrize(
    "change", [gone, renamed, retyped, nullable, no_longer_required, one_value_more, wider, formless, other_elements]
)
def test_a_change_that_breaks_readers_is_found(change: Callable[[Schema], None]) -> None:
    """Each of these would pass unnoticed where only messages are validated."""
    changed = deepcopy(SCHEMAS["event"])
    change(changed)
    assert broken_promises(SCHEMAS["event"], changed)


def test_a_property_more_breaks_nobody() -> None:
    """Messages may grow."""
    changed: Any = deepcopy(SCHEMAS["event"])
    changed["properties"]["weather"] = {"type": "string"}
    changed["$defs"]["Story"]["properties"]["mood"] = {"type": "integer"}
    changed["$defs"]["Story"]["required"].append("mood")
    assert broken_promises(SCHEMAS["event"], changed) == []


@pytest.mark.parametrize("name", [*SCHEMAS, "subscribers"])
def test_every_property_says_what_it_is(name: str) -> None:
    """With its unit where it has one: types are generated from these files, and editors show them."""
    schema = json.loads(contract_files()[f"{name}.schema.json"])
    silent = [place for place, part in properties(schema) if not {**resolved(part, schema), **part}.get("description")]
    assert silent == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_times_hashes_and_ids_declare_their_format(name: str) -> None:
    """So a generator makes them more than a string."""
    for place, part in properties(SCHEMAS[name]):
        key = place.rpartition(".")[2]
        declared = json.dumps(part)
        if key == "at" or key.endswith("_at") or key == "embargoed_until":
            assert '"date-time"' in declared, place
        if key in {"raw_sha256", "rule_sha256"}:
            assert '"pattern"' in declared, place
        if key in {"receipt", "dispatch_id", "story_id"}:
            assert '"uuid"' in declared, place
