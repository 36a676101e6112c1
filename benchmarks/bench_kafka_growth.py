"""CPU of one dispatch through every stage and into PostgreSQL, with few and with many stored and in the window.

Run with `python -m benchmarks.bench_kafka_growth [--sizes 10000 1000000] [--write]`; needs PostgreSQL. CPU seconds are those of
this process and of PostgreSQL's, so that other work on the machine does not count. What is there already is invented: random
words in the window, one row's content over and over in the tables.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import platform
import random
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.engines.condition import Condition
from pipeline.engines.kafka.agents import enriching_agent
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.deduplicating import DeduplicateAgent
from pipeline.engines.kafka.parsing import ParseAgent
from pipeline.engines.kafka.records import Record
from pipeline.messages import Event, Verdict
from pipeline.settings import DeduplicateSettings, Settings, StoreSettings
from pipeline.store.database import Store
from pipeline.store.events import write_events
from pipeline.topology import STAGE_NAMES

RESULTS = Path(__file__).parent / "results" / "kafka_growth.md"
_BATCH, _MEASURED, _ROUNDS, _WORDS = 20, 200, 8, 180
_ONWARDS = {"wire.dispatches", "wire.stories", "wire.languages", "wire.entities", "wire.enriched"}


class Chain:
    """The agents in order and the store, without the broker between them."""

    def __init__(self, store: Store, most: int) -> None:
        settings = Settings(deduplicate=DeduplicateSettings(max_documents=most + 100_000))
        self.deduplicate = DeduplicateAgent(settings, Connection(settings.kafka), Condition())
        agents = [enriching_agent(name, settings) for name in STAGE_NAMES[2:]]
        self._agents: list[Any] = [ParseAgent(settings), self.deduplicate, *agents]
        self.store = store
        self.sent = 0

    def run(self, count: int) -> None:
        """Let fresh dispatches pass."""
        for _ in range(0, count, _BATCH):
            records = [_raw(self.sent + number) for number in range(_BATCH)]
            self.sent += _BATCH
            for agent in self._agents:
                records = [
                    Record(each.topic.name, 0, 0, time.time(), each.key, each.value, each.headers)
                    for group in agent.process(records)
                    for each in group
                    if each.topic.name in _ONWARDS
                ]
            with self.store.writing() as connection:
                write_events(connection, [Event.model_validate_json(each.value) for each in records])


def _raw(number: int) -> Record:
    from tests.services.samples import dispatch

    chance = random.Random(number)
    words = " ".join(f"{chance.choice(_SYLLABLES)}{chance.choice(_SYLLABLES)}" for _ in range(_WORDS))
    now = datetime.now(UTC).isoformat()
    text = f"Tolmen - Missiles struck warehouse {number} on Monday, officials said.\n\n{words}."
    body = dispatch(1_000_000 + number, text=text, published_at=now, received_at=now)
    headers = tuple((key, str(number).encode()) for key in ("name", "position"))
    return Record("wire.raw", 0, number, time.time(), b"bench", json.dumps(body).encode(), (("feed", b"bench"), *headers))


_SYLLABLES = ["ka", "mo", "ten", "ris", "vol", "bar", "sem", "lun", "dor", "pel", "git", "nas", "fer", "hul", "wim", "zor"]


def _known(model: Verdict, first: int, last: int) -> Iterator[Verdict]:
    """Verdicts about unrelated dispatches, spread over the hours before."""
    chance = np.random.default_rng(first)
    now = datetime.now(UTC)
    vocabulary = chance.integers(0, 2**29, 40_000, dtype=np.uint32) << np.uint32(3)
    assert model.fingerprint is not None
    for number in range(first, last):
        words = vocabulary[(40_000 * chance.random(_WORDS) ** 2).astype(np.int64)]
        packed = {"words": words, "headline": np.sort(words[:8]), "numbers": words[:0], "number_places": words[:0]}
        coded = {name: base64.b64encode(each.tobytes()).decode() for name, each in packed.items()}
        print_ = model.fingerprint.model_copy(update=coded)
        identifier, item = uuid.UUID(int=number + 1), f"known-{number}"
        received = now - timedelta(hours=60) + timedelta(hours=59) * (number - first) / (last - first)
        story = model.story.model_copy(update={"id": identifier})
        items = [each.model_copy(update={"item_id": item, "dispatch_id": identifier, "story": story.id}) for each in model.items]
        yield model.model_copy(update={
            "receipt": identifier, "dispatch_id": identifier, "item_id": item, "received_at": received, "story": story,
            "items": items, "fingerprint": print_,
        })  # fmt: skip


def _cpu(server: Any) -> float:
    """CPU seconds of this process and of all of PostgreSQL's, ended ones included."""
    main = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if status.parent.name == main:
            ticks += sum(int(field) for field in fields[11:15])
        elif fields[1] == main:
            ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _grow_store(url: str, count: int, already: int) -> None:
    """Repeat one stored dispatch, its story, entities and alerts."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        sample = connection.execute("select id, story_id, seq from dispatches order by seq limit 1").fetchone()
        assert sample is not None
        dispatch, story, number = sample
        of = {
            "dispatches": ("id", dispatch),
            "stories": ("id", story),
            "entities": ("dispatch_seq", number),
            "alerts": ("dispatch_id", dispatch),
        }
        for table, (where, key) in of.items():
            query = "select column_name from information_schema.columns where table_name = %s and is_generated = 'NEVER'"
            columns = [row[0] for row in connection.execute(query, (table,)) if row[0] != "seq"]
            changed = {"id": "md5('a' || t.ordinal_ || n)::uuid::text" if table == "alerts" else "md5(n::text)::uuid::text",
                       "receipt": "md5('r' || n)::uuid::text", "story_id": "md5(n::text)::uuid::text", "dispatch_seq": "d.seq",
                       "dispatch_id": "md5(n::text)::uuid::text", "item_id": "'known-' || n"}  # fmt: skip
            numbered = "join dispatches d on d.id = md5(n::text)::uuid::text" if where == "dispatch_seq" else ""
            values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
            connection.execute(
                f"insert into {table} ({', '.join(columns)}) select {values} from generate_series({already}, {count - 1}) n "  # noqa: S608
                f"{numbered} cross join (select *, row_number() over () as ordinal_ from {table} where {where} = %s) t",
                (key,),
            )
        connection.execute("vacuum analyze")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/kafka_growth.md")
    options = parser.parse_args()
    from tests.services.database import PostgresServer, binaries

    programs = binaries()
    if programs is None:
        sys.exit("PostgreSQL is absent; run tests/services/install")
    server = PostgresServer(programs)
    try:
        server.start()
        chains = {size: _filled(server, size) for size in options.sizes}
        costs: dict[int, list[float]] = {size: [] for size in options.sizes}
        for _ in range(_ROUNDS):  # in turn, so that other work on the machine meets all of them
            for size, chain in chains.items():
                before = _cpu(server)
                chain.run(_MEASURED)
                costs[size].append(1000 * (_cpu(server) - before) / _MEASURED)
        rows = [(size, min(found)) for size, found in costs.items()]
        for chain in chains.values():
            chain.store.close()
    finally:
        server.remove()
    lines = ["| stored and in the window | CPU ms a dispatch | against the first |", "|---|---|---|"]
    lines += [f"| {size:,} | {cost:.2f} | {100 * (cost / rows[0][1] - 1):+.0f} % |" for size, cost in rows]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.0f}"
    how = f"dispatches of {_WORDS} words\nin batches of {_BATCH}; the least of {_ROUNDS} rounds of {_MEASURED}"
    text = (
        f"# Cost as work grows\n\n{datetime.now(UTC):%Y-%m-%d}, {machine}.\n\nParse, deduplicate, language, entities, alerts and "
        f"the store (PostgreSQL), {how}.\n\n"
        + "\n".join(lines) + "\n"
    )  # fmt: skip
    print(text)
    if options.write:
        RESULTS.write_text(text)


def _filled(server: Any, size: int) -> Chain:
    """A chain with so many dispatches in its window and its database, warm."""
    from tests.services.database import create_database

    url = create_database(server.url("postgres"))
    chain = Chain(Store.open(StoreSettings(url=url)), size)
    chain.run(2 * _BATCH)
    [model] = _model(chain)
    for first in range(0, size, 10_000):
        chain.deduplicate._deduplicator.restore(_known(model, first, min(size, first + 10_000)), [])  # noqa: SLF001
    _grow_store(url, size, 0)
    chain.run(5 * _BATCH)
    return chain


def _model(chain: Chain) -> list[Verdict]:
    """One real verdict, after which the invented ones are made."""
    agent = ParseAgent(Settings())
    [[sent]] = agent.process([_raw(9_000_000)])
    from pipeline.messages import ParsedDispatch

    return chain.deduplicate._deduplicator.decide([ParsedDispatch.model_validate_json(sent.value)])  # noqa: SLF001


if __name__ == "__main__":
    main()
