"""From event to webhook received: latency at given rates, a kill told, and a storm planned.

Usage: python -m benchmarks.bench_notify [SECONDS]. Everything runs on this machine: SQLite with synchronous=FULL, one process that
plans and delivers, one process that receives. Times are from the moment at which an event is due to the arrival of the request's
body, on one clock.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import queue
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pipeline.messages import (
    Dispatch,
    Event,
    Kind,
    Match,
    Relation,
    RuleMatch,
    Source,
    Story,
    deterministic_id,
    dispatch_id,
    receipt_id,
)
from pipeline.notify.notifier import Notifier
from pipeline.notify.silences import Silence, add_silence
from pipeline.notify.subscribers import load_subscribers
from pipeline.settings import NotifySettings, StoreSettings
from pipeline.store.database import Store

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of this benchmark
TEXT = "Sudrian troops crossed the border at dawn, the ministry said. " * 40


def event(number: int, relation: str = "new", of: int | None = None) -> Event:
    """Make an event of its own story; a withdrawal takes back the one that it names."""
    item = str(number if of is None else of)
    now = datetime.now(UTC)
    alert = RuleMatch(
        rule="r", rule_sha256="0" * 64, severity=4, kind=Kind.ESCALATION, title="Invasion",
        matches=[Match(field="text", start=15, end=33, text="crossed the border")],
    )  # fmt: skip
    fields: dict[str, Any] = {} if of is None else {"status": "canceled", "signal": "kill"}
    return Event(
        receipt=receipt_id("bench", str(number), 0),
        dispatch=Dispatch(
            id=dispatch_id("afp", item, str(number), ""), provider="afp", item_id=item, revision=str(number),
            headline="Sudria moves", text=TEXT, received_at=now, published_at=now, format="bench", raw_sha256="",
            source=Source(feed="bench", name="bench", position=str(number)), **fields,
        ),
        story=Story(id=deterministic_id(item), relation=Relation(relation), reason="", providers=["afp"], withdrawn=of is not None),
        alerts=[alert] if of is None else [],
    )  # fmt: skip


def receive(ready: Any, arrived: Any) -> None:
    """Take webhooks and say when each came."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            at = time.monotonic()
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            said = json.loads(body)
            arrived.put((said["dispatch"]["revision"] if said["dispatch"] else "", said["reason"], at))

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def get_request(self) -> tuple[socket.socket, Any]:
            connection, address = super().get_request()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection, address

    server = Server(("127.0.0.1", 0), Handler)
    ready.put(server.server_address[1])
    server.serve_forever()


@contextmanager
def house(**options: Any) -> Iterator[tuple[Store, Notifier, Any]]:
    """Start receiver, store and notifier; options are the subscriber's."""
    context = get_context("spawn")
    ready, arrived = context.Queue(), context.Queue()
    process = context.Process(target=receive, args=(ready, arrived), daemon=True)
    process.start()
    port = ready.get(timeout=30)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIRECTORY")) as folder:
        path = Path(folder) / "subscribers.yaml"
        channel = {"type": "webhook", "url": f"http://127.0.0.1:{port}/", "secret": SECRET, "allow_private_network": True}
        path.write_text(json.dumps({"subscribers": [{"name": "desk", "channels": [channel], **options}]}))
        store = Store.open(StoreSettings(url=f"sqlite:///{folder}/bench.db"))
        notifier = Notifier(store, load_subscribers(path), NotifySettings())
        yield store, notifier, arrived
        notifier.close()
        store.close()
    process.terminate()
    process.join()


def commit(store: Store, notifier: Notifier, events: Sequence[Event]) -> None:
    """Plan as an engine does: one transaction, then a word to the deliverer."""
    with store.writing() as connection:
        notifier.plan(connection, events, datetime.now(UTC))
    notifier.wake()


def at_rate(rate: int, seconds: int) -> list[float]:
    """Hand events in at a steady rate, taken up as an engine does: all that are there; return milliseconds to arrival."""
    with house() as (store, notifier, arrived), notifier.delivering():
        commit(store, notifier, [event(1_000_000)])
        arrived.get(timeout=30)
        events = [event(number) for number in range(rate * seconds)]
        begin, taken = time.monotonic(), 0
        while taken < len(events):
            there = min(int((time.monotonic() - begin) * rate) + 1, taken + 64, len(events))
            if there > taken:
                commit(store, notifier, events[taken:there])
                taken = there
            else:
                time.sleep(max(0.0, begin + taken / rate - time.monotonic()))
        waits = []
        while len(waits) < len(events):
            revision, _, at = arrived.get(timeout=60)
            waits.append((at - begin - int(revision) / rate) * 1000)
        return sorted(waits)


def kill_told() -> float:
    """Milliseconds from a kill to the arrival of the retraction, in quiet hours and with everything silenced."""
    always = [{"hours": "00:00-24:00", "except_severity": 4}]
    with house(quiet_hours=always) as (store, notifier, arrived), notifier.delivering():
        for number in range(20):
            commit(store, notifier, [event(number)])
            arrived.get(timeout=30)
        now = datetime.now(UTC)
        with store.writing() as connection:
            add_silence(connection, Silence("s", "bench", "drill", now, now + timedelta(hours=1), subscriber="desk"), now)
        begin = time.monotonic()
        commit(store, notifier, [event(100, "withdrawal", of=3)])
        while True:
            _, reason, at = arrived.get(timeout=30)
            if reason == "retracted":
                return (at - begin) * 1000


def drained(count: int) -> tuple[float, float, float]:
    """Planned and delivered messages a second when ``count`` wait at once, and milliseconds of processor time for each."""
    with house() as (store, notifier, arrived):
        events = [event(number) for number in range(count)]
        begin, used = time.monotonic(), time.process_time()
        for start in range(0, count, 64):
            commit(store, notifier, events[start : start + 64])
        planned = time.monotonic()
        notifier.deliver_due()
        delivered, used = time.monotonic(), time.process_time() - used
        got = 0
        while got < count:
            arrived.get(timeout=10)
            got += 1
        return count / (planned - begin), count / (delivered - planned), 1000 * used / count


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", nargs="?", type=int, default=20, help="how long each rate is kept up (default: 20)")
    seconds = parser.parse_args().seconds
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}\n")
    print("| measure | p50 ms | p99 ms | max ms |\n|---|---|---|---|")
    for rate in (10, 200):
        waits = at_rate(rate, seconds)
        middle, last = waits[len(waits) // 2], waits[min(int(len(waits) * 0.99), len(waits) - 1)]
        print(f"| {rate} events a second, {len(waits)} events | {middle:.1f} | {last:.1f} | {waits[-1]:.1f} |", flush=True)
    print(f"| kill to retraction received, in quiet hours and silenced | {kill_told():.1f} | | |", flush=True)
    planned, delivered, used = drained(2000)
    print(
        f"\n2,000 alerts at once: {planned:.0f} planned a second in batches of 64, then {delivered:.0f} delivered a second; "
        f"{used:.2f} ms of processor time for each."
    )


if __name__ == "__main__":
    try:
        main()
    except queue.Empty:
        sys.exit("a message did not arrive")
