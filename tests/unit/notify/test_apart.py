"""One odd event or message never stops the others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from pipeline.notify.apart import each_apart
from pipeline.store import outbox_schema
from pipeline.store.database import StoreError, StoreUnavailableError
from pipeline.store.dead_letters import read_dead_letters

from .conftest import NOON, match

HOUR = timedelta(hours=1)


def odd(wire, **options):
    """An event whose provider is no text: planning fails on it."""
    event = wire(item="odd", **options)
    event.dispatch.provider = None
    return event


def test_an_event_that_cannot_be_planned_does_not_stop_the_others(desk, wire, receiver, store) -> None:
    """The batch goes on, the odd event's bytes are kept with the reason, operators are told once."""
    house = desk("operator: true")
    event = odd(wire, story="odd")
    assert sorted(house.hears(wire(), event, wire(item="B1", story="other"))) == ["first", "first", "operator"]
    assert house.hears(event) == []
    (said,) = [body for body in receiver.bodies if body["reason"] == "operator"]
    assert "cannot be planned" in said["why"]
    with store.reading() as connection:
        (letter,) = read_dead_letters(connection)
    assert letter.stage == "notifier" and b"Sudrian troops" in letter.payload and str(letter.id) in said["why"]


def test_a_mended_event_is_planned_when_it_comes_again(desk, wire) -> None:
    """What could not be planned does not count as seen."""
    house, event = desk(), odd(wire)
    assert house.hears(event) == []
    event.dispatch.provider = "afp"
    assert house.hears(event) == ["first"]


def test_the_store_s_trouble_is_nobody_s_fault(store) -> None:
    """A database that fails is tried again as a whole: no event is given up for it."""

    def fail(_items) -> int:
        raise StoreUnavailableError("the disk is full")

    with pytest.raises(StoreUnavailableError), store.writing() as connection:
        each_apart(connection, [1, 2], fail, lambda *_: pytest.fail("given up"))
    with pytest.raises(StoreError), store.writing() as connection:
        each_apart(
            connection, [1, 2], lambda _: connection.execute(text("select 1 from nowhere")), lambda *_: pytest.fail("given up")
        )


@pytest.mark.parametrize("options", ["quiet_hours: [{hours: 11:00-13:00}]", "digest: {at: [13:00], max_severity: 4}"])
def test_a_held_message_that_cannot_be_read_does_not_stop_the_others(desk, wire, receiver, store, options) -> None:
    """It fails by itself; what waits beside it goes out at its hour."""
    house = desk(options)
    assert house.hears(wire(), wire(item="B1", story="other")) == []
    table = outbox_schema.outbox
    with store.writing() as connection:
        connection.execute(update(table).where(table.c.seq == 1).values(content="{"))
    house.deliver(HOUR)
    assert receiver.reasons in (["first"], ["summary"])
    house.deliver(HOUR)
    with store.reading() as connection:
        states = list(connection.execute(select(table.c.state).order_by(table.c.seq)).scalars())
    assert states in (["failed", "delivered"], ["suppressed", "suppressed", "delivered"])


def test_a_reminder_that_cannot_be_written_does_not_stop_the_others(desk, wire, receiver, store) -> None:
    """The other story is asked about again."""
    house = desk("escalation: {after_minutes: 10}")
    house.hears(wire(), wire(item="B1", story="other", alerts=[match(5)]))
    table = outbox_schema.outbox
    with store.writing() as connection:
        connection.execute(update(table).where(table.c.seq == 1).values(content="[]"))
    house.deliver(HOUR)
    assert receiver.reasons == ["first", "first", "reminder"] and house.now == NOON + HOUR
