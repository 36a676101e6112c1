"""What a subscriber hears of a story, and what not."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select
from standardwebhooks import Webhook

from pipeline.messages import Changes
from pipeline.notify.notifier import Notifier
from pipeline.notify.subscribers import Subscribers
from pipeline.settings import NotifySettings
from pipeline.store import outbox_schema
from pipeline.store.events import write_events

from .conftest import NOON, SECRET, match

HOUR = timedelta(hours=1)


def states(store) -> list[str]:
    with store.reading() as connection:
        return list(connection.execute(select(outbox_schema.outbox.c.state).order_by(outbox_schema.outbox.c.seq)).scalars())


def test_an_alert_is_told_once(desk, wire, store) -> None:
    """A matching event makes one message; a redelivery and an update of the same severity make none."""
    house, event = desk(), wire()
    assert house.hears(event) == ["first"]
    assert house.hears(event) == []
    assert house.hears(wire(item="A2", relation="update")) == []
    assert states(store) == ["delivered"]


def test_the_body_says_what_where_and_why(desk, wire, receiver) -> None:
    """The webhook's JSON has reason, alert, dispatch and story, with the matched words in context and no notes."""
    desk().hears(wire(notes="not for publication", signoff="ab/cd"))
    body = receiver.bodies[0]
    assert body["reason"] == "first" and body["alert"]["severity"] == 4 and body["story"]["relation"] == "new"
    assert "crossed the border" in body["alert"]["rules"][0]["matches"][0]["context"]
    assert body["dispatch"]["headline"] == "Sudria crosses the Kelder"
    assert "notes" not in body["dispatch"] and "signoff" not in body["dispatch"]


def test_signatures_verify_with_the_public_package(desk, wire, receiver) -> None:
    """Standardwebhooks accepts the headers and the body as they arrive."""
    desk().hears(wire())
    headers, body = receiver.got[0]
    assert Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})["reason"] == "first"


def test_the_webhook_id_stays_over_retries(desk, wire, receiver) -> None:
    """A receiver that answers 500 gets the same message again later, under the same id."""
    house = desk()
    receiver.answers = [500]
    house.plan(wire())
    assert house.deliver().retrying == 1
    assert house.deliver(timedelta(minutes=1)).delivered == 1
    first, second = receiver.got
    assert first[0]["webhook-id"] == second[0]["webhook-id"] and first[1] == second[1]


def test_a_rise_in_severity_is_told(desk, wire) -> None:
    """The same story again only when its highest severity rises."""
    house = desk()
    assert house.hears(wire(alerts=[match(3)])) == ["first"]
    assert house.hears(wire(item="A2", relation="update", alerts=[match(5)])) == ["escalated"]
    assert house.hears(wire(item="A3", relation="update", alerts=[match(4)])) == []


def test_a_correction_is_told_even_where_it_no_longer_matches(desk, wire) -> None:
    """14 killed → none killed: who heard the one hears the other."""
    house, first = desk(), wire()
    house.hears(first)
    corrected = wire(revision="2", relation="correction", of=first, alerts=[], changes=Changes(numbers_removed=["14"]))
    assert house.hears(corrected) == ["corrected"]


def test_a_correction_that_changes_nothing_is_not_told(desk, wire) -> None:
    """A correction of layout is nobody's business."""
    house, first = desk(), wire()
    house.hears(first)
    assert house.hears(wire(revision="2", relation="correction", of=first, changes=Changes())) == []


def test_further_agencies_confirm(desk, wire, receiver) -> None:
    """Copies count: the third agency makes a `confirmed` message that names the new ones."""
    house = desk()
    house.hears(wire())
    copy = {"relation": "duplicate", "alerts": []}
    assert house.hears(wire(provider="dpa", item="D1", providers=["afp", "dpa"], **copy)) == []
    assert house.hears(wire(provider="efe", item="E1", providers=["afp", "dpa", "efe"], **copy)) == ["confirmed"]
    assert receiver.bodies[-1]["why"] == "also reported by dpa, efe"


