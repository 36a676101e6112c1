"""The record of feeds is kept with the events, survives restarts, and tells operators once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from sqlalchemy import Connection, select

from pipeline.messages import Event
from pipeline.notify.feeds import review_feeds
from pipeline.notify.notifier import Notifier
from pipeline.notify.subscribers import Subscribers, load_subscribers
from pipeline.settings import NotifySettings
from pipeline.stages.parse.profile import load_profiles
from pipeline.store import feeds
from pipeline.store.database import Store
from pipeline.store.feeds import FeedBook, read_feeds, review_due
from pipeline.store.feeds_schema import gaps
from pipeline.store.outbox_schema import outbox

MakeEvent = Callable[..., Event]
SETTINGS = NotifySettings()


def numbered(event: MakeEvent, number: int, minute: int) -> Event:
    made = event(number, minute=minute)
    return made.model_copy(update={"dispatch": made.dispatch.model_copy(update={"service": "ECO", "sequence": f"{number:04d}"})})


@pytest.fixture
def book() -> FeedBook:
    return FeedBook(load_profiles())


def note(store: Store, book: FeedBook, *events: Event) -> None:
    with store.writing() as connection:
        book.note(connection, events)


def states(connection: Connection) -> list[str]:
    """What has become of the gaps."""
    return list(connection.execute(select(gaps.c.state)).scalars())


def look(store: Store, folder: Path, now: datetime) -> list[str]:
    file = folder / "subscribers.yaml"
    file.write_text("subscribers:\n  - name: desk\n    operator: true\n    channels: [{type: console}]\n")
    with store.writing() as connection:
        review_feeds(connection, load_subscribers(file), SETTINGS, now)
    with store.reading() as connection:
        return [row.detail for row in connection.execute(select(outbox.c.detail).order_by(outbox.c.seq))]


def test_a_gap_is_told_once_and_closed_when_the_number_comes(
    store: Store, book: FeedBook, event: MakeEvent, tmp_path: Path
) -> None:
    for start in range(1, 60, 20):
        note(store, book, *(numbered(event, number, number) for number in range(start, start + 20)))
    note(store, book, numbered(event, 63, 63))
    last = numbered(event, 63, 63).dispatch.received_at
    assert look(store, tmp_path, last + timedelta(minutes=5)) == []
    told = look(store, tmp_path, last + timedelta(minutes=11))
    assert len(told) == 1
    assert "afp ECO: 2 missing" in told[0] and "61–62" in told[0]
    assert look(store, tmp_path, last + timedelta(minutes=13)) == told
    with store.reading() as connection:
        assert [(feed["last_sequence"], feed["missing"]) for feed in read_feeds(connection)] == [("63", 2)]
    note(store, book, numbered(event, 61, 80), numbered(event, 62, 81))
    with store.reading() as connection:
        assert read_feeds(connection)[0]["gaps"] == []
        assert states(connection) == ["closed"]


def test_feeds_are_watched_where_nobody_is_told(store: Store, book: FeedBook, event: MakeEvent) -> None:
    """The console shows silence and gaps to an installation without subscribers, too."""
    note(store, book, event())
    with store.reading() as connection:
        due = review_due(connection)
    assert due is not None
    notifier = Notifier(store, Subscribers(), SETTINGS)
    notifier.deliver_due(due)
    notifier.close()
    with store.reading() as connection:
        assert review_due(connection) == due + timedelta(minutes=1)


def test_what_a_rolled_back_transaction_noted_is_forgotten(store: Store, book: FeedBook, event: MakeEvent) -> None:
    with pytest.raises(RuntimeError, match="power"), store.writing() as connection:  # noqa: PT012 - both belong to it
        book.note(connection, [numbered(event, 1, 1)])
        raise RuntimeError("power cut")
    with store.reading() as connection:
        assert read_feeds(connection) == []
        assert review_due(connection) is None


def test_an_agency_without_numbers_has_no_gaps(store: Store, book: FeedBook, event: MakeEvent) -> None:
    note(store, book, *(event(number, provider="someone", minute=number) for number in (1, 5, 9)))
    with store.reading() as connection:
        assert [(feed["rule"], feed["missing"]) for feed in read_feeds(connection)] == [("", 0)]


def test_a_gap_that_nobody_fills_is_given_up(store: Store, book: FeedBook, event: MakeEvent, tmp_path: Path) -> None:
    note(store, book, *(numbered(event, number, number) for number in (*range(1, 60), 62)))
    last = numbered(event, 62, 62).dispatch.received_at
    look(store, tmp_path, last + timedelta(minutes=11))
    look(store, tmp_path, last + timedelta(days=8))
    with store.reading() as connection:
        assert states(connection) == ["lost"]


def of_service(event: MakeEvent, service: str, *, days: int = 0) -> Event:
    made = event(minute=days * 24 * 60)
    return made.model_copy(update={"dispatch": made.dispatch.model_copy(update={"service": service})})


def test_a_service_that_is_no_more_is_forgotten_with_its_gaps(
    store: Store, book: FeedBook, event: MakeEvent, tmp_path: Path
) -> None:
    """Services are named by the wire, so that their number has no end; by the newest reception, not by the clock."""
    for start in range(1, 60, 20):
        note(store, book, *(numbered(event, number, number) for number in range(start, start + 20)))
    last = numbered(event, 63, 63)
    note(store, book, last)
    look(store, tmp_path, last.dispatch.received_at + timedelta(minutes=11))
    look(store, tmp_path, last.dispatch.received_at + timedelta(days=400))
    with store.reading() as connection:
        assert [feed["service"] for feed in read_feeds(connection)] == ["ECO"]
        assert states(connection) == ["lost"]
    assert "ECO" in generate_latest().decode()
    newest = of_service(event, "SPO", days=40)
    note(store, book, newest)
    look(store, tmp_path, newest.dispatch.received_at)
    with store.reading() as connection:
        assert [feed["service"] for feed in read_feeds(connection)] == ["SPO"]
        assert states(connection) == []
    assert 'service="ECO"' not in generate_latest().decode()


def test_of_too_many_services_those_that_were_silent_for_longest_are_forgotten(
    store: Store, book: FeedBook, event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "_MOST", 3)
    note(store, book, *(of_service(event, f"S{day}", days=day) for day in range(6)))
    look(store, tmp_path, of_service(event, "", days=6).dispatch.received_at)
    with store.reading() as connection:
        assert [feed["service"] for feed in read_feeds(connection)] == ["S3", "S4", "S5"]
