"""An event that nobody could be told of is told once an operator asks for it, unless it is no longer true."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.notify.unplanned import report_unplanned
from pipeline.operate.dead_letters import Filter, StoredLetters
from pipeline.store.dead_letters import read_dead_letters
from pipeline.store.events import write_events

MINUTE = timedelta(minutes=1)


@pytest.fixture
def give_up(store):
    """Keep an event as one that could not be planned."""

    def keep(house, event) -> None:
        with store.writing() as connection:
            write_events(connection, [event])
            report_unplanned(connection, house.notifier.subscribers, event, ValueError("a bug"), house.now)

    return keep


def replay(house) -> list[str]:
    """Ask for everything that is open; give the reasons of the messages that arrive."""
    before = len(house.receiver.got)
    letters = StoredLetters(house.store)
    letters.replay(letters.plan_replay(Filter(), 9), 50)
    house.deliver(MINUTE)
    return house.receiver.reasons[before:]


def left(store, state: str) -> list[str]:
    with store.reading() as connection:
        return [letter.reason for letter in read_dead_letters(connection, state=state)]


def test_a_replay_tells_everybody_once(desk, wire, store, give_up) -> None:
    house = desk()
    event = wire()
    give_up(house, event)
    house.deliver(MINUTE)
    assert house.receiver.reasons == []
    assert replay(house) == ["first"]
    assert left(store, "replayed") == ["ValueError: a bug"]
    assert replay(house) == []
    assert house.hears(event) == []


@pytest.mark.parametrize("came", ["kill", "version"])
def test_nobody_is_told_of_what_has_been_overtaken(desk, wire, store, give_up, came: str) -> None:
    house, event = desk(), wire()
    give_up(house, event)
    later = wire.kill(event) if came == "kill" else wire(revision="2", relation="update", of=event)
    with store.writing() as connection:
        write_events(connection, [later])
    assert replay(house) == []
    (why,) = left(store, "open")
    assert "nobody is told" in why


def test_a_kill_is_told_however_late(desk, wire, give_up) -> None:
    house, event = desk(), wire()
    assert house.hears(event) == ["first"]
    give_up(house, wire.kill(event))
    assert replay(house) == ["retracted"]


def test_what_still_cannot_be_planned_is_open_again_with_the_reason_and_stops_no_other(desk, wire, store, give_up) -> None:
    house, event = desk(), wire(item="odd", story="odd")
    event.dispatch.provider = None
    with store.writing() as connection:
        report_unplanned(connection, house.notifier.subscribers, event, ValueError("a bug"), house.now)
    give_up(house, wire())
    assert replay(house) == ["first"]
    (why,) = left(store, "open")
    assert why.startswith("its bytes are no event: ValidationError")
