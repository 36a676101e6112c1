"""The crash matrix: SIGKILL at every change of state, then somebody starts it again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest

from pipeline.settings import StoreSettings
from pipeline.store.database import Store

from .crisis import AFTER_CRASH, EMBARGO, FREED, POINTS, RARE, START, play

_ROOT = Path(__file__).resolve().parents[3]
_SHORT = [("plan written", 1), ("claim committed", 3), ("answer arrived", 2), ("settlement begun", 3)]
_WHOLE = [
    *((point, count) for point in POINTS for count in range(1, 23)),
    *((point, count) for point, often in RARE.items() for count in range(1, often + 1)),
]


#: Subscribers who get every message by itself.
PLAIN = ("desk", "duty")


EMBARGOES = {
    **dict.fromkeys("BF", EMBARGO),
    **{f"G{number}": START + timedelta(seconds=401 + 2 * number) for number in range(FREED)},
}


class _Server(ThreadingHTTPServer):
    """With room for all connections that notifiers open at once; beyond five, the default drops them for a second."""

    request_queue_size = 128


class Receiver:
    """Keeps what arrives, with the time on the players' clock; every so many requests one is answered with 500."""

    def __init__(self, failing_every: int = 7) -> None:
        self.clock: Path | None = None
        self.got: list[tuple[datetime, dict[str, Any]]] = []
        lock, receiver = Lock(), self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                assert self.headers["webhook-id"] == body["id"]
                with lock:
                    receiver.got.append((datetime.fromisoformat(receiver.clock.read_text()), body))
                    failing = bool(failing_every) and len(receiver.got) % failing_every == 0
                refused = 400 if self.path == "/refused" else 200
                self.send_response(500 if failing else refused)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "wirefeed.db"
    Store.open(StoreSettings(url=f"sqlite:///{path}")).close()
    return path


@pytest.fixture(scope="module")
def expected(receiver: Receiver, empty: Path, tmp_path_factory) -> dict[str, tuple[str, str]]:
    """Messages of an undisturbed run: story and reason by id."""
    folder = tmp_path_factory.mktemp("undisturbed")
    _play(receiver, empty, folder)
    return {body["id"]: (body["dispatch"]["item_id"], body["reason"]) for _, body in receiver.got if body["subscriber"] in PLAIN}


def _play(receiver: Receiver, empty: Path, folder: Path, point: str = "", count: int = 0) -> int:
    shutil.copy(empty, folder / "wirefeed.db")
    clock, subscribers = folder / "clock", folder / "subscribers.yaml"
    subscribers.write_text(
        "subscribers:\n"
        + "".join(
            f"  - {{name: {name}, channels: [{{type: webhook, url: '{receiver.url}{path}', allow_private_network: true, "
            f"secret: MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}}]{more}}}\n"
            for name, path, more in (
                *((name, "", "") for name in PLAIN),
                ("limited", "", ", rate_limit: {per_minute: 2}, escalation: {after_minutes: 30, min_severity: 5, times: 1}"),
                ("refusing", "refused", ""),
            )
        )
    )
    clock.write_text(START.isoformat())
    receiver.clock, receiver.got = clock, []
    url, code = f"sqlite:///{folder / 'wirefeed.db'}", 0
    if point:
        child = [
            sys.executable,
            str(_ROOT / "tests/integration/notify/crisis.py"),
            url,
            str(subscribers),
            str(clock),
            point,
            str(count),
        ]
        code = subprocess.run(child, check=False, env={**os.environ, "PYTHONPATH": str(_ROOT)}, timeout=60).returncode
        clock.write_text((datetime.fromisoformat(clock.read_text()) + AFTER_CRASH).isoformat())
    play(url, subscribers, clock)
    return code


def test_the_undisturbed_run(expected) -> None:
    """What the crisis is, without a crash: the same messages to each of two subscribers."""
    freed = [(f"G{number}", "first") for number in range(FREED)]
    assert sorted(expected.values()) == sorted(
        2
        * [
            ("A", "first"), ("A", "escalated"), ("A", "corrected"), ("B", "first"), ("D", "first"), ("D", "retracted"), ("F", "first"),
            *freed,
        ]
    )  # fmt: skip


def check(receiver: Receiver, expected: dict[str, tuple[str, str]]) -> None:
    """Everything arrives, nothing before its hour, nothing after its cancellation, repeats only with equal ids."""
    plain = [body for _, body in receiver.got if body["subscriber"] in PLAIN]
    ids = {body["id"] for body in plain}
    assert ids <= set(expected), "a message that no undisturbed run sends"
    withdrawn = {key for key, said in expected.items() if said == ("D", "first")}
    assert set(expected) - ids <= withdrawn, "a message is lost"
    for at, body in receiver.got:
        assert not told_of(body) & {"C", "E"}
        assert all(at >= EMBARGOES[item] for item in told_of(body) if item in EMBARGOES)
        until = (body["dispatch"] or {}).get("embargoed_until")
        assert until is None or at >= datetime.fromisoformat(until)
    said: dict[str, list[dict[str, Any]]] = {}
    for _, body in receiver.got:
        said.setdefault(body["id"], []).append(body)
    assert all(repeated == repeats[0] for repeats in said.values() for repeated in repeats), "one id says two things"
    for subscriber in (*PLAIN, "limited", "refusing"):
        about = [body["reason"] for _, body in receiver.got if body["subscriber"] == subscriber and "D" in told_of(body)]
        assert "retracted" not in about or "first" not in about[about.index("retracted") :]
    check_limited([body for repeats in said.values() for body in repeats[:1] if body["subscriber"] == "limited"])


def check_limited(bodies: list[dict[str, Any]]) -> None:
    """By messages and summaries together everything is told once; one reminder."""
    told = [item for body in bodies for item in told_of(body) if body["reason"] in {"first", "summary"}]
    assert set(told) >= {"A", "B", "F", *(f"G{number}" for number in range(FREED))}, "an alert is in no message and no summary"
    lines = [line["id"] for body in bodies if body["reason"] == "summary" for line in body["summary"]["messages"]]
    assert len(lines) == len(set(lines)) == sum(body["summary"]["count"] for body in bodies if body["reason"] == "summary")
    assert [body["dispatch"]["item_id"] for body in bodies if body["reason"] == "reminder"] == ["A"]


def told_of(body: dict[str, Any]) -> set[str]:
    """Items that a message is about."""
    if body["dispatch"]:
        return {body["dispatch"]["item_id"]}
    return {line["headline"].removeprefix("Item ") for line in body["summary"]["messages"]}


@pytest.mark.parametrize(
    ("point", "count"), [*_SHORT, *(pytest.param(*each, marks=pytest.mark.slow) for each in _WHOLE if each not in _SHORT)]
)
def test_a_kill_loses_nothing_and_leaks_nothing(receiver, empty, expected, tmp_path, *, point, count) -> None:
    """Whatever moment the process dies in, and whatever fails at the receiver besides."""
    code = _play(receiver, empty, tmp_path, point, count)
    assert code == -signal.SIGKILL, "the process did not reach the moment at which it was to die"
    check(receiver, expected)
