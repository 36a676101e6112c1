"""What makes a message wait, and what comes of it then."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pipeline.notify.hours import begins, ends, next_time
from pipeline.notify.silences import Silence, acknowledge, add_silence, expire_silence
from pipeline.settings import NotifySettings
from pipeline.store import outbox_schema

from .conftest import NOON, SECRET, match

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
#: Seconds that a machine busy with other work is granted; `make bench-notify` measures an idle one.
BUSY = 5


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "over"),
    [
        ("2026-01-05T21:59+01:00", None),
        ("2026-01-05T22:00+01:00", "2026-01-06T07:00+01:00"),
        ("2026-01-06T06:59+01:00", "2026-01-06T07:00+01:00"),
        ("2026-01-06T07:00+01:00", None),
        ("2026-03-28T23:00+01:00", "2026-03-29T07:00+02:00"),  # an hour shorter
        ("2026-10-24T23:00+02:00", "2026-10-25T07:00+01:00"),  # an hour longer
    ],
)
def test_quiet_hours_pass_midnight_and_changes_of_the_clock(now, over) -> None:
    """The wall clock in the subscriber's zone decides when they end."""
    assert ends(at(now), "22:00-07:00", [], "Europe/Paris") == (at(over) if over else None)


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - the zone is put on below
    zone=st.sampled_from(["Europe/Paris", "America/St_Johns", "Asia/Tokyo", "Pacific/Apia", "UTC"]),
    start=st.integers(0, 1439),
    length=st.integers(1, 1439),
)
@settings(max_examples=150, deadline=None)
def test_quiet_is_what_the_wall_clock_says(now, zone, start, length) -> None:
    """On a day without a change of the clock, hours hold exactly between their two times, and end at the second."""
    moment, end = now.replace(tzinfo=ZoneInfo(zone)), (start + length) % 1440
    offsets = {(moment + timedelta(days=days)).utcoffset() for days in (-2, -1, 0, 1, 2)}
    assume(len(offsets) == 1)
    minute = moment.hour * 60 + moment.minute
    over = ends(moment.astimezone(UTC), f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}", [], zone)
    assert (over is not None) == ((minute - start) % 1440 < length)
    if over is not None:
        local = over.astimezone(ZoneInfo(zone))
        assert over > moment and (local.hour * 60 + local.minute, local.second) == (end, 0)


def test_hours_in_the_hour_that_is_skipped_or_repeated() -> None:
    """02:30 does not exist on 29 March and exists twice on 25 October: neither is missed, neither lasts a day."""
    assert ends(at("2026-03-29T01:10+00:00"), "02:00-02:30", [], "Europe/Paris") == at("2026-03-29T03:30+02:00")
    assert ends(at("2026-10-25T02:15+02:00"), "02:00-02:30", [], "Europe/Paris") == at("2026-10-25T02:30+02:00")
    assert ends(at("2026-10-25T02:15+01:00"), "02:00-02:30", [], "Europe/Paris") is None


def test_days_are_those_on_which_hours_begin() -> None:
    """Friday's quiet night lasts into Saturday morning; Saturday has none."""
    assert ends(at("2026-03-07T03:00+00:00"), "22:00-07:00", ["fri"], "UTC") == at("2026-03-07T07:00+00:00")
    assert ends(at("2026-03-08T03:00+00:00"), "22:00-07:00", ["fri"], "UTC") is None


def test_the_next_time_of_day_is_never_now() -> None:
    """A digest at seven that is planned at seven comes tomorrow; active hours begin on their next day."""
    assert next_time(at("2026-03-28T07:00+01:00"), "07:00", "Europe/Paris") == at("2026-03-29T07:00+02:00")
    assert begins(at("2026-03-07T12:00+00:00"), "09:00-17:00", ["mon"], "UTC") == at("2026-03-09T09:00+00:00")


