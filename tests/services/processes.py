"""Wirefeed's own processes, as an operator starts them, and the faults that tests need."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

ROOT = Path(__file__).parents[2]
#: How long a condition may take; a machine that does much else may need more.
SECONDS = float(os.environ.get("WIREFEED_TEST_SECONDS", "120"))


def until(condition: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """Wait until a condition holds and return what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class Process:
    """One running command."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self.name = " ".join(arguments)
        self.log = log
        self._arguments = arguments
        self._environment = environment
        self.start()

    def start(self) -> None:
        """Start, again where it has ended."""
        with self.log.open("ab") as output:
            self._start_at = self.log.stat().st_size
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pipeline", *self._arguments],
                env=dict(self._environment),
                cwd=ROOT,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )

    @property
    def output(self) -> str:
        """What this start has written."""
        return self.log.read_bytes()[self._start_at :].decode()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def terminate(self, seconds: float = 30) -> int:
        """SIGTERM; return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def health(self, page: str = "/readyz") -> tuple[int, dict[str, Any]]:
        """Status and answer of a health page; 0 where it is not there yet."""
        found = re.search(r"http://127\.0\.0\.1:\d+", self.output)
        if found is None:
            return 0, {}
        try:
            with urllib.request.urlopen(found[0] + page, timeout=5) as answer:  # noqa: S310 # loopback
                return answer.status, json.loads(answer.read())
        except HTTPError as error:
            return error.code, json.loads(error.read())
        except OSError:
            return 0, {}

    def metrics(self) -> str:
        """What Prometheus would read."""
        found = re.search(r"http://127\.0\.0\.1:\d+", self.output)
        assert found is not None
        with urllib.request.urlopen(found[0] + "/metrics", timeout=5) as answer:  # noqa: S310 # loopback
            return str(answer.read().decode())

    def wait_ready(self, seconds: float = SECONDS) -> None:
        """Wait until it works."""

        def ready() -> bool:
            assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}:\n{self.output[-3000:]}"
            return self.health()[0] == 200

        until(ready, f"{self.name} is ready", seconds)


class Wirefeed:
    """Commands of one installation: its own topics and groups on a cluster, its own store."""

    def __init__(self, folder: Path, bootstrap: str, store: str | None = None, **settings: str) -> None:
        self.folder = folder
        self.prefix = f"t{uuid.uuid4().hex[:8]}-"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("WIREFEED_")},
            "WIREFEED_KAFKA__BOOTSTRAP_SERVERS": bootstrap,
            "WIREFEED_KAFKA__PREFIX": self.prefix,
            "PYTHONWARNINGS": "ignore",
            **settings,
        }
        if store is not None:
            self.environment["WIREFEED_STORE__URL"] = store
        self.running: list[Process] = []

    def run(self, *arguments: str, code: int = 0, seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
        """Run a command to its end and check its exit code."""
        command = [sys.executable, "-m", "pipeline", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
        assert done.returncode == code, f"{arguments} ended with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}"
        return done

    def start(self, *arguments: str, instance: str | None = None, **settings: str) -> Process:
        """Start a command that stays."""
        environment = {**self.environment, **settings}
        if instance is not None:
            environment["WIREFEED_KAFKA__INSTANCE_ID"] = instance
        process = Process(arguments, environment, self.folder / f"{len(self.running)}-{'-'.join(arguments[:2])}.log")
        self.running.append(process)
        return process

    def lag(self) -> dict[str, int]:
        """Records that each reader is behind."""
        lags: dict[str, int] = {}
        for line in self.run("lag").stdout.splitlines():
            document = json.loads(line)
            lags[document["reader"]] = lags.get(document["reader"], 0) + document["records"]
        return lags

    def records(self, topic: str) -> list[dict[str, Any]]:
        """Everything in a topic."""
        return [json.loads(line) for line in self.run("tail", topic, "--all").stdout.splitlines()]

    def end(self) -> None:
        """Kill what still runs; pytest shows the last words of each beside a test that failed."""
        for process in self.running:
            if process.process.poll() is None:
                process.kill()
            sys.stdout.write(f"--- {process.name}, ended with {process.process.returncode}:\n{process.output[-3000:]}\n")
