"""The webhook's body is one contract: model, published schema, golden examples."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from pipeline.messages import Changes, Dispatch, Notification
from pipeline.notify.body import WITHHELD_FIELDS, DispatchPart, MessageBody
from pipeline.operate.contracts import message_schemas
from pipeline.settings import NotifySettings

from .conftest import match

GOLDEN = Path(__file__).parents[2] / "golden" / "webhook"
EXAMPLES = ("first", "escalated", "corrected", "confirmed", "retracted", "released", "reminder", "summary", "operator")


@pytest.fixture
def bodies(desk, wire, receiver) -> dict[str, dict]:
    """A message of every reason."""
    house = desk(
        "rate_limit: {per_minute: 6}\nescalation: {after_minutes: 30, min_severity: 5}\noperator: true",
        NotifySettings(canary_minutes=60),
    )
    first = wire(alerts=[match(3), match(2, "Talks")])
    house.hears(first)
    house.hears(wire(item="A2", relation="update", of=first, alerts=[match(5)]))
    changes = Changes(numbers_removed=["14"], numbers_added=["none"])
    house.hears(wire(revision="2", relation="correction", of=first, alerts=[], changes=changes))
    house.hears(wire(provider="dpa", item="D1", relation="duplicate", alerts=[], of=first, providers=["afp", "dpa", "efe"]))
    house.deliver(timedelta(minutes=31))
    held = wire(item="H1", story="held")
    house.hears(held)
    house.hears(wire.kill(held, story="held", status="withheld", signal="hold"))
    house.hears(wire(item="H1", story="held", revision="3", relation="update"))
    house.plan(*(wire(item=f"S{number}", story=f"s{number}") for number in range(8)))
    house.deliver(timedelta(minutes=2))
    house.deliver(timedelta(hours=1))
    found = {}
    for body in receiver.bodies:
        found.setdefault(body["reason"], body)
    return found


def holds(said, promised) -> bool:
    """Whether everything promised is said, at every depth; more may be said."""
    if isinstance(promised, dict):
        return isinstance(said, dict) and all(key in said and holds(said[key], value) for key, value in promised.items())
    if isinstance(promised, list):
        return isinstance(said, list) and len(said) == len(promised) and all(map(holds, said, promised))
    return said == promised


def test_every_reason_is_worded_as_in_its_golden_example(bodies) -> None:
    """Fields may be added, and that is all; delete a file of tests/golden/webhook to have it written anew."""
    assert set(bodies) == set(EXAMPLES)
    for reason, body in bodies.items():
        path = GOLDEN / f"{reason}.json"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        assert holds(body, json.loads(path.read_text(encoding="utf-8"))), reason


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_golden_example_fits_the_schema_and_is_read_without_loss(name) -> None:
    """What receivers were promised stays readable."""
    document = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator(message_schemas()["webhook"], format_checker=FormatChecker()).validate(document)
    written = MessageBody.model_validate(document).model_dump(mode="json", by_alias=True)
    assert holds(written, document)


def test_the_body_has_every_field_of_a_dispatch_but_the_private_ones() -> None:
    """A field added to dispatches is either told or named as not for publication; reasons are those of the audit."""
    assert set(DispatchPart.model_fields) == set(Dispatch.model_fields) - WITHHELD_FIELDS | {"countries", "text_truncated"}
    assert MessageBody.model_fields["reason"].annotation == Notification.model_fields["reason"].annotation


def test_rules_are_named_alike_in_alerts_confirmations_and_retractions(bodies) -> None:
    """``rule`` is the id and ``title`` the title, everywhere."""
    named = [{(rule["rule"], rule["title"]) for rule in bodies[reason]["alert"]["rules"]} for reason in ("released", "retracted")]
    assert named == [{("invasion", "Invasion")}] * 2
