"""The whole chain on a real broker into a real PostgreSQL."""

import json
from pathlib import Path

import pytest

from tests.services.processes import Wirefeed, until
from tests.services.samples import count, dispatch, rows, write_files

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def test_one_worker_and_a_sink_store_every_dispatch_once(wirefeed: Wirefeed, tmp_path: Path):
    """Ingest, one worker with all stages, and the sink: everything is stored once, and a second ingest sends nothing."""
    folder = write_files(tmp_path / "in", 40)
    (folder / "zcopy.jsonl").write_text(json.dumps(dispatch(3)) + "\n")
    (folder / "noise.bin").write_bytes(b"\x00\x01\x02 nothing that any wire would send \x00")
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    sent = wirefeed.run("ingest", str(folder))
    assert "10 items sent" in sent.stderr
    worker = wirefeed.start("worker")
    sink = wirefeed.start("sink")
    until(
        lambda: count(store, "dispatches") == 40 and count(store, "dead_letters") == 1 and count(store, "copies") == 1, "all stored"
    )
    worker.wait_ready()
    assert rows(store, "select count(distinct receipt) from dispatches") == [(40,)]
    assert "0 items sent" in wirefeed.run("ingest", str(folder)).stderr
    until(lambda: not any(wirefeed.lag()[reader] for reader in ("parse", "alerts", "sink")), "lag is 0")
    assert worker.terminate() == 0, worker.output
    assert sink.terminate() == 0, sink.output
    assert '"level": "error"' not in worker.output, worker.output
    verdicts = wirefeed.records("verdicts")
    assert len({each["value"]["receipt"] for each in verdicts}) == len(verdicts) == 41
