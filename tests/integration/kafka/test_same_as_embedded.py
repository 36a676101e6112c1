"""The Kafka chain and the embedded engine come to the same."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from pipeline.topology import STAGE_NAMES
from tests.services.processes import Wirefeed, until
from tests.services.samples import count, rows

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

_STORIES = "select id, status, severity, dispatches, copies, providers, headline from stories order by id"
_COPIES = "select receipt, dispatch_id, of_id, story_id, reason from copies order by receipt"
_ALERTS = "select id, dispatch_id, rule, severity, matches from alerts order by id"
_LETTERS = "select id, stage, reason, sha256, payload from dead_letters order by id"


def _without_clock(document: str) -> dict[str, Any]:
    event = json.loads(document)
    del event["processed_at"]
    return event


def test_five_workers_and_the_sink_store_what_the_embedded_engine_stores(wirefeed: Wirefeed, tmp_path: Path):
    """Real transmissions, one feed and so one order: the same events to the last field, but for the time of processing."""
    corpora = os.environ.get("WIREFEED_CORPORA")
    if not corpora:
        pytest.skip("needs WIREFEED_CORPORA, the folder that holds fixtures/")
    fixtures = Path(corpora) / "fixtures"
    embedded = tmp_path / "embedded.db"
    wirefeed.run("run", str(fixtures), "--once", "--store", f"sqlite:///{embedded}", code=1)
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    workers = [wirefeed.start("worker", stage) for stage in STAGE_NAMES]
    sink = wirefeed.start("sink")
    wirefeed.run("ingest", str(fixtures))
    with sqlite3.connect(embedded) as database:
        expected = {row[0]: _without_clock(row[1]) for row in database.execute("select id, document from dispatches")}
        letters = database.execute(_LETTERS).fetchall()
        until(
            lambda: count(store, "dispatches") >= len(expected) and count(store, "dead_letters") >= len(letters),
            "everything is stored",
        )
        assert {row[0]: _without_clock(row[1]) for row in rows(store, "select id, document from dispatches")} == expected
        for query in (_STORIES, _COPIES, _ALERTS):
            assert sorted(rows(store, query)) == sorted(database.execute(query).fetchall()), query
        assert sorted(rows(store, _LETTERS)) == sorted(letters)
    assert [process.terminate() for process in (*workers, sink)] == [0] * 6