def test_what_waits_is_said_once_and_newest(desk, wire, receiver) -> None:
    """An alert, its escalation and its correction in one night make one message in the morning: the first."""
    house = desk("quiet_hours: [{hours: 00:00-13:00}]")
    first = wire(alerts=[match(2)])
    house.hears(first)
    house.hears(wire(item="A2", relation="update", alerts=[match(4)], headline="Worse"))
    house.deliver(HOUR)
    assert receiver.reasons == ["first"] and receiver.bodies[0]["dispatch"]["headline"] == "Worse"
    assert receiver.bodies[0]["alert"]["severity"] == 4


def test_a_quiet_alert_whose_item_is_revised_is_replaced(desk, wire, receiver) -> None:
    """A revision that no longer matches leaves nothing to say in the morning."""
    house = desk("quiet_hours: [{hours: 00:00-13:00}]")
    house.hears(wire())
    house.hears(wire(revision="2", relation="update", alerts=[]))
    house.deliver(HOUR)
    assert receiver.got == []


def test_outside_active_hours_even_the_severe_waits_but_a_retraction_does_not(desk, wire, receiver) -> None:
    """Active hours have no floor; a kill of what was told goes through."""
    house = desk("active_hours: [{hours: 11:00-13:00}]")
    event = wire()
    assert house.hears(event) == ["first"]
    house.now += 3 * HOUR
    assert house.hears(wire(item="B1", story="other", alerts=[match(5)])) == []
    assert house.hears(wire.kill(event)) == ["retracted"]
    house.now = NOON + 23 * HOUR
    house.deliver()
    assert receiver.reasons == ["first", "retracted", "first"]


def test_a_silence_holds_until_it_ends(desk, wire, receiver) -> None:
    """What it covers waits, also when it ends early by command; the audit names its author; kills go through."""
    house, event = desk(), wire()
    house.hears(event)
    silence = Silence("s1", "ines", "known drill", NOON, NOON + HOUR, rule="Invasion")
    with house.store.writing() as connection:
        add_silence(connection, silence, NOON)
    assert house.hears(wire(item="B1", story="other")) == []
    assert house.hears(wire(item="C1", story="third", alerts=[match(title="Coup")])) == ["first"]
    assert house.hears(wire.kill(event)) == ["retracted"]
    with house.store.writing() as connection:
        assert expire_silence(connection, "s1", "ines", NOON + MINUTE)
        assert not expire_silence(connection, "s1", "ines", NOON + MINUTE)
    house.deliver(MINUTE)
    assert receiver.reasons[-1] == "first" and len(receiver.got) == 4
    with house.store.reading() as connection:
        details = list(connection.execute(select(outbox_schema.audit.c.detail)).scalars())
    assert any(detail and "silenced by ines: known drill" in detail for detail in details)


def test_a_digest_collects_what_is_not_urgent(desk, wire, receiver) -> None:
    """Severity 2 waits for 18:00, severity 3 does not; the digest lists every alert."""
    house = desk("digest: {at: [18:00], max_severity: 2}")
    assert house.hears(wire(alerts=[match(3)])) == ["first"]
    for number in range(3):
        assert house.hears(wire(item=f"D{number}", story=f"d{number}", alerts=[match(2)], headline=f"Talks {number}")) == []
    assert house.notifier.next_due() == NOON + 6 * HOUR
    house.deliver(6 * HOUR)
    summary = receiver.bodies[-1]
    assert summary["reason"] == "summary" and summary["summary"]["kind"] == "digest" and summary["summary"]["count"] == 3
    assert [each["headline"] for each in summary["summary"]["messages"]] == ["Talks 0", "Talks 1", "Talks 2"]


def test_a_kill_reaches_readers_of_a_digest(desk, wire) -> None:
    """What was told in a digest is taken back like everything else."""
    house, event = desk("digest: {at: [18:00], max_severity: 4}"), wire()
    house.hears(event)
    house.deliver(6 * HOUR)
    assert house.hears(wire.kill(event)) == ["retracted"]


