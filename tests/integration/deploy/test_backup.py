"""The runbook's commands back up and restore, and a restore wakes nobody for last week."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.notify.notifier import Notifier
from pipeline.notify.subscribers import load_subscribers
from pipeline.settings import NotifySettings, StoreSettings
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.events import write_events
from tests.integration.notify.crisis import START, event
from tests.services.database import binaries, create_database, drop_database
from tests.services.processes import ROOT

WEEK = timedelta(days=7)
SECRET = "whsec_" + base64.b64encode(bytes(24)).decode()


def commands() -> list[str]:
    """What the runbook says, block by block: SQLite out and in, PostgreSQL out and in."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = re.search(r"^## Back up and restore$(.+?)^## ", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    return re.findall(r"```sh\n(.+?)```", section[1], re.DOTALL)


def do(command: str, folder: Path, store: str = "") -> None:
    """Run a block of the runbook."""
    programs = binaries()
    path = f"{programs}:{os.environ['PATH']}" if programs else os.environ["PATH"]
    environment = {**os.environ, "PATH": path, "STORE": store.replace("+psycopg", "")}
    done = subprocess.run(["bash", "-euc", command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def pager(tmp_path: Path) -> Iterator[tuple[Path, list[str]]]:
    """A subscribers file, and the headlines that reached its webhook."""
    received: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["dispatch"]["headline"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    file = tmp_path / "subscribers.yaml"
    hook = f'{{type: webhook, url: "http://127.0.0.1:{server.server_port}/", secret: "{SECRET}", allow_private_network: true}}'
    file.write_text(f"subscribers:\n  - name: desk\n    filter: {{min_severity: 3}}\n    channels: [{hook}]\n", encoding="utf-8")
    yield file, received
    server.shutdown()
    server.server_close()


class Desk:
    """One installation's store and notifier."""

    def __init__(self, url: str, subscribers: Path) -> None:
        self.store = Store.open(StoreSettings(url=url))
        self.notifier = Notifier(self.store, load_subscribers(subscribers), NotifySettings(timeout_seconds=5))

    def take(self, *numbers: int, days: int = 0) -> None:
        """Store events and plan what they cause, as an engine does; each was published when it is first taken."""
        events = [event(f"N{number}", number, 4, published_at=START + timedelta(days=number)) for number in numbers]
        with self.store.writing() as connection:
            write_events(connection, events)
            self.notifier.plan(connection, events, START + timedelta(days=days))

    def dispatches(self) -> list[str]:
        with self.store.reading() as connection:
            return sorted(str(each) for each in connection.execute(select(schema.dispatches.c.id)).scalars())

    def close(self) -> None:
        self.notifier.close()
        self.store.close()


def live_a_week(url: str, pager: tuple[Path, list[str]], back_up: Any) -> list[str]:
    """Tell of one event, leave another waiting, back up, tell of more; return what the copy has to hold."""
    subscribers, received = pager
    desk = Desk(url, subscribers)
    desk.take(0)
    desk.notifier.deliver_due(START)
    desk.take(1, days=1)  # waits
    held = desk.dispatches()
    back_up()
    desk.notifier.deliver_due(START + timedelta(days=1))
    desk.take(2, days=2)
    desk.notifier.deliver_due(START + timedelta(days=2))
    desk.close()
    assert received == ["Item N0", "Item N1", "Item N2"]
    received.clear()
    return held


def go_on(url: str, pager: tuple[Path, list[str]], held: list[str]) -> None:
    """Restored a week later: the store holds what the copy held, all is read again, and only what is of today is told."""
    subscribers, received = pager
    desk = Desk(url, subscribers)
    assert desk.dispatches() == held
    desk.notifier.deliver_due(START + 2 * WEEK)
    desk.take(0, 1, 2, 14, days=14)
    desk.notifier.deliver_due(START + 2 * WEEK)
    assert len(desk.dispatches()) == 4
    desk.close()
    assert received == ["Item N14"]


def test_sqlite_is_backed_up_and_restored(tmp_path: Path, pager: tuple[Path, list[str]]) -> None:
    """While it is written to; the file beside which the copy is put may be damaged."""
    out, back = commands()[:2]
    url = f"sqlite:///{tmp_path / 'wirefeed.db'}"
    held = live_a_week(url, pager, lambda: do(out, tmp_path))
    (tmp_path / "wirefeed.db").write_bytes(b"damaged")
    do(back, tmp_path)
    go_on(url, pager, held)


@pytest.mark.postgres
def test_postgresql_is_backed_up_and_restored(
    tmp_path: Path, postgres: str, postgres_server: str, pager: tuple[Path, list[str]]
) -> None:
    """While it is written to; into an empty database."""
    if shutil.which("pg_dump") is None and binaries() is None:
        pytest.skip("needs pg_dump and pg_restore (Debian: postgresql-client)")
    out, back = commands()[2:]
    held = live_a_week(postgres, pager, lambda: do(out, tmp_path, postgres))
    restored = create_database(postgres_server)
    try:
        do(back, tmp_path, restored)
        go_on(restored, pager, held)
    finally:
        drop_database(postgres_server, restored)
