"""What is forgotten, when, and what must outlast it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pipeline.notify import pruning
from pipeline.notify.pruning import Retention, prune
from pipeline.settings import NotifySettings
from pipeline.store import outbox_schema as schema
from pipeline.store.removal import purge_item

from .conftest import NOON

DAY = timedelta(days=1)


def contents(store) -> list[str]:
    with store.reading() as connection:
        return list(connection.execute(select(schema.outbox.c.content).order_by(schema.outbox.c.seq)).scalars())


def count(store, table) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_words_go_after_ninety_days_and_nobody_is_told_anew(desk, wire, store) -> None:
    """A redelivery, the agency's repetition and a later version stay silent; a kill still reaches who was told."""
    house, event = desk(), wire()
    house.hears(event)
    house.deliver(91 * DAY)
    assert contents(store) == ["{}"] and count(store, schema.audit) == 1
    assert house.hears(event) == []
    assert house.hears(wire(at=house.now)) == []
    assert house.hears(wire(at=house.now, revision="2", relation="update", of=event)) == []
    assert house.hears(wire.kill(event, at=house.now)) == ["retracted"]


def test_after_four_hundred_days_nothing_is_left_and_nobody_is_told_anew(desk, wire, store) -> None:
    """A dispatch that comes again is too old to be told."""
    house, event = desk(), wire()
    house.hears(event)
    house.deliver(401 * DAY)
    house.deliver(2 * pruning.EVERY)
    assert [count(store, table) for table in (schema.outbox, schema.told, schema.noticed)] == [0, 0, 0]
    assert house.hears(event) == []


def test_what_has_not_been_settled_is_never_pruned(desk, wire, store, receiver) -> None:
    """A message that waits for a release from embargo waits for years."""
    house = desk()
    house.hears(wire(embargoed_until=NOON + 500 * DAY))
    house.deliver(450 * DAY)
    assert len(contents(store)[0]) > 2
    house.deliver(50 * DAY)
    assert receiver.reasons == ["first"]


def test_pruning_goes_in_small_parts(desk, wire, store, monkeypatch) -> None:
    """Nobody waits long for the database."""
    monkeypatch.setattr(pruning, "MOST", 2)
    house, retention = desk(), Retention.of(NotifySettings())
    house.hears(*(wire(item=f"B{number}", story=f"b{number}") for number in range(5)))
    rounds = 0
    with store.writing() as connection:
        while prune(connection, NOON + 91 * DAY, retention):
            rounds += 1
    assert rounds >= 2 and set(contents(store)) == {"{}"}


def test_settings_never_forget_what_can_still_be_sent() -> None:
    """Knowledge outlasts words, and words the age at which news are told."""
    retention = Retention.of(NotifySettings(keep_days=1, remember_days=1, max_age_hours=72))
    assert retention == Retention(3 * DAY, 3 * DAY)


@pytest.mark.parametrize("options", ["", "digest: {at: [13:00], max_severity: 4}", "escalation: {after_minutes: 10}"])
def test_a_purge_takes_an_item_s_words_out_of_all_messages(desk, wire, store, options, receiver) -> None:
    """Out of messages about it, summaries, histories and reminders; a kill still reaches who was told."""
    house, event = desk(options), wire(headline="Unlawful words", text="Unlawful words crossed the border.")
    house.hears(event)
    house.deliver(timedelta(hours=1))
    house.hears(wire(item="A2", relation="correction", of=event, headline="Lawful"))
    house.deliver(timedelta(hours=1))
    house.hears(wire(item="B1", story="other", headline="Lawful"))
    with store.writing() as connection:
        assert purge_item(connection, "afp:A1").notifications > 0
        for table in (schema.outbox, schema.told, schema.audit):
            for row in connection.execute(select(table)):
                assert "nlawful" not in json.dumps([str(value) for value in row]), row
    house.deliver(timedelta(days=1))
    before = len(receiver.got)
    assert "retracted" in house.hears(wire.kill(event))
    assert b"nlawful" not in b"".join(body for _, body in receiver.got[before:])


def test_a_purged_message_is_not_sent(desk, wire, store, receiver) -> None:
    """What waited is ended; what failed cannot be sent again."""
    house = desk()
    receiver.answers = [500]
    house.hears(wire())
    house.plan(wire(item="B1", story="other"))
    with store.writing() as connection:
        purge_item(connection, "afp:A1")
        purge_item(connection, "afp:B1")
    house.deliver(DAY)
    assert len(receiver.got) == 1
