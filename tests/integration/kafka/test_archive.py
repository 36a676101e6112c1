"""The archive of a cluster: the sink keeps bytes for it, and what it gives back is what was received."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.services.processes import Wirefeed, until
from tests.services.samples import count, rows, write_files

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(300)]


@pytest.mark.slow
def test_bytes_of_a_cluster_come_into_the_archive_once_and_a_purge_takes_them_out(wirefeed: Wirefeed, tmp_path: Path):
    """Also after the records were handed in again: they carry the receptions that were archived before."""
    archive = tmp_path / "archive"
    wirefeed.environment["WIREFEED_ARCHIVE__DIRECTORY"] = str(archive)
    store = wirefeed.environment["WIREFEED_STORE__URL"]
    wirefeed.start("worker")
    wirefeed.start("sink")
    wirefeed.run("ingest", str(write_files(tmp_path / "in", 10, per_file=1)))
    until(lambda: count(store, "dispatches") == 10 and count(store, "raw_items") == 10, "events and bytes are stored")
    wirefeed.run("archive")
    assert bytes_in(archive) == [path.read_bytes() for path in sorted((tmp_path / "in").iterdir())]

    wirefeed.run("replay", "--yes")
    until(lambda: not any(wirefeed.lag()[reader] for reader in ("parse", "alerts", "sink")), "all is read")
    wirefeed.run("archive")
    assert len(bytes_in(archive)) == 10

    assert "2 archived" in wirefeed.run("purge", "testwire:item-4").stderr
    assert len(bytes_in(archive)) == 10
    wirefeed.run("purge", "testwire:item-4", "--yes")
    wirefeed.run("replay", "--archive", str(archive), "--store", f"sqlite:///{tmp_path}/again.db")
    again = wirefeed.run("search", "Warehouse", "--json", "--store", f"sqlite:///{tmp_path}/again.db").stdout
    kept = [number for number in range(10) if number != 4]
    assert sorted(json.loads(line)["headline"].split()[1] for line in again.splitlines()) == [str(number) for number in kept]
    assert rows(store, "select count(*) from dispatches") == [(9,)]


def bytes_in(archive: Path) -> list[bytes]:
    """Payloads in the order of their files."""
    found = duckdb.sql(f"SELECT payload FROM '{archive}/raw/*/*.parquet' WHERE payload IS NOT NULL ORDER BY name").fetchall()  # noqa: S608
    return [row[0] for row in found]
