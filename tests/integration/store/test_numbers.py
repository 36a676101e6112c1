"""Whoever reads on from the highest number passes nothing over, however many processes write to PostgreSQL at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from pipeline.console.stream import Cursor, read_behind
from pipeline.messages import Event
from pipeline.settings import StoreSettings
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.driver import WORTH_COPYING
from pipeline.store.events import write_events
from pipeline.store.numbers import settled_seq
from tests.unit.console.conftest import make_event

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.postgres


@pytest.fixture
def store(postgres: str) -> Iterator[Store]:
    opened = Store.open(StoreSettings(url=postgres))
    yield opened
    opened.close()


def settled(store: Store) -> int:
    with store.reading() as connection:
        return settled_seq(connection)


def stored(store: Store) -> int:
    with store.reading() as connection:
        return len(connection.execute(select(schema.dispatches.c.id)).all())


def test_a_row_waits_for_those_below_it_and_then_comes_in_its_order(store: Store) -> None:
    with store.writing() as slow:
        write_events(slow, [make_event(1, story="one")])
        with store.writing() as quick:
            write_events(quick, [make_event(2, story="two")])
        assert stored(store) == 1
        assert settled(store) == 0
        with store.reading() as connection:
            assert read_behind(connection, Cursor(0, NOW), NOW)[1] == []
    with store.reading() as connection:
        items = read_behind(connection, Cursor(0, NOW), NOW)[1]
    assert [item.seq for item in items] == sorted(item.seq for item in items)
    assert len(items) == 2
    assert settled(store) == items[-1].seq


def test_a_writer_that_gives_up_holds_nobody_up(store: Store) -> None:
    with store.engine.connect() as connection:
        write_events(connection, [make_event(1, story="one")])
        connection.rollback()
    with store.writing() as connection:
        write_events(connection, [make_event(2, story="two")])
    assert settled(store) > 0


def test_a_batch_that_another_sink_stores_at_the_same_moment_is_stored_once(store: Store) -> None:
    batch = [make_event(number, story=f"story {number % 7}") for number in range(1, 1 + 2 * WORTH_COPYING)]
    with ThreadPoolExecutor(1) as pool:
        with store.writing() as first:
            write_events(first, batch)
            second = pool.submit(_write, store, batch)
            while not _waits(store):
                assert not second.done()
        second.result()
    with store.reading() as connection:
        rows = connection.execute(select(schema.dispatches.c.seq)).scalars().all()
        assert len(rows) == len(batch)
        assert set(connection.execute(select(schema.entities.c.dispatch_seq)).scalars()) <= set(rows)
        assert set(connection.execute(select(schema.search_queue.c.dispatch_seq)).scalars()) == set(rows)
        assert sum(connection.execute(select(schema.stories.c.dispatches)).scalars()) == len(batch)


def _write(store: Store, batch: list[Event]) -> None:
    with store.writing() as connection:
        write_events(connection, batch)


def _waits(store: Store) -> bool:
    """Whether a writer waits for another's row."""
    with store.reading() as connection:
        return bool(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar())


def test_four_writers_at_once_leave_nothing_out_of_a_stream(store: Store) -> None:
    def write(first: int) -> None:
        for number in range(first, first + 25):
            with store.writing() as connection:
                write_events(connection, [make_event(number, story=f"story {number}")])

    seen: list[int] = []
    cursor = Cursor(0, NOW)
    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, 1000 * number) for number in range(1, 5)]
        while True:
            ended = all(writer.done() for writer in writers)
            with store.reading() as connection:
                cursor, items = read_behind(connection, cursor, NOW)
            seen += [item.seq for item in items]
            if ended:
                break
        for writer in writers:
            writer.result()
    assert len(seen) == len(set(seen)) == 100
    assert seen == sorted(seen)
