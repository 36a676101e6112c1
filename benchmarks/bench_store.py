"""The store: upserts a second, bytes an event, and how long searches take, on SQLite and PostgreSQL.

Usage: python -m benchmarks.bench_store [EVENTS] [--write]. Events of a wire's size are written in the sink's batches; each database
waits for the disk at every commit. Baseline: the same documents by their ids into a bare table of SQLite with two indexes.
BENCH_DIRECTORY names the folder that the SQLite file is to lie in.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.store_events import NAMES, START, events, vocabulary
from pipeline.messages import Event
from pipeline.settings import StoreSettings
from pipeline.store.database import Store
from pipeline.store.events import write_events
from pipeline.store.search import Query, index_pending, search
from tests.services.database import PostgresServer, binaries, create_database

BATCH = 500
SEARCHES = 60
# What a person wrote below this stays.
_ANALYSIS = "## Where the time goes"
_ABOUT = (
    "`make bench-store`: events of 300 words on average with six entities, 15 % copies, three or four to a story, an alert on",
    "every tenth. SQLite in WAL mode with `synchronous=FULL`, PostgreSQL with fsync, one client, all on this machine.",
)


def batched(number: int, size: int, seed: int = 1) -> Iterator[list[Event]]:
    """Yield batches of events."""
    batch: list[Event] = []
    for event in events(number, seed):
        batch.append(event)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and own processor seconds of something."""
    wall, processor = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - processor