def test_a_kill_reaches_everyone_who_was_told(desk, wire, receiver) -> None:
    """The retraction goes out at once and says who withdrew and that nobody stands by the story."""
    house, event = desk("filter: {min_severity: 3}"), wire()
    house.hears(event)
    assert house.hears(wire.kill(event)) == ["retracted"]
    taken_back = receiver.bodies[-1]
    assert taken_back["retraction"]["by"] == "afp" and taken_back["retraction"]["standing"] == []
    assert taken_back["story"]["id"] == receiver.bodies[0]["story"]["id"]


def test_a_kill_names_who_still_stands(desk, wire, receiver) -> None:
    """Another agency's report of the story is not withdrawn with it."""
    house, event = desk(), wire(providers=["afp", "dpa"])
    house.hears(event)
    house.hears(wire.kill(event, withdrawn=False))
    assert receiver.bodies[-1]["retraction"]["standing"] == ["dpa"]


def test_a_kill_that_names_the_story_reaches_who_heard_of_any_take(desk, wire) -> None:
    """A notice of its own takes back every take of its agency; who was told of any of them hears it, though others stand by it."""
    house = desk()
    first, other = wire(item="A1"), wire(item="D1", provider="dpa", alerts=[], providers=["afp", "dpa"])
    house.hears(first, other)
    notice = wire(
        item="N1", relation="withdrawal", alerts=[], of=other, providers=["afp", "dpa"], status="canceled", signal="kill",
        headline="STORY WITHDRAWN: Sudria crosses the Kelder",
    )  # fmt: skip
    notice.story.withdraws = ["A1", "A2"]
    assert house.hears(notice) == ["retracted"]


def test_the_desk_is_asked_what_a_kill_means(desk, wire, receiver) -> None:
    """A kill whose words fit two stories takes nothing back and goes to the operators, once."""
    house = desk("operator: true")
    first, second = wire(item="A1", story="one", alerts=[]), wire(item="A2", story="two", alerts=[])
    notice = wire(item="N1", story="notice", relation="withdrawal", alerts=[], status="canceled", signal="kill", headline="KILL")
    notice.story.unresolved = [first.dispatch.id, second.dispatch.id]
    assert house.hears(first, second, notice) == ["operator"]
    assert "2 possible" in receiver.bodies[0]["why"]
    assert house.hears(notice) == []


def test_the_desk_is_asked_about_a_kill_of_what_has_left_the_window(desk, wire, receiver) -> None:
    """A kill that names by its words what deduplication no longer knows goes to the operators, once."""
    house = desk("operator: true")
    notice = wire(item="N1", story="notice", relation="withdrawal", alerts=[], status="canceled", signal="kill", headline="KILL")
    notice.story.asks, notice.story.reason = True, "nothing fits: a person must look"
    assert house.hears(notice) == ["operator"]
    assert receiver.bodies[0]["why"] == "afp “KILL”: nothing fits: a person must look"
    assert house.hears(notice) == []


def test_who_has_withdrawn_before_does_not_stand(desk, wire, receiver) -> None:
    """Also where its report, a copy that came before the first message, was never told itself."""
    house = desk()
    copy = wire(provider="dpa", item="D1", relation="duplicate", alerts=[], providers=["dpa"])
    event = wire(relation="update", providers=["dpa", "afp", "efe"])
    house.hears(copy, event)
    house.hears(wire.kill(copy, withdrawn=False))
    house.hears(wire.kill(event, withdrawn=False))
    assert receiver.bodies[-1]["retraction"]["by"] == "afp" and receiver.bodies[-1]["retraction"]["standing"] == ["efe"]


def test_nobody_hears_of_a_kill_of_what_they_were_not_told(desk, wire) -> None:
    """A kill of an item below the subscriber's severity stays silent."""
    house, event = desk("filter: {min_severity: 5}"), wire()
    assert house.hears(event, wire.kill(event)) == []


