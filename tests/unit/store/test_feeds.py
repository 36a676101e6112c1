"""The record of feeds is kept with the events, survives restarts, and tells operators once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from pipeline.messages import Event
from pipeline.notify.feeds import review_feeds
from pipeline.notify.notifier import Notifier
from pipeline.notify.subscribers import Subscribers, load_subscribers
from pipeline.settings import NotifySettings
from pipeline.stages.parse.profile import load_profiles
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
