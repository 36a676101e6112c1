"""Storing is idempotent and does not depend on order."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.messages import Event, Relation, Status
from pipeline.settings import StoreSettings
from pipeline.store import schema
from pipeline.store.database import Store, StoreError, StoreUnavailableError
from pipeline.store.events import write_events
from pipeline.store.search import Query, index_pending, search
from pipeline.store.stories import read_story, stories_named

MakeEvent = Callable[..., Event]


def rows(store: Store, table: Any) -> list[tuple[Any, ...]]:
    with store.reading() as connection:
        columns = [column for column in table.c if column.name != "seq"]
        return sorted(map(tuple, connection.execute(select(*columns))), key=repr)


def write(store: Store, *events: Event) -> None:
    with store.writing() as connection:
        write_events(connection, events)


def test_a_redelivered_event_changes_no_row(store: Store, event: MakeEvent) -> None:
    write(store, event())
    before = rows(store, schema.dispatches), rows(store, schema.stories)
    write(store, event().model_copy(update={"processed_at": event().dispatch.received_at}))
    assert (rows(store, schema.dispatches), rows(store, schema.stories)) == before


def test_a_copy_is_a_row_of_dispatches_and_of_copies(store: Store, event: MakeEvent) -> None:
    original = event(1)
    write(store, original, event(2, provider="ap", relation=Relation.DUPLICATE, of=original.dispatch.id, minute=1))
    assert len(rows(store, schema.dispatches)) == 2
    assert len(rows(store, schema.copies)) == 1
    (story,) = rows(store, schema.stories)
    assert "afp ap" in story


def test_any_order_of_original_resend_and_update_leaves_the_same_rows(tmp_path: Path, event: MakeEvent) -> None:
    original = event(1)
    resend = event(1, reception=1, relation=Relation.DUPLICATE, of=original.dispatch.id, minute=3)
    update = event(1, revision="2", relation=Relation.UPDATE, of=original.dispatch.id, minute=5, headline="Newer")
    outcomes = set()
    for number, order in enumerate(itertools.permutations([original, resend, update])):
        store = Store.open(StoreSettings(url=f"sqlite:///{tmp_path / f'{number}.db'}"))
        for each in order:
            write(store, each)
        outcomes.add(repr([rows(store, table) for table in (schema.dispatches, schema.copies, schema.stories)]))
        store.close()
    assert len(outcomes) == 1


def test_a_story_is_withdrawn_only_when_every_item_in_it_is(store: Store, event: MakeEvent) -> None:
    write(store, event(1), event(2, provider="ap", relation=Relation.UPDATE, minute=1))
    write(store, event(1, revision="2", relation=Relation.WITHDRAWAL, status=Status.CANCELED, minute=2))
    with store.reading() as connection:
        assert connection.execute(select(schema.stories.c.status)).scalar_one() == "open"
    write(store, event(2, provider="ap", revision="2", relation=Relation.WITHDRAWAL, status=Status.CANCELED, minute=3))
    with store.reading() as connection:
        assert connection.execute(select(schema.stories.c.status)).scalar_one() == "withdrawn"


def test_a_notice_that_names_its_items_withdraws_the_story(store: Store, event: MakeEvent) -> None:
    """A kill sent as an item of its own counts for the items that its verdict names, until one is sent again."""
    notice = event(9, relation=Relation.WITHDRAWAL, status=Status.CANCELED, minute=5)
    assert notice.story
    notice.story.withdraws = ["1", "2"]
    for sent, status in (
        ([event(1), event(2, relation=Relation.UPDATE, minute=1), notice], "withdrawn"),
        ([event(2, revision="2", relation=Relation.UPDATE, minute=9)], "open"),
    ):
        with store.writing() as connection:
            write_events(connection, sent)
        with store.reading() as connection:
            assert connection.execute(select(schema.stories.c.status)).scalar_one() == status


def test_a_story_is_read_in_the_order_of_reception_by_its_id_or_a_dispatchs(store: Store, event: MakeEvent) -> None:
    first, second = event(1), event(1, revision="2", relation=Relation.UPDATE, minute=4)
    write(store, second, first)
    assert first.story is not None
    with store.reading() as connection:
        by_story = read_story(connection, str(first.story.id))
        by_dispatch = read_story(connection, str(second.dispatch.id))
    assert [each.dispatch.revision for each in by_story] == ["1", "2"]
    assert by_story == by_dispatch


def test_a_failed_transaction_leaves_nothing_behind(store: Store, event: MakeEvent) -> None:
    unfit = event().model_copy(update={"story": None})
    with pytest.raises(ValueError, match="without a story"), store.writing() as connection:
        write_events(connection, [event()]), write_events(connection, [unfit])
    assert rows(store, schema.dispatches) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("headline", 1),
        ("text AND dispatch", 1),
        ('"text of"', 1),
        ("head*", 1),
        ("nothing", 0),
        ("text NOT dispatch", 0),
        ("(nothing OR text)", 1),
        ("text NEAR/3 dispatch", 1),
        ("dispatch NEAR/3 text", 1),
        ("text NEAR/2 dispatch", 0),
        ("HEAD: headline", 1),
        ("HEAD: dispatch", 0),
        ("HEAD: head* AND dispatch", 1),
        ("tèxt – of", 1),
    ],
)
def test_search_understands_words_phrases_prefixes_and_operators(store: Store, event: MakeEvent, words: str, found: int) -> None:
    write(store, event())
    index_pending(store)
    with store.reading() as connection:
        assert len(search(connection, Query(words=words))) == found


@pytest.mark.parametrize("words", ['"open', "AND OR", "NOT alone", '"*"', "(", "a) OR (b"])
def test_search_refuses_what_it_cannot_read_with_a_message(store: Store, words: str) -> None:
    with pytest.raises(StoreError, match=r"search|store"), store.reading() as connection:
        search(connection, Query(words=words))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "is no database URL"),
        ("mysql://localhost/x", "mysql is not supported"),
        ("sqlite:////nowhere/at/all.db", "does not exist; create it"),
        ("postgresql://nobody@127.0.0.1:1/none", "does not answer"),
    ],
)
def test_a_store_that_cannot_be_opened_says_why_and_what_helps(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        Store.open(StoreSettings(url=url))


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError, match=r"x\.db.*no SQLite database"):
        Store.open(StoreSettings(url=f"sqlite:///{path}"))


def test_a_file_of_another_program_is_refused_and_gets_no_table(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE photos (name TEXT)")
    with pytest.raises(StoreError, match=r"photos\.db holds tables of another program; give Wirefeed a database of its own"):
        Store.open(StoreSettings(url=f"sqlite:///{path}"), create=False)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]
    other.close()


def test_a_connection_in_use_when_its_store_closes_is_closed_when_it_comes_back(store: Store) -> None:
    """Such as that of a stream that looks at the store in a thread."""
    with store.reading() as connection:
        driver: Any = connection.connection.dbapi_connection
        connection.execute(select(schema.dispatches))
        store.close()
        connection.execute(select(schema.dispatches))
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        driver.execute("SELECT 1")


def test_a_story_is_named_by_the_beginning_of_an_id_or_by_one_of_its_items(store: Store, event: MakeEvent) -> None:
    stored = event(1)
    write(store, stored)
    assert stored.story is not None
    name, dispatch = str(stored.story.id), stored.dispatch
    with store.reading() as connection:
        for typed in (name[:6], str(dispatch.id)[:8], f"{dispatch.provider}:{dispatch.item_id}"):
            assert stories_named(connection, typed) == [name]
        for typed in (name + "x", "%", f"{dispatch.provider}:", f"other:{dispatch.item_id}"):
            assert stories_named(connection, typed) == []


def test_a_database_of_a_newer_version_is_refused_with_the_remedy(store: Store) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    url = store.engine.url.render_as_string()
    with pytest.raises(StoreError, match=r"newer Wirefeed.*upgrade the program"):
        Store.open(StoreSettings(url=url))


def test_a_reader_sees_a_snapshot_and_holds_no_writer_up(store: Store, event: MakeEvent) -> None:
    write(store, event(1))
    identifiers = select(schema.dispatches.c.id)
    with store.reading() as connection:
        before = connection.execute(identifiers).all()
        write(store, event(2))
        assert connection.execute(identifiers).all() == before
    with store.reading() as connection:
        assert len(connection.execute(identifiers).all()) == 2


def test_every_commit_waits_for_the_disk(store: Store) -> None:
    with store.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_a_locked_database_is_unavailable_for_the_moment(store: Store) -> None:
    with store.reading() as connection:  # the one connection of the pool waits no longer than a millisecond
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
    other = sqlite3.connect(store.engine.url.database or "")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError, match="another process"), store.writing():
        pass
    other.close()
