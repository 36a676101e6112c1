"""What operators see and do: commands, canary, release, audit."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.messages import Dispatch
from pipeline.notify import notifier as notifier_module
from pipeline.notify.audit import read_audit
from pipeline.notify.operating import history, list_messages, release_embargoed
from pipeline.settings import NotifySettings
from pipeline.store import outbox_schema
from pipeline.store.database import StoreUnavailableError
from pipeline.store.events import write_events

from .conftest import NOON, SECRET

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def wirefeed(store):
    def run(*arguments: str):
        return CliRunner().invoke(app, [*arguments, "--store", store.engine.url.render_as_string()])

    return run


def test_an_embargo_without_a_date_waits_for_an_operator(desk, wire, receiver, store) -> None:
    """Nothing goes out until somebody lets it go; then it says that it was released."""
    house, event = desk(), wire(status="withheld", relation="withdrawal", signal="new")
    assert house.hears(event) == [] and house.notifier.next_due() is None
    with store.writing() as connection:
        assert release_embargoed(connection, str(event.dispatch.id), "ines", NOON + HOUR) == 1
    house.deliver(HOUR)
    assert receiver.reasons == ["released"]
    assert house.hears(wire.kill(event)) == ["retracted"]


def test_an_embargo_without_a_date_ends_with_a_revision(desk, wire) -> None:
    """The usable revision is told as the first report."""
    house = desk()
    assert house.hears(wire(status="withheld", relation="withdrawal", signal="new")) == []
    assert house.hears(wire(revision="2", relation="update")) == ["first"]


def test_a_canary_is_never_told_and_its_absence_is(desk, wire, receiver) -> None:
    """Operators hear once that the chain is broken, and nobody hears of canaries."""
    house = desk("operator: true\nquiet_hours: [{hours: 00:00-23:59}]", NotifySettings(canary_minutes=10))
    house.deliver()
    canary = {"provider": "wirefeed-canary"}
    assert house.hears(wire(item="c1", **canary)) == []
    house.deliver(9 * MINUTE)
    house.hears(wire(item="c2", **canary))
    assert house.notifier.next_due() == NOON + 19 * MINUTE
    house.deliver(11 * MINUTE)
    house.deliver(HOUR)
    assert receiver.reasons == ["operator"] and "no canary has come" in receiver.bodies[0]["why"]
    house.hears(wire(item="c3", **canary))
    house.deliver(11 * MINUTE)
    assert receiver.reasons == ["operator", "operator"]


def test_a_canary_is_read_like_a_dispatch_and_not_stored(wire, store) -> None:
    """The command prints what the parser reads; the store has no trace of it."""
    line = CliRunner().invoke(app, ["notifications", "canary"]).stdout
    assert Dispatch.model_validate_json(line).provider == "wirefeed-canary"
    with store.writing() as connection:
        assert write_events(connection, [wire(provider="wirefeed-canary")]) == 0


def test_the_audit_tells_a_message_s_life(desk, wire, receiver, store) -> None:
    """Planned, tried, delivered: each with time, state and reason, also as messages of wire.notifications."""
    house = desk()
    receiver.answers = [500]
    house.hears(wire())
    house.deliver(HOUR)
    with store.reading() as connection:
        messages = [message for _, message in read_audit(connection)]
        lines = list(history(connection, "desk"))
    assert [(message.state, message.attempt) for message in messages] == [("queued", 0), ("queued", 1), ("delivered", 2)]
    assert len({message.id for message in messages}) == 1 and len(lines) == 3


def test_a_subscriber_who_leaves_the_file_hears_no_more(desk, wire, store, subscribe, receiver) -> None:
    """What waits for somebody who is gone is suppressed, not lost without a word."""
    house = desk()
    house.hears(wire(embargoed_until=NOON + HOUR))
    subscribe("subscribers: [{name: other, channels: [{type: console}]}]")
    house.deliver(HOUR)
    with store.reading() as connection:
        (message,) = list_messages(connection)
    assert message["state"] == "suppressed" and "no longer in the file" in message["detail"] and receiver.got == []


def test_delivery_goes_on_after_the_store_failed(desk, wire, receiver, store, monkeypatch) -> None:
    """An error of the store during settlement costs a repetition with the same id, never the thread or a message."""
    house = desk("", NotifySettings(max_age_hours=10**6))
    settle, failures = notifier_module.settle, [StoreUnavailableError("the disk is full")]

    def failing(*arguments, **options) -> None:
        if failures:
            raise failures.pop()
        settle(*arguments, **options)

    monkeypatch.setattr(notifier_module, "settle", failing)
    with house.notifier.delivering():
        house.plan(wire())
        house.notifier.wake()
        _until(lambda: not failures)
        with store.writing() as connection:
            connection.execute(update(outbox_schema.outbox).values(leased_until=NOON))
        house.plan(wire(item="B1", story="other"))
        house.notifier.wake()
        _until(lambda: len(receiver.got) >= 3)
    assert len({body["id"] for body in receiver.bodies}) == 2


def _until(done) -> None:
    end = time.monotonic() + 60
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    assert done()


def test_commands_on_messages(desk, wire, receiver, wirefeed) -> None:
    """list, redrive, history and acknowledge print JSON lines, or say what is wrong, with the right exit code."""
    house = desk()
    receiver.answers = [400]
    house.hears(wire())
    listed = json.loads(wirefeed("notifications", "list", "--state", "failed").stdout)
    assert listed["subscriber"] == "desk" and listed["detail"] == "answered 400"
    assert wirefeed("notifications", "list", "--state", "lost").exit_code == 2
    assert wirefeed("notifications", "redrive").exit_code == 2
    assert wirefeed("notifications", "redrive", "unknown").exit_code == 1
    assert wirefeed("notifications", "redrive", listed["key"], "--by", "ines").exit_code == 0
    assert house.notifier.deliver_due().delivered == 1
    assert "redriven by ines" in wirefeed("notifications", "history", "desk").stdout
    acknowledged = wirefeed("acknowledge", listed["story_id"], "--by", "ines")
    assert acknowledged.exit_code == 0 and "desk" in acknowledged.stderr
    assert wirefeed("acknowledge", "nothing").exit_code == 1
    assert wirefeed("notifications", "release", "nothing").exit_code == 1


def test_commands_on_silences(wirefeed, store) -> None:
    """Add prints the id, list shows it, expire ends it; all of it stands in the audit."""
    added = wirefeed("silences", "add", "--for", "2h", "--reason", "drill", "--by", "ines", "--rule", "Invasion")
    identifier = json.loads(added.stdout)["id"]
    assert json.loads(wirefeed("silences", "list").stdout)["author"] == "ines"
    assert wirefeed("silences", "expire", identifier, "--by", "ines").exit_code == 0
    assert wirefeed("silences", "expire", identifier).exit_code == 1
    assert wirefeed("silences", "list").stdout == ""
    for arguments in (["--for", "2h"], ["--for", "soon", "--rule", "x"], ["--for", "2020-01-01T00:00Z", "--rule", "x"]):
        assert wirefeed("silences", "add", "--reason", "drill", *arguments).exit_code == 2
    with store.reading() as connection:
        assert list(connection.execute(select(outbox_schema.audit.c.state)).scalars()) == ["silenced", "expired"]


def test_commands_on_subscribers(subscribe, receiver, tmp_path) -> None:
    """Check counts, test sends a message that is marked as a test."""
    channel = f"{{type: webhook, url: '{receiver.url}', secret: {SECRET}, allow_private_network: true}}"
    path = str(subscribe(f"subscribers: [{{name: desk, channels: [{channel}]}}]").path)
    checked = CliRunner().invoke(app, ["subscribers", "check", "--subscribers", path])
    assert checked.exit_code == 0 and "1 subscriber with 1 channel\n" in checked.stderr
    sent = CliRunner().invoke(app, ["subscribers", "test", "--subscribers", path])
    assert json.loads(sent.stdout)["outcome"] == "delivered" and receiver.bodies[0]["why"].startswith("a test")
    assert CliRunner().invoke(app, ["subscribers", "test", "nobody", "--subscribers", path]).exit_code == 2
    assert CliRunner().invoke(app, ["subscribers", "check", "--subscribers", str(tmp_path / "none.yaml")]).exit_code == 2
    assert json.loads(CliRunner().invoke(app, ["subscribers", "schema"]).stdout)["title"] == "Wirefeed subscribers file"