def bare(folder: str, batches: Sequence[Sequence[Event]]) -> float:
    """Events a second into a table that has nothing but what the baseline needs."""
    with closing(sqlite3.connect(f"{folder}/bare.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE events (id TEXT PRIMARY KEY, received_at TEXT, document TEXT)")
        connection.execute("CREATE INDEX by_time ON events (received_at)")

        def write() -> None:
            for batch in batches:
                rows = [(str(each.dispatch.id), str(each.dispatch.received_at), each.to_json().decode()) for each in batch]
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT INTO events VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING", rows)
                connection.execute("COMMIT")

        return sum(map(len, batches)) / timed(write)[0]


def fill(store: Store, number: int, size: int, seed: int = 1) -> tuple[float, float]:
    """Write events and return wall-clock and own processor seconds that writing took; making them is not counted."""
    wall = processor = 0.0

    def write(batch: list[Event]) -> None:
        with store.writing() as connection:
            write_events(connection, batch)

    for batch in batched(number, size, seed):
        took = timed(lambda batch=batch: write(batch))  # type: ignore[misc]
        wall, processor = wall + took[0], processor + took[1]
    return wall, processor


def megabytes(store: Store) -> float:
    """Size of the database."""
    with store.engine.connect() as connection:
        if store.dialect == "postgresql":
            return float(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()) / 1e6
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return float(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()) / 1e6


def queries(number: int) -> dict[str, list[Query]]:
    """What people look for, by kind; words from the commonest to those that hardly occur."""
    chance = random.Random(7)
    words = vocabulary()
    common, usual, rare = words[:40], words[100:2000], words[10_000:]
    some = lambda pool: [chance.choice(pool) for _ in range(SEARCHES)]  # noqa: E731 - one line that says it
    day = START + timedelta(seconds=number * 0.7)
    return {
        "one common word": [Query(word) for word in some(common)],
        "one usual word": [Query(word) for word in some(usual)],
        "one rare word": [Query(word) for word in some(rare)],
        "two words": [Query(f"{a} AND {b}") for a, b in zip(some(common), some(usual), strict=True)],
        "either word, not a third": [Query(f"({a} OR {b}) NOT {words[9]}") for a, b in zip(some(usual), some(rare), strict=True)],
        "phrase of common words": [Query(f'"{a} {b}"') for a, b in zip(some(common), some(common), strict=True)],
        "prefix": [Query(f"{word[:4]}*") for word in some(usual)],
        "word and country": [Query(word, country="UA") for word in some(usual)],
        "word, agency, severity": [Query(word, provider="efe", severity=4) for word in some(common)],
        "word that no other agency's rows have": [Query(word, provider="nobody") for word in some(common)],
        "word in an hour": [Query(word, since=day, until=day + timedelta(hours=1)) for word in some(usual)],
        "name": [Query(entity=name) for name in some(NAMES)],
        "name and word": [Query(word, entity=name) for word, name in zip(some(common), some(NAMES), strict=True)],
        "newest of an agency": [Query(provider="afp") for _ in range(SEARCHES)],
        "last page": [Query(word, before=number // 50) for word in some(usual)],
    }  # fmt: skip


def measure_searches(store: Store, number: int) -> tuple[list[str], float]:
    """Rows of a table, and the p99 over all of them."""
    lines, every = [], []
    for kind, asked in queries(number).items():
        took = []
        for query in asked:
            with store.reading() as connection:
                took.append(1000 * timed(lambda query=query, connection=connection: search(connection, query))[0])  # type: ignore[misc]
        every += took
        lines.append(f"| {kind} | {statistics.median(took):.1f} | {_p99(took):.1f} |")
    lines.append(f"| all | {statistics.median(every):.1f} | {_p99(every):.1f} |")
    return lines, _p99(every)


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[max(0, round(0.99 * len(values)) - 1)]


@contextmanager
def opened(kind: str, folder: str) -> Iterator[Callable[[], Store]]:
    """Give out empty stores of a kind."""
    if kind == "SQLite":
        made: list[Any] = []

        def fresh() -> Store:
            made.append(None)
            return Store.open(StoreSettings(url=f"sqlite:///{folder}/{len(made)}.db"))

        yield fresh
        return
    programs = binaries()
    assert programs, "needs PostgreSQL: run tests/services/install"
    server = PostgresServer(programs)
    server.start(durable=True)
    try:
        yield lambda: Store.open(StoreSettings(url=create_database(server.url("postgres"))))
    finally:
        server.remove()


def measure(kind: str, number: int, folder: str) -> list[str]:
    """Measure one database and write down what came out."""
    lines = [f"## {kind}", ""]
    with opened(kind, folder) as fresh:
        store = fresh()
        sizes = megabytes(store)
        rows = []
        wall, processor = fill(store, number, BATCH)
        size = megabytes(store)
        rows.append(
            f"| events in batches of {BATCH}, from empty to {number:,} | {number / wall:,.0f} | {number / processor:,.0f} |"
        )
        more = number // 10
        wall, processor = fill(store, more, 64, seed=2)
        rows.append(f"| {more:,} more in batches of 64 | {more / wall:,.0f} | {more / processor:,.0f} |")
        wall, processor = fill(store, more, BATCH, seed=2)
        rows.append(f"| the same {more:,} redelivered | {more / wall:,.0f} | {more / processor:,.0f} |")
        before = megabytes(store)
        wall, processor = timed(lambda: index_pending(store))
        total = number + more
        rows.append(f"| indexing for search, its own pass | {total / wall:,.0f} | {total / processor:,.0f} |")
        indexed = megabytes(store)
        lines += ["| | a second | a second of our processor time |", "|---|---|---|", *rows, ""]
        share = (indexed - before) / total * 10_000
        lines.append(f"{(size - sizes) / number * 10_000:.0f} MB for 10,000 events, and {share:.0f} MB for their search index.")
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        table, _ = measure_searches(store, total)
        lines += ["", f"Search in {total:,} events, milliseconds:", "", "| looked for | p50 | p99 |", "|---|---|---|", *table, ""]
        store.close()
    return lines


def main() -> None:
    """Measure both and print or keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", nargs="?", type=int, default=100_000, help="how many to write first (default: 100000)")
    parser.add_argument("--write", action="store_true", help="keep the results in store.md")
    chosen = parser.parse_args()
    number = chosen.events
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    lines = ["# The store: upserts, size, search", "", *_ABOUT, ""]
    lines += [f"{machine}, {datetime.now(UTC):%Y-%m-%d}, load average {os.getloadavg()[0]:.1f} at the start.", ""]
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIRECTORY")) as folder:
        sample = list(batched(10_000, BATCH))
        size = sum(len(event.to_json()) for batch in sample for event in batch) / 10_000
        lines += [f"Documents have {size:,.0f} bytes. Baseline, bare table: {bare(folder, sample):,.0f} a second.", ""]
        del sample
        for kind in ("SQLite", "PostgreSQL"):
            lines += measure(kind, number, folder)
    report = "\n".join(lines)
    print(report)
    if chosen.write:
        kept = Path(__file__).with_name("results") / "store.md"
        _, heading, analysis = kept.read_text(encoding="utf-8").partition(_ANALYSIS)
        kept.write_text(f"{report}\n{heading}{analysis}", encoding="utf-8")


if __name__ == "__main__":
    main()
