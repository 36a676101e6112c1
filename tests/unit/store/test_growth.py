"""A story that grows by what came is the same as one that is computed anew from all of its dispatches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, select

from pipeline.messages import Event, Relation, Signal, Status, deterministic_id
from pipeline.settings import StoreSettings
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.events import write_events
from pipeline.store.removal import expire, purge_item
from pipeline.store.stories import refresh_stories
from tests.unit.store.conftest import START, make_event

USUAL = (Relation.NEW, Relation.UPDATE, Relation.UPDATE, Relation.DUPLICATE)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """An event of a few items and stories; its time comes from the batch."""
    relation = draw(st.one_of(st.sampled_from(USUAL), st.sampled_from(list(Relation))))
    status = draw(st.sampled_from([Status.USABLE] * 6 + [Status.CANCELED, Status.WITHHELD]))
    made = make_event(
        draw(st.integers(0, 8)), revision=str(draw(st.integers(1, 3))), relation=relation, status=status,
        story=str(draw(st.integers(0, 2))), provider=draw(st.sampled_from(["afp", "ap", "dpa"])), reception=draw(st.integers(0, 2)),
        headline=draw(st.sampled_from(["A headline", "Another", "", "with\x00zero"])),
    )  # fmt: skip
    assert made.story
    verdict: dict[str, Any] = {"current": draw(st.integers(0, 4)) > 0}
    if relation in (Relation.DUPLICATE, Relation.WITHDRAWAL):
        verdict["of"] = draw(st.sampled_from([None, made.dispatch.id]))
    if relation is Relation.WITHDRAWAL:
        verdict["withdraws"] = [str(each) for each in draw(st.lists(st.integers(0, 8), max_size=2))]
        verdict["unresolved"] = [deterministic_id("nothing")] * draw(st.integers(0, 1))
    signal = Signal.HOLD if status is Status.WITHHELD and draw(st.booleans()) else Signal.NEW
    return made.model_copy(
        update={
            "story": made.story.model_copy(update=verdict),
            "dispatch": made.dispatch.model_copy(update={"signal": signal, "language": draw(st.sampled_from(["en", "fr", None]))}),
        }
    )


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.lists(st.tuples(events(), st.sampled_from([0, 1, 1, 1, 2, -3])), min_size=1, max_size=6)),
        st.tuples(st.just("again"), st.integers(0, 9)),
        st.tuples(st.just("purge"), st.integers(0, 8)),
        st.tuples(st.just("expire"), st.integers(0, 20)),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def memory() -> Iterator[Store]:
    opened = Store.open(StoreSettings(url="sqlite:///:memory:"))
    yield opened
    opened.close()


def summaries(connection: Connection) -> list[Any]:
    return list(connection.execute(select(schema.stories).order_by(schema.stories.c.id)))


@given(ACTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_in_whatever_order_summaries_are_those_of_a_full_computation(
    memory: Store, acts: list[tuple[str, Any]]
) -> None:
    minute, batches = 100, []
    with memory.writing() as connection:
        for table in (schema.dispatches, schema.copies, schema.stories, schema.notices, schema.entities, schema.alerts):
            connection.execute(table.delete())
        connection.exec_driver_sql("DELETE FROM search_queue")
        for kind, what in acts:
            if kind == "write":
                batch = []
                for each, later in what:
                    minute += later
                    at = START + timedelta(minutes=minute)
                    batch.append(each.model_copy(update={"dispatch": each.dispatch.model_copy(update={"received_at": at})}))
                batches.append(batch)
                write_events(connection, batch)
            elif kind == "again" and batches:
                write_events(connection, batches[what % len(batches)])
            elif kind == "purge":
                purge_item(connection, f"afp:{what}")
            elif kind == "expire":
                expire(connection, START + timedelta(minutes=90 + what))
            grown = summaries(connection)
            stories = set(connection.execute(select(schema.dispatches.c.story_id)).scalars())
            assert {row.id for row in grown} == stories
            refresh_stories(connection, stories)
            assert grown == summaries(connection)


def test_what_follows_in_order_needs_no_earlier_dispatch_to_be_read(store: Store) -> None:
    """The cost of an update must not grow with the length of its story."""
    with store.writing() as connection:
        write_events(connection, [make_event(number, minute=number, relation=Relation.UPDATE) for number in range(10)])
    read: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _k, statement, *_: read.append(statement))
    with store.writing() as connection:
        write_events(connection, [make_event(10, minute=10, relation=Relation.UPDATE)])
        assert connection.execute(select(schema.stories.c.dispatches)).scalar() == 11
    assert not [each for each in read if "dispatches.headline" in each]


def test_a_summary_shows_the_newest_usable_dispatch_when_a_copy_follows(store: Store) -> None:
    with store.writing() as connection:
        write_events(connection, [make_event(1, headline="Original")])
        write_events(connection, [make_event(2, provider="ap", relation=Relation.DUPLICATE, minute=1, headline="Copy")])
        row = connection.execute(select(schema.stories)).one()
    assert (row.headline, row.copies, row.dispatches, row.providers) == ("Original", 1, 1, "afp ap")
    assert row.last_received_at == datetime(2026, 3, 1, 12, 1, tzinfo=UTC)