def test_a_kill_before_the_alert_is_sent_cancels_it(desk, wire, store) -> None:
    """Who has not heard of it hears nothing at all."""
    house, event = desk(), wire()
    assert house.hears(event, wire.kill(event)) == []
    assert states(store) == ["retracted"]


def test_an_attempt_of_unknown_outcome_counts_as_delivered(desk, wire, receiver) -> None:
    """After an answer of 500 the receiver may know: the kill ends the retries and is told."""
    house, event = desk(), wire()
    receiver.answers = [500]
    house.hears(event)
    assert house.hears(wire.kill(event)) == ["retracted"]
    house.deliver(timedelta(days=2))
    assert receiver.reasons == ["first", "retracted"]


def test_a_late_kill_of_an_old_revision_changes_nothing(desk, wire) -> None:
    """What is not current is never told."""
    house, event = desk(), wire()
    house.hears(event)
    assert house.hears(wire.kill(event, current=False, withdrawn=False)) == []


def test_what_was_held_back_comes_back_as_released(desk, wire) -> None:
    """A hold is taken back like a kill; the next revision says that it is released."""
    house, event = desk(), wire()
    house.hears(event)
    assert house.hears(wire.kill(event, status="withheld", signal="hold", revision="2")) == ["retracted"]
    assert house.hears(wire(revision="3", relation="update")) == ["released"]


def test_an_embargo_is_kept_to_the_second(desk, wire, receiver, store) -> None:
    """Nothing leaves before the hour; at the hour it does."""
    house = desk()
    assert house.hears(wire(embargoed_until=NOON + HOUR)) == []
    assert house.notifier.next_due() == NOON + HOUR
    house.deliver(HOUR - timedelta(seconds=1))
    assert states(store) == ["held"]
    house.deliver(timedelta(seconds=1))
    assert receiver.reasons == ["first"]


def test_a_kill_under_embargo_cancels(desk, wire, store, receiver) -> None:
    """Nobody hears of a story that was withdrawn before its hour."""
    house, event = desk(), wire(embargoed_until=NOON + HOUR)
    assert house.hears(event, wire.kill(event)) == []
    house.deliver(2 * HOUR)
    assert receiver.got == [] and states(store) == ["retracted"]


def test_a_newer_revision_under_embargo_replaces(desk, wire, receiver) -> None:
    """At the hour the newest revision is told, once."""
    house = desk()
    house.hears(wire(embargoed_until=NOON + HOUR))
    house.hears(wire(revision="2", relation="update", embargoed_until=NOON + HOUR, headline="Second"))
    house.deliver(HOUR)
    assert [body["dispatch"]["headline"] for body in receiver.bodies] == ["Second"]


def test_another_agency_without_embargo_is_told_at_once(desk, wire, receiver) -> None:
    """And the embargoed report adds nothing when its hour comes."""
    house = desk()
    house.hears(wire(embargoed_until=NOON + HOUR))
    assert house.hears(wire(provider="dpa", item="D1", relation="update", providers=["afp", "dpa"])) == ["first"]
    house.deliver(HOUR)
    assert len(receiver.got) == 1


def test_who_waits_for_several_agencies_hears_when_there_are_enough(desk, wire, store, receiver) -> None:
    """A copy by a second agency carries no alerts of its own: the original's are told."""
    house, event = desk("filter: {min_providers: 2}"), wire()
    copy = wire(provider="dpa", item="D1", relation="duplicate", alerts=[], providers=["afp", "dpa"], of=event)
    with store.writing() as connection:
        write_events(connection, [event, copy])
    assert house.hears(event) == []
    assert house.hears(copy) == ["first"]
    assert receiver.bodies[0]["story"]["providers"] == ["afp", "dpa"]
    assert house.hears(wire.kill(event)) == ["retracted"]


