"""What happens to the store is named, loses nothing, and is over without help once its cause is over."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

from pipeline.engines import embedded
from pipeline.engines.chain import Chain
from pipeline.engines.embedded import EmbeddedEngine
from pipeline.messages import Event, Position, RawItem
from pipeline.settings import Settings, StoreSettings
from pipeline.sources.source import Reading
from pipeline.store import database, schema
from pipeline.store.database import Store, StoreError, StoreUnavailableError
from pipeline.store.search import Query, search
from tests.services.database import PostgresServer, create_database

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBER = 200


class Wire:
    """Items one after the other, as a feed that keeps them sends them from any position."""

    feed, interval_seconds = "wire", 1.0

    def read(self, saved: Mapping[str, Position]) -> Iterator[Reading]:
        begin = int(saved[""].position) + 1 if "" in saved else 0
        for number in range(begin, NUMBER):
            at = START + timedelta(minutes=number)
            body = {
                "uri": f"urn:wire:{number % 150}", "version": str(1 + number // 150), "versioncreated": at.isoformat(), "type": "text",
                "headline": f"Report {number} from the border", "body_text": f"Observers counted {number} lorries at the crossing. " * 8,
                "pubstatus": "canceled" if number % 40 == 39 else "usable", "urgency": 4, "language": "en",
            }  # fmt: skip
            item = RawItem(
                payload=json.dumps(body).encode(), feed="wire", name=f"{number}.json", position=str(number), received_at=at,
                declared_provider="afp",
            )  # fmt: skip
            yield Reading(item, Position(feed="wire", position=str(number), updated_at=at))

    def confirm(self, position: Position) -> None: ...
    def close(self) -> None: ...


class Once:
    """Does something in the middle of a batch's transaction, once."""

    def __init__(self, act: Callable[[], None], batch: int = 1) -> None:
        self._act, self._left = act, batch

    def plan(self, _connection: Connection, _events: Sequence[Event], _now: datetime) -> int:
        if self._left == 0:
            self._act()
        self._left -= 1
        return 0


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain(Settings())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_BACKOFF", (0.05, 0.1, 0.2))
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 50)


@contextmanager
def running(chain: Chain, store: Store, planner: Any = None) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(Settings(), chain, store, planner)
    engine.restore()
    yield engine
    store.close()


def contents(store: Store) -> dict[str, list[str]]:
    """Rows of what the engine writes, without the machine's own times and numbers."""
    out = {}
    with store.reading() as connection:
        for table in (
            schema.dispatches,
            schema.copies,
            schema.stories,
            schema.entities,
            schema.verdicts,
            schema.items,
            schema.positions,
        ):
            columns = [column for column in table.c if column.name not in ("seq", "document", "processed_at")]
            out[table.name] = sorted(repr(tuple(row)) for row in connection.execute(select(*columns)))
    return out


