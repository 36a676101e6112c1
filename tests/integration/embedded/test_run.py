"""The embedded engine keeps its promises through reruns and kills."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.demo.play import lay_out

ROOT = Path(__file__).parents[3]
# Columns that tell when this machine did something, and internal numbering.
_VOLATILE = {"seq", "processed_at", "updated_at"}


def wirefeed(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, **options
    )


def run_once(wires: Path, database: Path) -> subprocess.CompletedProcess[str]:
    return wirefeed("run", str(wires), "--once", "--json", "--store", f"sqlite:///{database}")


def dump(database: Path) -> dict[str, list[Any]]:
    connection = sqlite3.connect(database)
    tables = ["dispatches", "copies", "stories", "entities", "alerts", "dead_letters", "verdicts", "items", "positions"]
    out = {}
    for table in tables:
        cursor = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - names from the list above
        keep = [index for index, column in enumerate(cursor.description) if column[0] not in _VOLATILE]
        out[table] = sorted((tuple(_settled(row[index]) for index in keep) for row in cursor), key=repr)
    connection.close()
    return out


def _settled(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("{"):
        document = json.loads(value)
        document.pop("processed_at", None)
        return json.dumps(document, sort_keys=True)
    return value


@pytest.fixture(scope="module")
def wires(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's crisis, many times over, so that a run lasts for several transactions."""
    folder = tmp_path_factory.mktemp("wires")
    crisis = lay_out(folder / "once")
    many = folder / "many"
    for number in range(20):
        shutil.copytree(crisis, many / f"{number:02}")
        for path in (many / f"{number:02}").iterdir():
            if path.suffix in {".xml", ".json"}:
                path.write_text(
                    path.read_text()
                    .replace("pass1", f"pass{number}")
                    .replace("88121", f"88{number}")
                    .replace("Harrow", f"Harrow{number}")
                )
    return many


@pytest.fixture(scope="module")
def undisturbed(wires: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[Any]], float]:
    database = tmp_path_factory.mktemp("undisturbed") / "x.db"
    started = time.monotonic()
    result = run_once(wires, database)
    assert result.returncode == 1, result.stderr  # the unreadable file is named
    assert "09-broken.bin" in result.stderr
    return dump(database), time.monotonic() - started


def test_a_second_run_changes_no_row_and_reads_nothing(
    wires: Path, tmp_path: Path, undisturbed: tuple[dict[str, list[Any]], float]
) -> None:
    run_once(wires, tmp_path / "x.db")
    before = dump(tmp_path / "x.db")
    second = run_once(wires, tmp_path / "x.db")
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout)["items"] == 0
    assert dump(tmp_path / "x.db") == before == undisturbed[0]


def killed_and_run_again(wires: Path, database: Path, after: float) -> dict[str, list[Any]]:
    arguments = [sys.executable, "-m", "pipeline", "run", str(wires), "--once", "--store", f"sqlite:///{database}"]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    result = run_once(wires, database)
    assert result.returncode in {0, 1}, result.stderr
    return dump(database)


@pytest.mark.parametrize("moment", [pytest.param(0.55, marks=pytest.mark.slow), 0.7, pytest.param(0.85, marks=pytest.mark.slow)])
def test_a_kill_at_any_moment_and_a_rerun_give_the_rows_of_an_undisturbed_run(
    wires: Path, tmp_path: Path, undisturbed: tuple[dict[str, list[Any]], float], moment: float
) -> None:
    rows, duration = undisturbed
    assert killed_and_run_again(wires, tmp_path / "x.db", duration * moment) == rows


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_twenty_kills_and_reruns_give_the_rows_of_an_undisturbed_run(
    wires: Path, tmp_path: Path, undisturbed: tuple[dict[str, list[Any]], float]
) -> None:
    rows, duration = undisturbed
    for number in range(20):
        assert killed_and_run_again(wires, tmp_path / f"{number}.db", duration * (0.3 + number * 0.035)) == rows


def test_every_fixture_ends_as_dispatches_or_as_a_dead_letter_with_a_reason(tmp_path: Path) -> None:
    corpora = os.environ.get("WIREFEED_CORPORA")
    if not corpora:
        pytest.skip("WIREFEED_CORPORA does not name the folder of the wire fixtures")
    result = run_once(Path(corpora) / "fixtures", tmp_path / "x.db")
    counted = json.loads(result.stdout)
    assert counted["items"] == 43
    connection = sqlite3.connect(tmp_path / "x.db")
    names = {
        row[0]
        for row in connection.execute(
            "SELECT name FROM dispatches UNION SELECT name FROM copies UNION SELECT name FROM dead_letters"
        )
    }
    assert len(names) == 43
    assert all(reason for (reason,) in connection.execute("SELECT reason FROM dead_letters"))
    connection.close()


def test_what_could_not_be_read_is_listed_and_read_again_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "wires").mkdir()
    (tmp_path / "wires" / "bad.bin").write_bytes(bytes(100))
    database = tmp_path / "run.db"
    assert run_once(tmp_path / "wires", database).returncode == 1

    def letters(*arguments: str) -> subprocess.CompletedProcess[str]:
        return wirefeed("dead-letters", *arguments, "--store", f"sqlite:///{database}")

    (letter,) = map(json.loads, letters("list").stdout.splitlines())
    assert (letter["name"].rsplit("/")[-1], letter["attempt"]) == ("bad.bin", 1)
    assert json.loads(letters("show", letter["id"]).stdout)["size"] == 100
    planned = letters("replay", letter["id"])
    assert (planned.returncode, planned.stderr) == (0, "1 would be handed in, 0 not; --yes does it\n")
    assert letters("replay", letter["id"], "--yes").returncode == 0
    assert run_once(tmp_path / "wires", database).returncode == 0
    (again,) = map(json.loads, letters("list").stdout.splitlines())
    assert again["attempt"] == 2
    unknown = letters("replay", "none", "--yes")
    assert unknown.returncode == 1
    assert "no dead letter none in the store" in unknown.stderr


def test_what_deduplication_keeps_of_texts_expires_with_them_but_not_what_it_still_compares(tmp_path: Path) -> None:
    wires, database = lay_out(tmp_path), tmp_path / "run.db"
    old, new = sorted(wires.iterdir())[:2]
    for path in wires.iterdir():
        path.unlink() if path not in (old, new) else os.utime(path, (time.time() - 40 * 86400 * (path == old),) * 2)
    assert run_once(wires, database).returncode == 0
    assert len(dump(database)["verdicts"]) == 2
    keeping = {**os.environ, "WIREFEED_STORE__KEEP_DAYS_BY_PROVIDER": '{"nobody": 30}'}
    assert wirefeed("expire", "--store", f"sqlite:///{database}", env=keeping).returncode == 0
    assert len(dump(database)["dispatches"]) == 2
    assert len(dump(database)["verdicts"]) == 1
