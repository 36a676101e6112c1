"""What a database refuses of one item costs that item alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from pipeline.engines.chain import Chain
from pipeline.engines.embedded import EmbeddedEngine
from pipeline.messages import Position, RawItem
from pipeline.settings import Settings, StoreSettings
from pipeline.sources.source import Reading
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.events import write_events
from pipeline.store.removal import purge_item
from pipeline.store.search import Query, index_pending, search
from tests.samples import irregular, new_dispatch, new_event, new_place, new_story

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
#: Ids, and the language that each item declares: an id that no index of PostgreSQL takes, a language that no column takes.
ITEMS = (("one", "en"), (irregular(9000), "en"), ("two", "en" + "-abcdefgh" * 8), ("three", "en"))


class Wire:
    """Items of which a database may refuse some."""

    feed, interval_seconds = "wire", 1.0

    def read(self, saved: Mapping[str, Position]) -> Iterator[Reading]:
        for number in range(int(saved[""].position) + 1 if "" in saved else 0, len(ITEMS)):
            name, language = ITEMS[number]
            body = {"uri": name, "version": "1", "type": "text", "headline": f"Bridge {number} opens", "language": language}
            item = RawItem(
                payload=json.dumps({**body, "body_text": f"A bridge opens in town {number}."}).encode(), feed="wire",
                name=f"{number}.json", position=str(number), received_at=AT, declared_provider="afp",
            )  # fmt: skip
            yield Reading(item, Position(feed="wire", position=str(number), updated_at=AT))

    def confirm(self, position: Position) -> None: ...
    def close(self) -> None: ...


class NoLanguage(Chain):
    """All stages but language, as where that stage fails on an event: the declared language is stored."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.stages = []


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store in each database."""
    url = f"sqlite:///{tmp_path / 'x.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")
    opened = Store.open(StoreSettings(url=url))
    yield opened
    opened.close()


def test_a_name_that_no_index_takes_whole_keeps_nothing_from_being_found(store: Store) -> None:
    """One dispatch would else stop the pass that fills the index, and with it every search."""
    name = "Å" + irregular(5000)
    long = new_event(new_dispatch(item_id="long", position=1), new_story("long"), entities=[new_place(name, salience=1)])
    short = new_event(new_dispatch(item_id="short", position=2), new_story("short"), entities=[new_place("Oslo", salience=1)])
    with store.writing() as connection:
        write_events(connection, [long, short])
    assert index_pending(store) == 2
    with store.writing() as connection:
        for event, sought in ((long, name.upper()), (short, "oslo")):
            assert [row["id"] for row in search(connection, Query(entity=sought))] == [str(event.dispatch.id)]
        purge_item(connection, str(long.dispatch.id))
        assert connection.execute(select(schema.search_names.c.key)).scalars().all() == ["oslo"]


@pytest.mark.postgres
def test_an_item_that_the_database_refuses_is_a_dead_letter_and_stops_no_other(postgres: str) -> None:
    store = Store.open(StoreSettings(url=postgres))
    engine = EmbeddedEngine(Settings(), NoLanguage(), store)
    engine.restore()
    assert engine.read([Wire()]) == len(ITEMS)
    with store.reading() as connection:
        assert sorted(connection.execute(select(schema.dispatches.c.item_id)).scalars()) == ["one", "three"]
        letters = connection.execute(select(schema.dead_letters.c.name, schema.dead_letters.c.error)).all()
    assert sorted(map(tuple, letters)) == [("1.json", "StoreRefusedError"), ("2.json", "StoreRefusedError")]
    assert engine.read([Wire()]) == 0
    store.close()