def test_a_kill_of_what_waits_lets_another_agency_speak(desk, wire, store, receiver) -> None:
    """The second report was left out as a repeat of one that never went out: it is told in its place."""
    house, event = desk("quiet_hours: [{hours: 00:00-13:00}]"), wire()
    second = wire(provider="dpa", item="D1", relation="update", providers=["afp", "dpa"])
    kill = wire.kill(event, withdrawn=False)
    with store.writing() as connection:
        write_events(connection, [event, second, kill])
    assert house.hears(event, second, kill) == []
    house.deliver(HOUR)
    assert [(body["reason"], body["dispatch"]["provider"]) for body in receiver.bodies] == [("first", "dpa")]


def test_a_restored_database_pages_nobody_for_last_week(desk, wire, receiver, store) -> None:
    """What was queued, retried or to be reminded of when the backup was made has expired; retractions have not."""
    house, event = desk("escalation: {after_minutes: 10}"), wire()
    house.hears(event)
    receiver.answers = [500]
    house.hears(wire(item="B1", story="other"))
    house.plan(wire(item="C1", story="third"), wire.kill(event))
    house.deliver(timedelta(days=7))
    assert receiver.reasons == ["first", "first", "retracted"]
    assert states(store) == ["delivered", "expired", "expired", "delivered"]


def test_old_news_expires(desk, wire, store) -> None:
    """After a first start over an archive nobody is paged for last year."""
    house = desk()
    assert house.hears(wire(published_at=NOON - timedelta(days=365))) == []
    assert states(store) == ["expired"]


def test_a_kill_of_old_news_is_told(desk, wire) -> None:
    """Retractions have no age."""
    house, event = desk(), wire()
    house.hears(event)
    house.now += timedelta(days=5)
    assert house.hears(wire.kill(event)) == ["retracted"]


def test_quiet_hours_defer_and_the_severe_break_through(desk, wire, receiver) -> None:
    """In quiet hours an alert waits for the morning, in the subscriber's own time zone; severity 5 does not."""
    house = desk("time_zone: Asia/Tokyo\nquiet_hours: [{hours: 21:00-07:00, except_severity: 5}]")
    assert house.hears(wire()) == []  # noon UTC is 21:00 in Tokyo
    assert house.hears(wire(item="B1", story="other", alerts=[match(5)])) == ["first"]
    assert house.notifier.next_due() == NOON + 10 * HOUR
    house.deliver(10 * HOUR)
    assert receiver.reasons == ["first", "first"]


def test_a_subscribers_file_that_breaks_while_running_changes_nothing(desk, wire, tmp_path) -> None:
    """Alerts and kills go on under the file that was good; a good change counts from the next message on."""
    house, event = desk(), wire()
    path = tmp_path / "subscribers.yaml"
    good = path.read_text()
    path.write_text("subscribers: [{name: desk, channels: [{type: fax")
    assert house.hears(event) == ["first"]
    path.write_text("")
    assert house.hears(wire.kill(event)) == ["retracted"]
    path.write_text(good + "    filter: {min_severity: 5}\n")
    assert house.hears(wire(item="B1", story="other")) == []


def test_without_subscribers_nothing_is_planned(store, wire) -> None:
    """The embedded run works without a subscribers file."""
    notifier = Notifier(store, Subscribers(), NotifySettings())
    with store.writing() as connection:
        assert notifier.plan(connection, [wire()], NOON) == 0
    assert notifier.deliver_due(NOON).tried == 0 and notifier.next_due() is None


def test_console_and_json_lines(store, wire, subscribe, tmp_path) -> None:
    """People read lines without control characters; programs read JSON."""
    import io

    path, console = tmp_path / "out" / "alerts.jsonl", io.StringIO()
    subscribers = subscribe(f"subscribers: [{{name: desk, channels: [{{type: console}}, {{type: jsonl, path: '{path}'}}]}}]")
    notifier = Notifier(store, subscribers, NotifySettings(), console=console)
    with store.writing() as connection:
        assert notifier.plan(connection, [wire(headline="Sudria\x1b[2J crosses")], NOON) == 2
    assert notifier.deliver_due(NOON).delivered == 2
    assert console.getvalue().startswith("[FIRST 4 high] Sudria [2J crosses\n") and "Invasion" in console.getvalue()
    assert json.loads(path.read_text())["reason"] == "first"
