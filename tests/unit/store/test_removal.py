"""What is taken out of the store is gone everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from pipeline.messages import Entity, EntityType, Event, Relation
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.events import write_events
from pipeline.store.removal import expire, purge_item
from pipeline.store.search import Query, index_pending, search

MakeEvent = Callable[..., Event]


def count(store: Store, table: Any) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def filled(store: Store, event: MakeEvent) -> Event:
    original = event(1)
    with store.writing() as connection:
        write_events(
            connection, [original, event(1, revision="2", relation=Relation.UPDATE, minute=5), event(2, story="two", minute=60)]
        )
    index_pending(store)
    return original


def test_a_purged_item_leaves_no_row_and_is_not_found(store: Store, event: MakeEvent) -> None:
    original = filled(store, event)
    with store.writing() as connection:
        removed = purge_item(connection, str(original.dispatch.id))
    assert removed.dispatches == 2
    assert count(store, schema.dispatches) == 1
    assert count(store, schema.stories) == 1
    with store.reading() as connection:
        assert [row["provider"] for row in search(connection, Query(words="headline"))] == ["afp"]


def test_names_of_what_was_purged_or_replaced_are_not_found_any_more(store: Store, event: MakeEvent) -> None:
    def naming(made: Event, name: str) -> Event:
        place = Entity(type=EntityType.PLACE, name=name, country="CH", mentions=[], salience=1, confidence=1)
        return made.model_copy(update={"entities": [place]})

    def found(name: str) -> int:
        with store.reading() as connection:
            return len(search(connection, Query(entity=name, country="ch")))

    with store.writing() as connection:
        write_events(connection, [naming(event(1, relation=Relation.DUPLICATE), "Bern"), naming(event(2), "Basel")])
    index_pending(store)
    assert (found("Bern"), found("BASEL")) == (1, 1)
    with store.writing() as connection:
        write_events(connection, [naming(event(1, reception=1), "Biel")])
        purge_item(connection, "afp:2")
    assert (found("Bern"), found("Biel"), found("Basel")) == (0, 1, 0)
    assert count(store, schema.entities) == 1


def test_purging_by_provider_and_item_id_is_the_same(store: Store, event: MakeEvent) -> None:
    filled(store, event)
    with store.writing() as connection:
        assert purge_item(connection, "afp:1").dispatches == 2


def test_purging_what_is_not_there_changes_nothing(store: Store, event: MakeEvent) -> None:
    filled(store, event)
    with store.writing() as connection:
        assert not any(vars(purge_item(connection, "afp:nothing")).values())
    assert count(store, schema.dispatches) == 3


def test_retention_removes_what_is_older_and_keeps_the_rest(store: Store, event: MakeEvent) -> None:
    original = filled(store, event)
    with store.writing() as connection:
        assert expire(connection, original.dispatch.received_at + timedelta(minutes=30)).dispatches == 2
    assert count(store, schema.dispatches) == 1


def test_retention_of_one_provider_leaves_the_others(store: Store, event: MakeEvent) -> None:
    original = filled(store, event)
    with store.writing() as connection:
        assert expire(connection, original.dispatch.received_at + timedelta(days=1), ["ap"]).dispatches == 0
