"""`wirefeed replay` on a real cluster: what is read again changes nothing that stands, and nobody is told twice."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.services.database import create_database, drop_database
from tests.services.endpoint import Endpoint
from tests.services.processes import Wirefeed, until
from tests.services.samples import count, dispatch, rows

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(300)]

_RULE = """id: 0a6fd0b8-55a5-4c0f-9d1c-1b7b0f1a7e11
title: Warehouse named
status: stable
severity: 5
kind: escalation
match:
  en: reopens
"""


def write(folder: Path, first: int, number: int) -> Path:
    """Lay out dispatches that are fresh enough to be told."""
    folder.mkdir()
    now = datetime.now(UTC).isoformat()
    lines = [json.dumps(dispatch(each, published_at=now, received_at=now)) for each in range(first, first + number)]
    (folder / f"wire-{first}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def all_read(wirefeed: Wirefeed, *readers: str) -> bool:
    """Whether these readers are behind nothing."""
    lag = wirefeed.lag()
    return not any(lag[reader] for reader in readers)


def stored(store: str) -> list[tuple[object, ...]]:
    """Every row of dispatches and alerts, to the last field."""
    return sorted(rows(store, "select id, document from dispatches")) + sorted(rows(store, "select id, rule from alerts"))


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.mark.slow
def test_a_replay_in_place_changes_nothing_and_fills_what_is_missing(wirefeed: Wirefeed, endpoint: Endpoint, tmp_path: Path):
    """Same verdicts, same rows, no further notification; rows that the store lost are there again."""
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    wirefeed.start("worker")
    wirefeed.start("sink")
    wirefeed.start("notifier", "--subscribers", str(endpoint.subscribers(tmp_path)))
    wirefeed.run("ingest", str(write(tmp_path / "first", 100_000, 10)))
    until(lambda: count(store, "dispatches") == 10 and endpoint.requests == 10, "all are stored and told")
    between = datetime.now(UTC)
    wirefeed.run("ingest", str(write(tmp_path / "second", 100_010, 10)))
    until(lambda: count(store, "dispatches") == 20 and endpoint.requests == 20, "all are stored and told")
    before, verdicts = stored(store), len(wirefeed.records("verdicts"))

    files, items = wirefeed.run("replay").stderr, len(wirefeed.records("raw"))
    assert f"{items} records would be handed in in place; --yes does it" in files
    assert len(wirefeed.records("raw")) == items
    late = wirefeed.run("replay", "alerts", "--since", between.isoformat())
    assert "10 records would be handed in" in late.stderr
    assert sum(json.loads(line)["records"] for line in late.stdout.splitlines()) == 10

    rows_lost = rows(store, "select count(*) from dispatches where headline like 'Warehouse 10000%'")[0][0]
    _forget(store, "Warehouse 10000%")
    assert rows_lost == 10 and count(store, "dispatches") == 10
    handed_in = wirefeed.run("replay", "--yes")
    assert f"{items} records handed in in place, marked " in handed_in.stderr
    until(lambda: count(store, "dispatches") == 20, "what was lost is stored again")
    until(lambda: all_read(wirefeed, "parse", "deduplicate", "language", "entities", "alerts", "sink", "notifier"), "all is read")
    assert len(wirefeed.records("verdicts")) == verdicts
    assert _timeless(stored(store)) == _timeless(before)
    assert endpoint.requests == 20
    marked = [record for record in wirefeed.records("enriched") if "wirefeed_replay" in record["headers"]]
    assert len(marked) == 20
    assert len({record["value"]["receipt"] for record in wirefeed.records("enriched")}) == 20


@pytest.mark.slow
def test_a_stage_is_run_again_under_another_prefix_with_other_rules(wirefeed: Wirefeed, postgres_server: str, tmp_path: Path):
    """Topics, groups and a store of its own: what stands is not touched, and the new rule is seen to match."""
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    wirefeed.start("worker")
    wirefeed.start("sink")
    wirefeed.run("ingest", str(write(tmp_path / "in", 100_000, 10)))
    until(lambda: count(store, "dispatches") == 10, "all are stored")
    before = stored(store)
    shadow = f"{wirefeed.prefix}shadow-"
    wirefeed.run(
        "replay", "alerts", "--offset", "0:0", "--offset", "1:0", "--offset", "2:0", "--offset", "3:0", "--into", shadow, "--yes"
    )
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.yaml").write_text(_RULE)
    other = create_database(postgres_server)
    try:
        settings = {"WIREFEED_KAFKA__PREFIX": shadow, "WIREFEED_STORE__URL": other}
        wirefeed.start("worker", "alerts", "--rules", str(rules), **settings)
        sink = wirefeed.start("sink", **settings)
        until(lambda: count(other, "dispatches") == 10, "the shadow's store has all")
        assert rows(other, "select count(*) from alerts where severity = 5")[0][0] >= 10
        sink.terminate()
        assert stored(store) == before
    finally:
        wirefeed.end()
        drop_database(postgres_server, other)


def test_what_cannot_be_replayed_is_said(wirefeed: Wirefeed):
    """A stage, a time, an offset or a partition that does not exist ends with 2."""
    for arguments, words in (
        (("sink",), "no stage is called 'sink'; there are parse"),
        (("--since", "yesterday"), "'yesterday' is no time; write 2026-03-01T06:00:00Z"),
        (("--offset", "7"), "'7' is no PARTITION:OFFSET; write 0:1200"),
        (("--offset", "9:0"), "has no partition 9; it has 0 to 3"),
    ):
        assert words in " ".join(wirefeed.run("replay", *arguments, code=2).stderr.split())


def _timeless(found: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Without the time of processing, which is another one for rows that were lost."""
    return [(row[0], _without_clock(str(row[1]))) for row in found]


def _without_clock(document: str) -> str:
    if not document.startswith("{"):
        return document
    event = json.loads(document)
    del event["processed_at"]
    return json.dumps(event, sort_keys=True)


def _forget(store: str, headline: str) -> None:
    import psycopg

    with psycopg.connect(store.replace("+psycopg", "")) as connection:
        for table, key, number in (("entities", "dispatch_seq", "seq"), ("alerts", "dispatch_id", "id")):
            lost = f"select {number} from dispatches where headline like %s"  # noqa: S608 # our own names
            connection.execute(f"delete from {table} where {key} in ({lost})", (headline,))  # noqa: S608 # our own names
        connection.execute("delete from search_queue")
        connection.execute("delete from dispatches where headline like %s", (headline,))