@pytest.fixture(scope="module")
def undisturbed(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    store = Store.open(StoreSettings(url=f"sqlite:///{tmp_path_factory.mktemp('plain') / 'x.db'}"))
    with running(chain, store) as engine:
        assert engine.read([Wire()]) == NUMBER
        found = contents(store)
    assert len(found["dispatches"]) == NUMBER
    return found


def read_until_done(engine: EmbeddedEngine, meanwhile: Callable[[], None]) -> list[str]:
    """Follow the wire in a thread, do something when the engine says that it waits; return what it said."""
    stop, waits = threading.Event(), threading.Event()

    def note(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
        said.append(f"{event['event']} {event.get('reason', '')}")
        waits.set()
        raise structlog.DropEvent

    said: list[str] = []
    with structlog.testing.capture_logs():
        structlog.configure(processors=[note])
        thread = threading.Thread(target=engine.read, args=([Wire()], stop))
        thread.start()
        assert waits.wait(60), "the engine never had to wait"
        meanwhile()
        thread.join(60)
        assert not thread.is_alive()
    return said


def test_a_full_database_is_waited_for_and_nothing_is_lost(chain: Chain, tmp_path: Path, undisturbed: dict[str, list[str]]) -> None:
    """The limit of pages answers as a full disk does."""
    store = Store.open(StoreSettings(url=f"sqlite:///{tmp_path / 'x.db'}"))
    limit = threading.Event()

    @sqlalchemy.event.listens_for(store.engine, "begin")
    def _limited(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 10 if limit.is_set() else 1_000_000}")

    with running(chain, store, Once(limit.set)) as engine:
        said = read_until_done(engine, limit.clear)
        assert "the disk is full; free some space, then it goes on by itself" in said[0]
        assert said[-1].startswith("store answers")
        assert contents(store) == undisturbed


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small file system")
def test_a_full_disk_is_waited_for_and_nothing_is_lost(chain: Chain, tmp_path: Path, undisturbed: dict[str, list[str]]) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(small)], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no mount here: {mounted.stderr.decode().strip()}")
    ballast = small / "ballast"
    try:
        store = Store.open(StoreSettings(url=f"sqlite:///{small / 'x.db'}"))

        def fill() -> None:
            free = shutil.disk_usage(small).free
            ballast.write_bytes(bytes(max(0, free - 65_536)))

        with running(chain, store, Once(fill)) as engine:
            said = read_until_done(engine, ballast.unlink)
            assert "the disk" in said[0]
            assert contents(store) == undisturbed
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_locked_database_is_waited_for(chain: Chain, tmp_path: Path, undisturbed: dict[str, list[str]]) -> None:
    store = Store.open(StoreSettings(url=f"sqlite:///{tmp_path / 'x.db'}"))
    other = sqlite3.connect(tmp_path / "x.db", check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with running(chain, store) as engine:
        said = read_until_done(engine, lambda: other.execute("ROLLBACK") and None)
        other.close()
        assert "another process holds the database" in said[0]
        assert contents(store) == undisturbed


def test_without_anybody_to_stop_it_a_run_gives_up_and_a_second_one_goes_on(
    chain: Chain, tmp_path: Path, undisturbed: dict[str, list[str]]
) -> None:
    store = Store.open(StoreSettings(url=f"sqlite:///{tmp_path / 'x.db'}"))
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    with running(chain, store, Once(lambda: other.execute("BEGIN IMMEDIATE") and None, batch=99)) as engine:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match=r"x\.db.*another process holds the database; stop it or wait"):
            engine.read([Wire()])
        other.execute("ROLLBACK")
        assert engine.read([Wire()]) == NUMBER
        assert contents(store) == undisturbed
    other.close()


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_database_restarted_during_a_write_loses_and_repeats_nothing(
    chain: Chain, own_postgres: PostgresServer, undisturbed: dict[str, list[str]], mode: str
) -> None:
    """``immediate`` is a crash of the server, ``fast`` an orderly restart that cuts every transaction off."""
    store = Store.open(StoreSettings(url=create_database(own_postgres.url("postgres"))))
    with running(chain, store, Once(lambda: own_postgres.stop(mode))) as engine:
        said = read_until_done(engine, own_postgres.start)
        assert "does not answer; check that it runs and can be reached" in said[0]
        assert contents(store) == undisturbed


def _at_revision(url: str, revision: str) -> None:
    engine = sqlalchemy.create_engine(url)
    config = Config()
    config.set_main_option("script_location", "pipeline.store:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


OLD = (
    """INSERT INTO dispatches (id, receipt, story_id, relation, current, provider, item_id, revision, status, signal, headline,
    received_at, format, feed, name, position, raw_sha256, document) VALUES ('d', 'r', 's', 'new', {true}, 'afp', '1', '1', 'usable',
    'new', 'Kept', '2026-03-01T12:00:00.000000Z', 'ninjs', 'f', 'n', 'p', 'x', '{{}}')""",
    """INSERT INTO entities (dispatch_id, ordinal, type, name, salience, confidence, mentions)
    VALUES ('d', 0, 'place', 'Zürich', 1, 1, 1)""",
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'x.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"])
def test_an_older_schema_is_brought_up_to_date_and_keeps_its_rows(url: str, revision: str) -> None:
    _at_revision(url, revision)
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement.format(true="true" if "postgres" in url else "1")))
    engine.dispose()
    store = Store.open(StoreSettings(url=url))
    with store.reading() as connection:
        assert connection.execute(select(schema.dispatches.c.headline)).scalars().all() == ["Kept"]
        assert connection.execute(select(schema.entities.c.name)).scalars().all() == ["Zürich"]
        for table in schema.metadata.sorted_tables:
            connection.execute(select(table)).all()
        if revision < "0007":  # from then on the program writes the folded name itself
            assert [row["id"] for row in search(connection, Query(entity="ZÜRICH"))] == ["d"]
    store.close()


def test_a_newer_schema_is_refused_and_left_as_it_is(url: str) -> None:
    store = Store.open(StoreSettings(url=url))
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError, match=r"newer Wirefeed \(schema 9999, this program knows up to \d+\); upgrade the program"):
        Store.open(StoreSettings(url=url))
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
    engine.dispose()


def test_after_the_restore_of_an_old_backup_what_is_missing_is_read_again(
    chain: Chain, tmp_path: Path, undisturbed: dict[str, list[str]]
) -> None:
    path, backup = tmp_path / "x.db", tmp_path / "backup.db"
    store = Store.open(StoreSettings(url=f"sqlite:///{path}"))

    def back_up() -> None:  # as docs/operations.md says, while the engine goes on: what is not committed is not in it
        connection = sqlite3.connect(path)
        connection.execute("VACUUM INTO ?", (str(backup),))
        connection.close()

    with running(chain, store, Once(back_up)) as engine:
        engine.read([Wire()])
    shutil.copy(backup, path)
    restored = Store.open(StoreSettings(url=f"sqlite:///{path}"))
    with restored.reading() as connection:
        assert 0 < len(connection.execute(select(schema.dispatches.c.id)).all()) < NUMBER
    with running(chain, restored) as engine:
        assert 0 < engine.read([Wire()]) < NUMBER
        assert contents(restored) == undisturbed
