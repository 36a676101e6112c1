"""The README's commands for Kafka, run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.fixtures import Kafka
from tests.services.processes import ROOT, until
from tests.services.samples import count

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def quick_start() -> str:
    """The block of commands under the heading "On Kafka"."""
    found = re.search(r"^## On Kafka$.*?^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, "the README has no commands under ## On Kafka"
    return found[1]


def test_the_readme_quick_start_works_as_written(kafka: Kafka, postgres: str, tmp_path: Path):
    """Pasted into a shell, every command succeeds and the invented crisis ends up in the store; only addresses are changed."""
    commands = quick_start()
    script = commands.replace("localhost:9092", kafka.bootstrap).replace("postgresql://wirefeed@localhost/wirefeed", postgres)
    assert script.count(kafka.bootstrap) == script.count(postgres) == 1
    program = tmp_path / "bin" / "wirefeed"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} PYTHONWARNINGS=ignore exec {sys.executable} -m pipeline "$@"\n')
    program.chmod(0o755)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WIREFEED_")}
    environment |= {"PATH": f"{program.parent}:{environment['PATH']}", "WIREFEED_KAFKA__PREFIX": "quick-start-"}
    output = tmp_path / "output"
    with output.open("wb") as log:
        shell = subprocess.Popen(
            ["bash", "-m", "-e"], env=environment, cwd=tmp_path, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True
        )
    assert shell.stdin is not None
    try:
        shell.stdin.write(script + "\necho all commands ran\n")
        shell.stdin.flush()
        until(lambda: "all commands ran" in output.read_text() or shell.poll() is not None, "every command has run")
        assert shell.poll() is None, output.read_text()
        sent = int(re.search(r"(\d+) items sent to Kafka", output.read_text())[1])  # type: ignore[index]
        until(lambda: count(postgres, "dispatches") + count(postgres, "copies") >= sent - 1, "what was sent is stored")
        shell.stdin.write("kill %1 %2; wait %1 && wait %2 && echo ended well\n")
        shell.stdin.flush()
        until(lambda: "ended well" in output.read_text() or shell.poll() is not None, "worker and sink end")
        assert shell.poll() is None, output.read_text()
    finally:
        if shell.poll() is None:
            shell.stdin.write("kill -9 %1 %2; exit 0\n")
        shell.stdin.close()
        shell.wait(30)
