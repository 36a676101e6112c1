"""The archive holds everything once, whatever dies when, and gives it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.messages import Event, RawItem
from pipeline.settings import StoreSettings
from pipeline.sources.parquet import ParquetSource
from pipeline.sources.source import Reading, SourceError
from pipeline.store import archive as module
from pipeline.store import schema
from pipeline.store.archive import ArchiveError, archive, keep_raw
from pipeline.store.archive_schema import raw_items
from pipeline.store.database import Store
from pipeline.store.events import write_events
from pipeline.store.removal import purge_item

MakeEvent = Callable[..., Event]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def item(number: int, minutes: int | None = None) -> RawItem:
    at = START + timedelta(minutes=number if minutes is None else minutes)
    return RawItem(payload=bytes([0, 255, number]), feed="f", name=f"{number}.xml", position=str(number), received_at=at)


def write(store: Store, *events: Event) -> None:
    with store.writing() as connection:
        write_events(connection, events)


def ids(directory: Path) -> list[str]:
    return sorted(row[0] for row in duckdb.read_parquet(f"{directory}/events/*/*.parquet").project("id").fetchall())


def test_events_lie_in_a_file_an_hour_and_are_read_in_one_line(store: Store, event: MakeEvent, tmp_path: Path) -> None:
    write(store, event(1), event(2, minute=59), event(3, minute=60, headline="Nächste Stunde"))
    files = [str(each.path.relative_to(tmp_path / "a")) for each in archive(store, tmp_path / "a")]
    assert files == [
        "events/day=2026-03-01/12-000000000001-000000000003.parquet",
        "events/day=2026-03-01/13-000000000001-000000000003.parquet",
    ]
    query = f"SELECT headline, text FROM '{tmp_path}/a/events/*/*.parquet' WHERE item_id = '3'"  # noqa: S608 - as documented
    assert duckdb.sql(query).fetchall() == [("Nächste Stunde", "Text of the dispatch.")]
    frame = pd.read_parquet(tmp_path / "a" / "events")
    assert len(frame) == 3
    assert str(frame["received_at"].dtype) == "datetime64[us, UTC]"


def test_a_second_run_writes_nothing_and_a_late_item_comes_into_a_file_of_its_own(
    store: Store, event: MakeEvent, tmp_path: Path
) -> None:
    write(store, event(1))
    list(archive(store, tmp_path))
    assert list(archive(store, tmp_path)) == []
    write(store, event(2))
    (late,) = archive(store, tmp_path)
    assert (late.path.name, late.rows) == ("12-000000000002-000000000002.parquet", 1)
    assert len(ids(tmp_path)) == 2


@pytest.mark.parametrize("fatal", ["_write", "_sync", "_finish"])
def test_a_run_that_dies_anywhere_is_done_again_as_it_was_begun(
    store: Store, event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: str
) -> None:
    write(store, event(1), event(2, minute=70))
    calls = []

    def die(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) < 2 and fatal != "_finish":
            return real(*arguments)
        raise KeyboardInterrupt

    real = getattr(module, fatal)
    with monkeypatch.context() as patched:
        patched.setattr(module, fatal, die)
        with pytest.raises(KeyboardInterrupt):
            list(archive(store, tmp_path))
    write(store, event(3))
    list(archive(store, tmp_path))
    assert ids(tmp_path) == sorted(str(event(number).dispatch.id) for number in (1, 2, 3))


def test_raw_bytes_leave_the_store_and_come_back_as_they_were(store: Store, tmp_path: Path) -> None:
    with store.writing() as connection:
        keep_raw(connection, [item(1), item(2), item(2), item(90, 400)])
        keep_raw(connection, [item(1)])
    list(archive(store, tmp_path))
    with store.reading() as connection:
        assert (
            connection.execute(select(func.count()).select_from(raw_items)).scalar_one() == 1
        )  # so that its number is not given again
    readings = [each for each in ParquetSource(tmp_path).read({}) if isinstance(each, Reading)]
    assert [each.item for each in readings] == [item(1), item(2), item(90, 400)]
    saved = {each.position.unit: each.position for each in readings[:1]}
    assert [each.item for each in ParquetSource(tmp_path).read(saved) if isinstance(each, Reading)] == [item(2), item(90, 400)]
    window = ParquetSource(tmp_path, START + timedelta(minutes=2), START + timedelta(hours=1))
    assert [each.item for each in window.read({}) if isinstance(each, Reading)] == [item(2)]


def test_a_number_that_a_purge_frees_is_not_taken_for_archived(store: Store, event: MakeEvent, tmp_path: Path) -> None:
    write(store, event(1), event(2))
    list(archive(store, tmp_path))
    with store.writing() as connection:
        purge_item(connection, "afp:2")
    write(store, event(3))
    list(archive(store, tmp_path))
    assert str(event(3).dispatch.id) in ids(tmp_path)


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_lost(store: Store, event: MakeEvent, tmp_path: Path) -> None:
    write(store, event(1))
    (tmp_path / "events").write_text("in the way")
    with pytest.raises(ArchiveError, match=r"12-.*parquet: .*; free space or check permissions, the next run goes on"):
        list(archive(store, tmp_path))
    (tmp_path / "events").unlink()
    assert len(list(archive(store, tmp_path))) == 1


def test_a_file_that_reads_back_differently_is_not_given_its_name(
    store: Store, event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, event(1))
    pa, parquet = module._library()

    class Forgetful:
        write_table = staticmethod(parquet.write_table)

        @staticmethod
        def read_table(path: Path, **options: Any) -> Any:
            return parquet.read_table(path, **options).slice(1)

    with monkeypatch.context() as patched:
        patched.setattr(module, "_library", lambda: (pa, Forgetful))
        with pytest.raises(ArchiveError, match="what was read back is not what was written"):
            list(archive(store, tmp_path))
    assert list(tmp_path.rglob("*.parquet")) == []
    assert len(list(archive(store, tmp_path))) == 1


def test_no_archive_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no archive"):
        ParquetSource(tmp_path)
    folder = tmp_path / "raw" / "day=2026-03-01"
    folder.mkdir(parents=True)
    (folder / "12.parquet").write_bytes(b"nothing")
    (broken,) = ParquetSource(tmp_path).read({})
    assert "no Parquet file of an archive" in getattr(broken, "reason", "")


def test_a_run_is_archived_and_replayed_into_an_empty_store_and_into_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a replay leaves is what the run left, word for word."""
    wires = tmp_path / "wires"
    wires.mkdir()
    for number in range(3):
        (wires / f"{number}.txt").write_text(
            f"Report {number} from the border\n\nObservers counted {number} lorries at the crossing.\n"
        )
    monkeypatch.setenv("WIREFEED_ARCHIVE__DIRECTORY", str(tmp_path / "archive"))
    runner = CliRunner()
    first, again = (f"sqlite:///{tmp_path / name}" for name in ("first.db", "again.db"))
    assert runner.invoke(app, ["run", str(wires), "--once", "--store", first]).exit_code == 0
    assert "raw/day=" in runner.invoke(app, ["archive", "--store", first]).stdout
    for target in (again, first):
        result = runner.invoke(app, ["replay", "--archive", str(tmp_path / "archive"), "--store", target])
        assert result.exit_code == 0, result.output
    assert dispatches(first) == dispatches(again)
    assert len(dispatches(first)) == 3


def dispatches(url: str) -> list[Any]:
    store = Store.open(StoreSettings(url=url))
    columns = [column for column in schema.dispatches.c if column.name not in ("seq", "processed_at", "document")]
    with store.reading() as connection:
        rows = sorted(tuple(row) for row in connection.execute(select(*columns)))
    store.close()
    return rows
