"""A real Prometheus scrapes real workers; what it finds goes through a real Alertmanager to whoever is called.

The rules are the shipped ones; only how long each waits before it goes off (`for`) is shortened.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from tests.services.fixtures import Kafka
from tests.services.ports import free_ports
from tests.services.processes import ROOT, Process, Wirefeed, until
from tests.services.samples import write_files

SHIPPED = ROOT / "deploy" / "prometheus"
#: How long each alarm's condition has to hold here.
FOR = "2s"


def program(*names: str) -> str:
    """Path of a program that is installed, or that scripts/check-deploy has unpacked."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    services = Path(os.environ.get("WIREFEED_SERVICES") or cache / "wirefeed" / "services")
    for name in names:
        found = shutil.which(name, path=f"{os.environ['PATH']}:{services / 'checks' / 'bin'}")
        if found:
            return found
    pytest.skip(f"needs {names[0]}: run make check-deploy, or install Debian's prometheus and prometheus-alertmanager")


@pytest.fixture
def calls() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Address of somebody who is called, and the alarms that reached them."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()
    server.server_close()


def rules_with(shortened: str) -> str:
    """The shipped rules, each going off after this time."""
    text = (SHIPPED / "rules.yaml").read_text(encoding="utf-8")
    return re.sub(r"^(    for:) \w+$", rf"\1 {shortened}", text, flags=re.MULTILINE)


@pytest.fixture
def prometheus(tmp_path: Path, calls: tuple[str, list[Any]], targets: list[str]) -> Iterator[str]:
    """URL of a Prometheus with the shipped files, that scrapes the targets every second and tells an Alertmanager."""
    port, alertmanager_port = free_ports(2)
    alertmanager = yaml.safe_load((SHIPPED / "alertmanager.example.yaml").read_text(encoding="utf-8"))
    alertmanager["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    alertmanager["receivers"][0]["webhook_configs"] = [{"url": calls[0], "send_resolved": True}]
    configuration = yaml.safe_load((SHIPPED / "prometheus.yaml").read_text(encoding="utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{alertmanager_port}"]
    (scrape,) = configuration["scrape_configs"]
    del scrape["dns_sd_configs"]
    scrape["static_configs"] = [{"targets": targets}]
    (tmp_path / "alertmanager.yaml").write_text(yaml.safe_dump(alertmanager), encoding="utf-8")
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(rules_with(FOR), encoding="utf-8")
    commands = [
        [
            program("alertmanager", "prometheus-alertmanager"),
            f"--config.file={tmp_path / 'alertmanager.yaml'}",
            f"--storage.path={tmp_path / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{alertmanager_port}",
            "--cluster.listen-address=",
        ],
        [
            program("prometheus"),
            f"--config.file={tmp_path / 'prometheus.yaml'}",
            f"--storage.tsdb.path={tmp_path / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
    ]
    with (tmp_path / "monitoring.log").open("wb") as log:
        running = [
            subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=tmp_path) for command in commands
        ]
        yield f"http://127.0.0.1:{port}"
        for process in running:
            process.terminate()
            process.wait(30)


@pytest.fixture
def targets() -> list[str]:
    """Addresses of two workers."""
    return [f"127.0.0.1:{port}" for port in free_ports(2)]


@pytest.fixture
def workers(kafka: Kafka, targets: list[str], tmp_path: Path) -> Iterator[list[Process]]:
    """Two workers of one installation, at those addresses, and something to do for them."""
    installation = Wirefeed(tmp_path, kafka.bootstrap)
    installation.run("topics", "apply")
    running = [
        installation.start("worker", *stages, WIREFEED_HEALTH__PORT=target.rpartition(":")[2])
        for stages, target in zip((("parse",), ("deduplicate", "language")), targets, strict=True)
    ]
    installation.run("ingest", "--once", str(write_files(tmp_path / "wires", 10)))
    yield running
    installation.end()


def asked(prometheus: str, query: str) -> list[dict[str, Any]]:
    """Series that an expression gives."""
    try:
        with urllib.request.urlopen(f"{prometheus}/api/v1/query?query={query}", timeout=5) as answer:  # noqa: S310 # loopback
            return json.loads(answer.read())["data"]["result"]
    except OSError:
        return []


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_stopped_worker_is_called_out_and_called_off(
    workers: list[Process], targets: list[str], prometheus: str, calls: tuple[str, list[dict[str, Any]]]
) -> None:
    """Its alarm reaches the webhook as the runbook describes it, and is called off once it answers again."""
    _, received = calls

    def told(status: str) -> list[dict[str, Any]]:
        return [each for each in received if each["status"] == status and each["labels"]["alertname"] == "WirefeedProcessDown"]

    def instances(query: str) -> set[str]:
        return {each["metric"]["instance"] for each in asked(prometheus, query)}

    for worker in workers:
        worker.wait_ready()
    until(lambda: instances("up==1") == set(targets), "both workers are scraped")
    until(lambda: instances("wirefeed_records_processed_total") == set(targets), "what both have done is known")
    assert told("firing") == []

    assert workers[0].terminate() == 0
    (alarm,) = until(lambda: told("firing"), "the alarm", 120)
    assert alarm["labels"] == {"alertname": "WirefeedProcessDown", "instance": targets[0], "job": "wirefeed", "severity": "page"}
    assert alarm["annotations"]["summary"] == f"{targets[0]} does not answer"
    assert alarm["annotations"]["runbook_url"] == "docs/operations.md#wirefeedprocessdown"

    workers[0].start()
    (cleared,) = until(lambda: told("resolved"), "the all-clear", 90)
    assert cleared["labels"] == alarm["labels"]
    assert {each["labels"]["alertname"] for each in received} == {"WirefeedProcessDown"}


def test_only_the_waiting_time_of_the_rules_is_changed() -> None:
    """What is tried here is what is shipped."""
    shipped, tried = (yaml.safe_load(text) for text in ((SHIPPED / "rules.yaml").read_text(encoding="utf-8"), rules_with(FOR)))
    rules = [rule for group in tried["groups"] for rule in group["rules"]]
    assert {rule["for"] for rule in rules} == {FOR}
    for rule, original in zip(rules, (rule for group in shipped["groups"] for rule in group["rules"]), strict=True):
        assert {**rule, "for": original["for"]} == original
