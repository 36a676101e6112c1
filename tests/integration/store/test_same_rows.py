"""The same operations leave the same rows on SQLite and PostgreSQL, and the same answers to searches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from pipeline.messages import Event, ItemState, Position, RawItem, Relation, Signal, Source, Status, Verdict
from pipeline.settings import StoreSettings
from pipeline.stages.parse.profile import load_profiles
from pipeline.store import feeds_schema, outbox_schema, schema, search_vectors, upsert
from pipeline.store.database import Store
from pipeline.store.dead_letters import mark_open, mark_replayed, write_dead_letters
from pipeline.store.events import write_events
from pipeline.store.feeds import FeedBook, review
from pipeline.store.progress import write_item_states, write_positions, write_verdicts
from pipeline.store.removal import expire, purge_item
from pipeline.store.search import Query, index_pending, search
from tests.samples import START, new_dispatch, new_event, new_match, new_place, new_story

pytestmark = pytest.mark.postgres

TABLES = [table for table in schema.metadata.sorted_tables if table.schema is None]
BOOK = FeedBook(load_profiles(None))
WORDS = ["truce", "broken", "Zürich", "ἀρχή", "мир", "a\x00b", "\uffff \u202e", "🕊", "it's", "100 %", "back\\slash",
         "desk_1@example.org", "https://example.org/a?b=1,5", "हिन्दी", "𞤀𞤣", "ﬁnal", "-12.50", "<b>",
         "cease-fire", "3.5e1", "&amp;", "½㎒", "ΣΑΣ", "Straße", "\u0345"]  # fmt: skip

Act = tuple[str, Any]


@dataclass(frozen=True)
class Sent:
    """An event as it is drawn: which item, which revision, which reception of it, and its verdict."""

    provider: str
    item: int
    revision: int
    reception: int
    relation: Relation
    story: int
    minute: int
    words: tuple[str, ...]
    current: bool
    status: Status

    def event(self) -> Event:
        copied = self.relation is Relation.DUPLICATE
        at = START + timedelta(minutes=self.minute, microseconds=self.item)
        words = " ".join(self.words)
        position = f"{self.item}-{self.revision}-{self.reception}"
        dispatch = new_dispatch(
            provider=self.provider, item_id=str(self.item), revision=str(self.revision), status=self.status,
            signal=Signal.KILL if self.status is Status.CANCELED else Signal.NEW, urgency=self.item % 8 + 1 if self.item % 2 else None,
            headline=words or None, text=words * 3, received_at=at, published_at=at if self.item % 3 else None,
            embargoed_until=at + timedelta(hours=1) if self.item % 7 == 0 else None, service="A" if self.item % 2 else None,
            sequence=str(self.item * 3 + self.revision), source=Source(feed="f", name=words, position=position),
        )  # fmt: skip
        story = new_story(
            self.story, self.relation, of=dispatch.id if copied else None, current=self.current, reason=words,
            providers=[self.provider], similarity=0.1 + self.item / 30 if copied else None,
        )  # fmt: skip
        alert = new_match(1 + self.item % 5, words, rule="r", words=("text", 0, words[:1]))
        entities = [new_place(word, "CH" if place else None, salience=1 / 3) for place, word in enumerate(self.words)]
        return new_event(dispatch, story, entities=entities, alerts=[alert] if self.item % 3 == 0 and not copied else [])


SENT = st.builds(
    Sent,
    provider=st.sampled_from(["afp", "ap", "dpa"]),
    item=st.integers(0, 12),
    revision=st.integers(1, 3),
    reception=st.integers(0, 1),
    relation=st.sampled_from(list(Relation)),
    story=st.integers(0, 4),
    minute=st.integers(0, 2000),
    words=st.lists(st.sampled_from(WORDS), max_size=4).map(tuple),
    current=st.booleans(),
    status=st.sampled_from([Status.USABLE, Status.USABLE, Status.CANCELED, Status.WITHHELD]),
)
ACT: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.just("events"), st.lists(SENT, min_size=1, max_size=12)),
    st.tuples(st.just("again"), st.integers(0, 9)),
    st.tuples(st.just("letters"), st.lists(st.integers(0, 5), min_size=1, max_size=4)),
    st.tuples(st.just("replayed"), st.integers(0, 5)),
    st.tuples(st.just("review"), st.integers(0, 3000)),
    st.tuples(st.just("index"), st.none()),
    st.tuples(st.just("purge"), st.tuples(st.sampled_from(["afp", "ap"]), st.integers(0, 12))),
    st.tuples(st.just("expire"), st.tuples(st.integers(0, 1000), st.sampled_from([None, ["afp"]]))),
)


def act(store: Store, acts: Sequence[Act]) -> None:
    """Do the same things to a store, each in a transaction, as the engines do."""
    batches: list[list[Event]] = []
    for kind, what in acts:
        if kind == "index":
            index_pending(store)
            continue
        with store.writing() as connection:
            if kind in ("events", "again"):
                if kind == "events":
                    batches.append([each.event() for each in what])
                batch = batches[what % len(batches)] if kind == "again" and batches else batches[-1] if batches else []
                verdicts = [_verdict(event) for event in batch]
                write_verdicts(connection, verdicts)
                write_item_states(connection, [state for verdict in verdicts for state in verdict.items])
                write_events(connection, batch)
                BOOK.note(connection, batch)
                write_positions(connection, [_position(event) for event in batch])
            elif kind == "letters":
                write_dead_letters(connection, [_item(number).dead_letter("parse", "no format", "ParseError") for number in what])
            elif kind == "replayed":
                letter = str(_item(what).dead_letter("parse", "").id)
                (mark_replayed(connection, letter) if what % 2 else mark_open(connection, letter, "again", "ParseError"))
            elif kind == "review":
                review(connection, START + timedelta(minutes=what), timedelta(minutes=10), timedelta(minutes=15))
            elif kind == "purge":
                purge_item(connection, f"{what[0]}:{what[1]}")
            else:
                expire(connection, START + timedelta(minutes=what[0]), what[1])


def _verdict(event: Event) -> Verdict:
    assert event.story
    dispatch = event.dispatch
    common: dict[str, Any] = {
        "dispatch_id": dispatch.id, "provider": dispatch.provider, "item_id": dispatch.item_id, "revision": dispatch.revision,
        "status": dispatch.status, "received_at": dispatch.received_at,
    }  # fmt: skip
    state = ItemState(story_id=event.story.id, keys=["\x00"], **common)
    return Verdict(receipt=event.receipt, signal=dispatch.signal, story=event.story, items=[state], **common)


def _position(event: Event) -> Position:
    source = event.dispatch.source
    return Position(
        feed="f", unit=source.name[:3], position=source.position, state={"x": source.name}, updated_at=event.dispatch.received_at
    )


def _item(number: int) -> RawItem:
    return RawItem(payload=bytes([0, 255, number]), feed="f\x00", name="ñ", position=str(number), received_at=START)


def contents(store: Store) -> dict[str, list[str]]:
    """Every row of every table without the numbers that the database gives, in an order of our own."""
    with store.reading() as connection:
        return {
            table.name: sorted(
                repr(tuple(row))
                for row in connection.execute(select(*(column for column in table.c if column.name not in ("seq", "dispatch_seq"))))
            )
            for table in TABLES
            if table.name not in ("search_queue", "last_numbers")  # only SQLite gives a number out again, and has to note the last
        } | {"search_queue": [str(connection.execute(text("SELECT count(*) FROM search_queue")).scalar())]}


def answers(store: Store) -> list[list[str]]:
    """What searches find, in their order."""
    queries = [Query("truce"), Query("broken AND truce"), Query("мир*"), Query(entity="zürich"), Query(country="CH"), Query(provider="afp"),
               Query("Zurich NOT truce"), Query("truce NEAR/4 broken"), Query("HEAD: truce"),
               Query('HEAD: "truce brok*"'), Query("HEAD: truce NEAR/2 broken"), Query("truce AND NOT broken"),
               Query('"cease fire"'), Query("cease-fire NOT 3.5e1"), Query("desk_1 OR example.org"), Query("truce NEAR/1 truce"), Query("2 OR mhz"),
               Query('"broken truce" NEAR/2 truce'), Query('"truce broken" NEAR/3 bro*'), Query("broken NEAR/30 example"), Query("amp OR b"),
               Query("STRASSE OR σας"), Query("हिन्दी"), Query("truce 🕊 broken"), Query("example"), Query("b AND 1"), Query("final"), Query('"broken truce" NEAR/5 "example org"'), Query("12"), Query("50*"), Query("𞤀𞤣"), Query('"5e1 cease"'), Query("HEAD: broken NEAR/9 truce"),
               Query('HEAD: "truce broken" OR мир'), Query(entity="ZÜRICH", provider="ap"), Query("truce", country="CH"), Query(severity=3), Query(since=START + timedelta(hours=5))]  # fmt: skip
    with store.reading() as connection:
        return [
            *([row["id"] for row in search(connection, query)] for query in queries),
            *(_paged(connection, query) for query in (Query("truce OR мир", limit=2), Query("truce", provider="afp", limit=1))),
        ]


def _paged(connection: Connection, query: Query) -> list[str]:
    """What is found page by page."""
    found: list[str] = []
    while rows := search(connection, query):
        found += [row["id"] for row in rows]
        query = replace(query, before=rows[-1]["seq"])
    return found


@pytest.fixture(scope="module")
def stores(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    from tests.services.database import create_database, drop_database

    url = create_database(postgres_server)
    path = Path(tmp_path_factory.mktemp("same")) / "same.db"
    light, heavy = Store.open(StoreSettings(url=f"sqlite:///{path}")), Store.open(StoreSettings(url=url))
    yield light, heavy
    light.close()
    heavy.close()
    drop_database(postgres_server, url)


def empty(store: Store) -> None:
    with store.writing() as connection:
        for table in reversed(TABLES):
            connection.execute(table.delete())
        connection.execute(
            text("DELETE FROM search" if store.dialect == "postgresql" else "INSERT INTO search (search) VALUES ('delete-all')")
        )


def compare(stores: tuple[Store, Store], acts: Sequence[Act]) -> None:
    for store in stores:
        empty(store)
        act(store, acts)
    light, heavy = (contents(store) for store in stores)
    for name, rows in light.items():
        assert rows == heavy[name], name
    for store in stores:
        index_pending(store)
    assert answers(stores[0]) == answers(stores[1])


COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}


def _of_words(*words: str, item: int = 1) -> Act:
    return "events", [Sent("afp", item, 1, 0, Relation.NEW, 0, item, words, current=True, status=Status.USABLE)]


@given(st.lists(ACT, min_size=1, max_size=12))
@example([_of_words("truce", "🕊", "broken")])
@example([_of_words("truce", "cease-fire", "3.5e1", "broken")])
@example([_of_words("broken" * 400, "truce")])
@example([_of_words(*["truce", "broken"] * 200)])
@example([_of_words(*["truce"] * 5000, "broken")])
@settings(max_examples=60, **COMMON)
def test_random_operations_leave_the_same_rows(stores: tuple[Store, Store], acts: list[Act]) -> None:
    compare(stores, acts)


@given(st.lists(ACT, min_size=1, max_size=12))
@settings(max_examples=30, **COMMON)
def test_rows_that_are_copied_are_the_same(stores: tuple[Store, Store], acts: list[Act]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(upsert, "WORTH_COPYING", 1)
        compare(stores, acts)


@pytest.mark.slow
@pytest.mark.timeout(900)
@given(st.lists(ACT, min_size=5, max_size=30))
@settings(max_examples=200, **COMMON)
def test_long_random_operations_leave_the_same_rows(stores: tuple[Store, Store], acts: list[Act]) -> None:
    compare(stores, acts)


@pytest.mark.parametrize("few", [0, 1, 3])
def test_answers_are_the_same_whether_words_or_the_newest_rows_lead(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(search_vectors, "_FEW", few)
    compare(
        stores,
        [_of_words("truce", "🕊", "broken"), *(_of_words(word, "truce", "broken", item=2 + at) for at, word in enumerate(WORDS))],
    )


def test_every_table_is_compared() -> None:
    assert {"dispatches", "copies", "stories", "entities", "alerts", "dead_letters", "verdicts", "items", "positions"} < {
        t.name for t in TABLES
    }
    assert feeds_schema.feeds in TABLES
    assert outbox_schema.outbox in TABLES
