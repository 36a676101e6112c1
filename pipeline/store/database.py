"""Opening the store: the engine, its transactions, and errors that an operator understands."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError, StatementError

from pipeline.failure import OperatorError
from pipeline.settings import StoreSettings, read_secret
from pipeline.store.driver import carry_out
from pipeline.store.measures import watch_disk

T = TypeVar("T")

# Rows a statement, below the number of variables that SQLite allows.
_CHUNK = 500
# Milliseconds that a SQLite writer waits for another process's transaction before it says that the file is locked.
_BUSY_TIMEOUT = 10_000
# In WAL mode readers see a snapshot while a writer writes, and FULL waits for the disk at every commit. Ids are random, so every
# insert touches other pages of the indexes: a connection keeps 64 MiB of them, and 4,000 gather in the write-ahead log before they
# are written once more, into the file.
# What was purged is wiped from its pages, on every build of SQLite.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "cache_size=-65536",
    "wal_autocheckpoint=4000",
    "temp_store=MEMORY",
    "secure_delete=ON",
)
_READ_ONLY = "wirefeed_read_only"


class StoreError(OperatorError):
    """The store cannot be used; the message names it, what is wrong, and the remedy."""


class StoreUnavailableError(StoreError):
    """The store cannot be used for the moment (down, locked, disk full): trying again may help."""


class StoreRefusedError(StoreError):
    """The database never takes a value (too long, out of range): the store is well, and takes others."""


def is_trouble(error: Exception) -> bool:
    """Whether an error is the store's or an operator's trouble, and not that of the values that were to be stored."""
    return isinstance(error, OperatorError) and not isinstance(error, StoreRefusedError)


def chunked(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut values to what one statement takes."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def wait_for_writers(connection: Connection, table: Table) -> None:
    """Wait on PostgreSQL until nobody writes to a table: whoever reads on from the highest number would pass a late one over.

    Numbers are given out before transactions commit.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table.name} IN SHARE MODE"))


class Store:
    """A database with the schema of this program.

    Writers get one transaction at a time by [`writing`][pipeline.store.database.Store.writing]; readers see a snapshot.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # SQLite lets a second writer sleep and look again; threads of one process can hand over without that.
        self._writer: AbstractContextManager[Any] = Lock() if engine.dialect.name == "sqlite" else nullcontext()
        self._closed = False
        event.listen(engine, "checkin", self._come_back)

    @classmethod
    def open(cls, settings: StoreSettings, *, create: bool = True) -> Store:
        """Connect and bring the schema up to date; without ``create``, a SQLite file that is not there is an error.

        Raises StoreError for a URL or database that cannot be used, StoreUnavailableError where waiting may help.
        """
        from pipeline.store.migrations.migrate import migrate

        url = store_url(settings)
        if not create and url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
            raise StoreError(
                f"store {url.database} does not exist; give the path of a store with --store, or fill one with wirefeed run"
            )
        engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _server(url)
        store = cls(engine)
        try:
            with store._translated():
                migrate(engine)
        except Exception:
            engine.dispose()
            raise
        return store

    @property
    def name(self) -> str:
        """The store's URL as it is given, without its password."""
        return shown_url(self.engine.url)

    @property
    def dialect(self) -> str:
        """Either sqlite or postgresql."""
        return self.engine.dialect.name

    def close(self) -> None:
        """Give back every connection: those that threads still use, when they come back."""
        self._closed = True
        self.engine.dispose()

    def _come_back(self, connection: Any, record: Any) -> None:
        if self._closed and connection is not None:
            record.invalidate()  # else its pool, which nobody has any more, would keep it open

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that commits at the end or, on any error, leaves nothing behind."""
        with self._translated(), self._writer, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read a snapshot; on SQLite that never waits for a writer."""
        with self._translated(), self.engine.connect().execution_options(**{_READ_ONLY: True}) as connection:
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise _explain(error, self.name) from error
        except StatementError as error:  # a value that cannot even be handed over
            raise StoreRefusedError(f"store {self.name} refuses a value: {error.orig}") from error
        except SQLAlchemyError as error:
            raise StoreError(f"store {self.name}: {error}") from error