def storm(house, wire, count: int, start: int = 0) -> None:
    """Alerts in five parts, five seconds apart."""
    events = [wire(item=f"S{start + number}", story=f"s{start + number}", headline=f"Story {number}") for number in range(count)]
    for first in range(0, count, count // 5):
        house.plan(*events[first : first + count // 5])
        house.deliver(timedelta(seconds=5))


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_a_storm_is_ten_messages_and_a_summary(store, subscribe, wire, receiver, count) -> None:
    """With ten a minute, everything else is counted in one summary, which every suppressed message names in the audit.

    Another subscriber hears in the middle of it, at once.
    """
    from .conftest import Desk

    channel = f"{{type: webhook, url: '{receiver.url}', secret: {SECRET}, allow_private_network: true}}"
    file = subscribe(
        f"subscribers: [{{name: limited, rate_limit: {{per_minute: 10}}, channels: [{channel}]}}, "
        f"{{name: other, filter: {{min_severity: 5}}, channels: [{channel}]}}]"
    )
    house = Desk(store, file, receiver)
    storm(house, wire, count // 2)
    house.plan(wire(item="O", story="other", alerts=[match(5)]))
    house.deliver()
    assert [body["reason"] for body in receiver.bodies if body["subscriber"] == "other"] == ["first"]
    storm(house, wire, count // 2, start=count // 2)
    limited = [body for body in receiver.bodies if body["subscriber"] == "limited"]
    assert [body["reason"] for body in limited] == ["first"] * 10
    house.deliver(MINUTE)
    summary = receiver.bodies[-1]
    left = count + 1 - 10
    assert summary["reason"] == "summary" and summary["summary"]["count"] == left
    assert sum(summary["summary"]["by_severity"].values()) == left
    with store.reading() as connection:
        table = outbox_schema.outbox
        told = connection.execute(select(table.c.key).where(table.c.detail == f"told in summary {summary['id']}")).all()
    assert len(told) == left
    house.now += MINUTE
    assert house.hears(wire(item="after", story="after")) == ["first"]
    house.notifier.close()


def test_a_storm_leaves_other_subscribers_alone(store, subscribe, receiver, wire) -> None:
    """The limit is a subscriber's own."""
    from .conftest import Desk

    channel = f"{{type: webhook, url: '{receiver.url}', secret: {SECRET}, allow_private_network: true}}"
    file = subscribe(
        f"subscribers: [{{name: limited, rate_limit: {{per_minute: 2}}, channels: [{channel}]}}, {{name: open, channels: [{channel}]}}]"
    )
    house = Desk(store, file, receiver)
    for number in range(5):
        house.hears(wire(item=f"S{number}", story=f"s{number}"))
    got = [body["subscriber"] for body in receiver.bodies]
    assert got.count("limited") == 2 and got.count("open") == 5
    house.notifier.close()


def test_retractions_are_not_rationed(desk, wire) -> None:
    """A kill is told though the limit is used up."""
    house, event = desk("rate_limit: {per_minute: 1}"), wire()
    house.hears(event)
    assert house.hears(wire(item="B1", story="other")) == []
    assert house.hears(wire.kill(event)) == ["retracted"]


ESCALATING = "escalation: {after_minutes: 10, min_severity: 4, times: 2}"


def test_a_kill_is_told_within_a_second_through_quiet_hours_and_silences(desk, wire, receiver) -> None:
    """While a notifier runs, at night, with everything silenced: who withdrew, and who still stands by the story."""
    night = "quiet_hours: [{hours: 00:00-23:59}, {hours: 12:00-11:59}]\nrate_limit: {per_minute: 1}"
    house = desk(night, NotifySettings(max_age_hours=10**6))
    event = wire(alerts=[match(5)], providers=["afp", "dpa"])
    with house.notifier.delivering():
        house.plan(event)
        house.notifier.wake()
        until(lambda: receiver.got)
        with house.store.writing() as connection:
            now = datetime.now(UTC)
            add_silence(connection, Silence("s1", "ines", "drill", now - HOUR, now + HOUR, subscriber="desk"), now)
        begin = time.monotonic()
        house.plan(wire.kill(event, withdrawn=False))
        house.notifier.wake()
        until(lambda: len(receiver.got) == 2)
        seconds = time.monotonic() - begin
    assert (receiver.bodies[1]["retraction"]["by"], receiver.bodies[1]["retraction"]["standing"]) == ("afp", ["dpa"])
    assert seconds < 1 + BUSY


def until(done) -> None:
    end = time.monotonic() + 60
    while not done() and time.monotonic() < end:
        time.sleep(0.005)
    assert done()


def test_nobody_acknowledges(desk, wire, receiver) -> None:
    """Reminders come as often as the file says, then end."""
    house = desk(ESCALATING)
    house.hears(wire())
    assert house.notifier.next_due() == NOON + 10 * MINUTE
    for _ in range(4):
        house.deliver(10 * MINUTE)
    assert receiver.reasons == ["first", "reminder", "reminder"] and house.notifier.next_due() is None


def test_an_acknowledgement_ends_reminders_until_it_gets_worse(desk, wire, receiver) -> None:
    """Somebody deals with it; a rise in severity asks again."""
    house = desk(ESCALATING)
    house.hears(wire())
    with house.store.writing() as connection:
        assert acknowledge(connection, receiver.bodies[0]["id"], "ines", NOON) == ["desk"]
    house.deliver(HOUR)
    assert receiver.reasons == ["first"]
    assert house.hears(wire(item="A2", relation="update", alerts=[match(5)])) == ["escalated"]
    house.deliver(10 * MINUTE)
    assert receiver.reasons[-1] == "reminder"


def test_a_kill_ends_reminders(desk, wire, receiver) -> None:
    """Nobody has to acknowledge what was withdrawn."""
    house, event = desk(ESCALATING), wire()
    house.hears(event, wire(item="B1", story="other", alerts=[match(1)]))
    house.hears(wire.kill(event))
    house.deliver(HOUR)
    assert "reminder" not in receiver.reasons


def test_a_reminder_tells_nothing_under_embargo_and_nothing_withdrawn(desk, wire, receiver) -> None:
    """It repeats the last message that stands and may be told, not a later one that waits for its hour or was killed."""
    house, first = desk(ESCALATING), wire(headline="Told")
    house.hears(first)
    second = wire(item="A2", relation="update", of=first, alerts=[match(5)], headline="Killed", embargoed_until=NOON + MINUTE)
    house.hears(second, wire.kill(second, withdrawn=False))
    house.hears(wire(item="A3", relation="update", of=first, alerts=[match(5)], headline="Secret", embargoed_until=NOON + HOUR))
    house.deliver(10 * MINUTE)
    assert [(body["reason"], body["dispatch"]["headline"]) for body in receiver.bodies] == [("first", "Told"), ("reminder", "Told")]


def test_it_escalates_to_others_who_then_hear_of_the_kill(store, subscribe, receiver, wire) -> None:
    """The duty editor is told after ten minutes, and told again when the story is withdrawn."""
    from .conftest import Desk

    channel = f"{{type: webhook, url: '{receiver.url}', secret: {SECRET}, allow_private_network: true}}"
    file = subscribe(
        "subscribers:\n"
        f"  - {{name: desk, channels: [{channel}], escalation: {{after_minutes: 10, to: [duty]}}}}\n"
        f"  - {{name: duty, channels: [{channel}], filter: {{rules: [nothing]}}}}\n"
    )
    house, event = Desk(store, file, receiver), wire()
    house.hears(event)
    house.deliver(10 * MINUTE)
    assert [(body["subscriber"], body["reason"]) for body in receiver.bodies] == [("desk", "first"), ("duty", "reminder")]
    house.hears(wire.kill(event))
    assert {(body["subscriber"], body["reason"]) for body in receiver.bodies[2:]} == {("desk", "retracted"), ("duty", "retracted")}
    house.notifier.close()
