"""A takedown reaches the archive too: nothing of the item is left in it, everything else is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.messages import DeadLetter, Event, RawItem, Relation, deterministic_id, receipt_id
from pipeline.sources.parquet import ParquetSource
from pipeline.sources.source import Reading
from pipeline.store import archive as module
from pipeline.store import archive_removal
from pipeline.store.archive import ArchiveError, archive, keep_raw
from pipeline.store.database import Store
from pipeline.store.dead_letters import read_dead_letters, write_dead_letters
from pipeline.store.events import write_events
from pipeline.store.removal import Removed, purge_item

MakeEvent = Callable[..., Event]


def item(event: Event, suffix: str = "") -> RawItem:
    source = event.dispatch.source
    return RawItem(
        payload=f"bytes of {event.dispatch.item_id}{suffix}".encode(), feed=source.feed, name=source.name,
        position=source.position + suffix, received_at=event.dispatch.received_at,
    )  # fmt: skip


def archived(store: Store, directory: Path, *events: Event) -> None:
    with store.writing() as connection:
        write_events(connection, events)
        keep_raw(connection, [item(each) for each in events])
    list(archive(store, directory))


def purge(store: Store, identifier: str, directory: Path, **options: Any) -> Removed:
    with store.writing() as connection:
        return purge_item(connection, identifier, directory, **options)


def events_of(directory: Path) -> list[str]:
    return sorted(row[0] for row in duckdb.read_parquet(f"{directory}/events/*/*.parquet").project("item_id").fetchall())


def payloads(directory: Path) -> list[bytes]:
    return [each.item.payload for each in ParquetSource(directory).read({}) if isinstance(each, Reading)]


def test_a_purged_item_leaves_neither_event_nor_bytes_in_the_archive(store: Store, event: MakeEvent, tmp_path: Path) -> None:
    archived(store, tmp_path, event(1), event(1, revision="2", minute=70), event(2, minute=1))
    removed = purge(store, "afp:1", tmp_path)
    assert (removed.dispatches, removed.archived) == (2, 4)
    assert events_of(tmp_path) == ["2"]
    assert payloads(tmp_path) == [b"bytes of 2"]
    assert not any(b"bytes of 1" in path.read_bytes() for path in tmp_path.rglob("*.parquet"))


def test_a_copy_takes_its_bytes_with_it(store: Store, event: MakeEvent, tmp_path: Path) -> None:
    """A copy has no row among the archived events."""
    original = event(1)
    again = event(1, reception=1, relation=Relation.DUPLICATE, of=original.dispatch.id)
    archived(store, tmp_path, original, again, event(2))
    assert purge(store, "afp:1", tmp_path).copies == 1
    assert payloads(tmp_path) == [b"bytes of 2"]


def test_an_item_that_the_store_has_forgotten_is_found_by_the_id_of_its_dispatch(
    store: Store, event: MakeEvent, tmp_path: Path
) -> None:
    archived(store, tmp_path, event(1), event(2))
    with store.writing() as connection:
        purge_item(connection, "afp:1")
    assert purge(store, str(event(1).dispatch.id), tmp_path) == Removed(archived=2)
    assert events_of(tmp_path) == ["2"]


def test_bytes_that_wait_for_the_archive_never_come_into_it(store: Store, event: MakeEvent, tmp_path: Path) -> None:
    archived(store, tmp_path, event(1))
    with store.writing() as connection:
        write_events(connection, [event(2), event(3)])
        keep_raw(connection, [item(event(2)), item(event(3))])
    assert purge(store, "afp:3", tmp_path).archived == 1
    archived(store, tmp_path, event(4))
    assert payloads(tmp_path) == [b"bytes of 1", b"bytes of 2", b"bytes of 4"]


def test_counting_changes_no_file(store: Store, event: MakeEvent, tmp_path: Path) -> None:
    archived(store, tmp_path, event(1), event(2))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
    assert purge(store, "afp:1", tmp_path, only_count=True).archived == 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")} == before


def test_a_replay_that_was_stopped_finds_its_place_after_a_purge(store: Store, event: MakeEvent, tmp_path: Path) -> None:
    archived(store, tmp_path, event(1), event(2), event(3))
    first, second, _ = (each for each in ParquetSource(tmp_path).read({}) if isinstance(each, Reading))
    saved = {second.position.unit: second.position}
    purge(store, "afp:1", tmp_path)
    left = [each.item.payload for each in ParquetSource(tmp_path).read(saved) if isinstance(each, Reading)]
    assert (first.item.payload, left) == (b"bytes of 1", [b"bytes of 3"])


def test_bytes_that_were_handed_in_again_as_a_dead_letter_go_with_their_first_reception(
    store: Store, event: MakeEvent, tmp_path: Path
) -> None:
    first = event(1)
    source = first.dispatch.source.model_copy(update={"position": f"{first.dispatch.source.position}#dead-letter-12345678"})
    again = first.model_copy(update={"dispatch": first.dispatch.model_copy(update={"source": source})})
    with store.writing() as connection:
        write_events(connection, [again])
        keep_raw(connection, [item(first), item(first, "#dead-letter-12345678"), item(event(2))])
    list(archive(store, tmp_path))
    purge(store, "afp:1", tmp_path)
    assert payloads(tmp_path) == [b"bytes of 2"]


@pytest.mark.parametrize("waits", [True, False])
def test_a_line_of_our_own_is_found_by_its_receipt_in_the_bytes_that_held_it(
    store: Store, event: MakeEvent, tmp_path: Path, waits: bool
) -> None:
    """A relayed dispatch names the source that it had elsewhere, not the file that brought it here."""
    relayed = event(1)
    relayed = relayed.model_copy(
        update={
            "receipt": receipt_id("relay", "all.jsonl", 1),
            "dispatch": relayed.dispatch.model_copy(update={"format": "wirefeed_jsonl"}),
        }
    )
    lines = b'{"item_id": "0"}\n{"item_id": "1"}\n'
    with store.writing() as connection:
        write_events(connection, [relayed])
        raw = [("all.jsonl", lines), ("other.jsonl", lines)]
        received = relayed.dispatch.received_at
        keep_raw(
            connection,
            [RawItem(payload=each, feed="relay", name=name, position=name, received_at=received) for name, each in raw],
        )
    if not waits:
        list(archive(store, tmp_path))
    purge(store, "afp:1", tmp_path)
    list(archive(store, tmp_path))
    names = duckdb.sql(f"SELECT name FROM '{tmp_path}/raw/*/*.parquet' WHERE payload IS NOT NULL").fetchall()  # noqa: S608
    assert names == [("other.jsonl",)]


def test_nothing_is_purged_while_a_pass_of_the_archive_is_not_finished(
    store: Store, event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(module, "_finish", _die)
        with pytest.raises(KeyboardInterrupt):
            archived(store, tmp_path, event(1))
    with pytest.raises(ArchiveError, match="let wirefeed archive run to its end, then try again"):
        purge(store, "afp:1", tmp_path)
    list(archive(store, tmp_path))
    assert purge(store, "afp:1", tmp_path).archived == 2


def test_a_purge_that_dies_is_finished_by_the_next(
    store: Store, event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archived(store, tmp_path, event(1), event(1, revision="2", minute=70), event(2))
    calls = []

    def die_at_the_third(path: Path, table: Any) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise KeyboardInterrupt
        module.write_whole(path, table)

    with monkeypatch.context() as patched:
        patched.setattr(archive_removal, "write_whole", die_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            purge(store, "afp:1", tmp_path)
    purge(store, "afp:1", tmp_path)
    assert (events_of(tmp_path), payloads(tmp_path)) == (["2"], [b"bytes of 2"])


def test_a_broken_file_is_named_and_the_store_keeps_the_item(store: Store, event: MakeEvent, tmp_path: Path) -> None:
    archived(store, tmp_path, event(1))
    folder = tmp_path / "events" / "day=2026-01-01"
    folder.mkdir()
    (folder / "00-broken.parquet").write_bytes(b"nothing")
    with pytest.raises(ArchiveError, match=r"00-broken\.parquet: cannot be read"):
        purge(store, "afp:1", tmp_path)
    (folder / "00-broken.parquet").unlink()
    assert purge(store, "afp:1", tmp_path).dispatches == 1


def _die(*_: Any) -> None:
    raise KeyboardInterrupt


def test_letters_of_another_item_with_the_same_name_stay(store: Store, event: MakeEvent) -> None:
    """Every item of a polled feed has the feed's address as its name."""
    sources = [event(number).dispatch.source for number in (1, 2)]
    letters = [
        DeadLetter(
            id=deterministic_id("letter", source.position), stage="parse", reason="a reason", feed=source.feed, name="n",
            position=source.position, received_at=datetime(2026, 3, 1, tzinfo=UTC), size=1, sha256="0" * 64, payload=b"x",
        )
        for source in sources
    ]  # fmt: skip
    with store.writing() as connection:
        write_events(connection, [event(1), event(2)])
        write_dead_letters(connection, letters)
        assert purge_item(connection, "afp:1").dead_letters == 1
    with store.reading() as connection:
        assert [each.position for each in read_dead_letters(connection)] == ["afp-2-1-0"]