def store_url(settings: StoreSettings) -> URL:
    """Read ``store.url`` and put the password into it; raises StoreError where it names no database that can be used."""
    try:
        url = make_url(settings.url)
    except (ArgumentError, ValueError):
        shown = re.sub(r"//[^/]*@", "//…@", settings.url)  # there may be a password in it
        raise StoreError(
            f"store.url: {shown!r} is no database URL; use sqlite:///path/to/file.db or postgresql://user@host:5432/database"
        ) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"store.url: {url.get_backend_name()} is not supported; use sqlite:///… or postgresql://…")
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if settings.password_file is not None:
        url = url.set(password=read_secret(settings.password_file))
    return url


def shown_url(url: URL) -> str:
    """Write a URL as people give it: without the driver, which is ours to choose, and without the password.

    >>> shown_url(make_url("postgresql+psycopg://wire:secret@db/wirefeed"))
    'postgresql://wire:***@db/wirefeed'
    """
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        path = Path(url.database)
        if not path.parent.exists():
            raise StoreError(f"store {path}: folder {path.parent} does not exist; create it or choose another store.url")
        if path.is_dir():
            raise StoreError(f"store {path} is a folder; give the path of a file, such as {path / 'wirefeed.db'}")
        if not os.access(path.parent if not path.exists() else path, os.W_OK):
            raise StoreError(f"store {path}: no permission to write; check the owner of {path.parent}")
        watch_disk(path.parent)
    pool: dict[str, Any] = {} if url.database and url.database != ":memory:" else {"poolclass": sqlalchemy.StaticPool}
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT / 1000, "check_same_thread": False}, **pool)

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not begin transactions by itself: it would begin deferred ones, which fail when two processes write.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _server(url: URL) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5})
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError("store: PostgreSQL needs the driver psycopg; install it with pip install 'wirefeed[postgres]'") from error
    carry_out(engine)
    return engine


# What drivers say, what it means and what helps; the first row that matches is taken.
_EXPLANATIONS: tuple[tuple[str, type[StoreError], str], ...] = (
    (r"disk is full|no space left", StoreUnavailableError, "the disk is full; free some space, then it goes on by itself"),
    (r"locked|busy", StoreUnavailableError, "another process holds the database; stop it or wait"),
    (r"not a database|malformed", StoreError, "damaged, or no SQLite database; restore a backup or choose another file"),
    (
        r"disk i/o error",
        StoreUnavailableError,
        "the disk refuses; look at its space, quota and mount, and at the kernel's log",
    ),
    (
        r"read-only transaction|in recovery",
        StoreUnavailableError,
        "a standby, which takes no writes; promote it or name the primary",
    ),
    (r"deadlock|could not serialize", StoreUnavailableError, "another process was in the way; trying again helps"),
    (r"readonly|read-only", StoreError, "no permission to write; check the owner of the file and its folder"),
    (
        r"password authentication failed|role .* does not exist|no password supplied",
        StoreError,
        "the user or password is refused; check store.url and store.password_file",
    ),
    (r"database \".*\" does not exist", StoreError, "the database does not exist; create it with createdb"),
)

#: Class of PostgreSQL's error codes for what is larger than it can hold, such as an entry of an index (54, program limit exceeded).
_BEYOND_LIMITS = "54"


def _explain(error: DBAPIError, name: str) -> StoreError:
    text = (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0]
    if isinstance(error, (DataError, IntegrityError)) or str(getattr(error.orig, "sqlstate", None)).startswith(_BEYOND_LIMITS):
        return StoreRefusedError(f"store {name} refuses a value: {text}")
    for pattern, kind, meaning in _EXPLANATIONS:
        if re.search(pattern, text, re.IGNORECASE):
            return kind(f"store {name}: {meaning} ({text})")
    if error.connection_invalidated or isinstance(error, sqlalchemy.exc.OperationalError):
        return StoreUnavailableError(f"store {name} does not answer; check that it runs and can be reached ({text})")
    return StoreError(f"store {name}: {text}")
