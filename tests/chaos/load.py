"""A steady load of invented dispatches, and the endpoint that hears of them."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from tests.services.processes import Wirefeed
from tests.services.samples import dispatch

_COPY_EVERY, _COPY_OF_WHICH_BEFORE = 20, 10
#: Of every thousand records one is poison, and one is larger than any item may be.
_THOUSAND, _POISON, _OVERSIZED = 1000, 90, 50
_OVERSIZED_BYTES = 9 * 1024 * 1024
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Load(threading.Thread):
    """Sends to wire.raw, some of it copies, some poison, some oversized, until told to stop."""

    def __init__(self, wirefeed: Wirefeed, rate: float) -> None:
        super().__init__(daemon=True)
        self._producer = KafkaProducer(
            bootstrap_servers=wirefeed.environment["WIREFEED_KAFKA__BOOTSTRAP_SERVERS"],
            acks="all",
            enable_idempotence=True,
            delivery_timeout_ms=300_000,
            max_block_ms=300_000,
            max_request_size=12 * 1024 * 1024,
        )
        self._topic = f"{wirefeed.prefix}wire.raw"
        self._rate = rate
        self._bodies: dict[int, bytes] = {}
        self.stopped = threading.Event()
        self.sent: Counter[str] = Counter()
        self.refused: list[BaseException] = []

    def run(self) -> None:
        number = 0
        started = time.monotonic()
        while not self.stopped.is_set():
            if (time.monotonic() - started) * self._rate < number:
                time.sleep(0.005)
                continue
            self._send(number)
            number += 1
        self._producer.flush(timeout=300)
        self._producer.close(timeout=10)

    def _send(self, number: int) -> None:
        now = datetime.now(UTC).isoformat()
        kind, body = "new", json.dumps(dispatch(number, published_at=now, received_at=now)).encode()
        if number % _THOUSAND == _POISON:
            kind, body = "poison", b"\x00\xff nobody's wire %d" % number
        elif number % _THOUSAND == _OVERSIZED:
            kind, body = "oversized", b"x" * _OVERSIZED_BYTES
        elif number % _COPY_EVERY == _COPY_EVERY - 1:
            kind, body = "copy", self._bodies[number - _COPY_OF_WHICH_BEFORE]
        self._bodies[number] = body
        self._bodies.pop(number - 2 * _COPY_EVERY, None)
        headers = [("feed", b"load"), ("name", b"load-%d" % number), ("position", b"load-%d" % number)]
        self._producer.send(self._topic, value=body, key=b"load", headers=headers).add_errback(self.refused.append)
        self.sent[kind] += 1


class Endpoint:
    """A webhook's receiver: which alert came under which idempotency keys, and how often."""

    def __init__(self) -> None:
        self.keys: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
        self.requests = 0
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                endpoint.take(self.headers["webhook-id"], json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, key: str, body: dict[str, Any]) -> None:
        with self._lock:
            self.requests += 1
            self.keys[body["story"]["id"], body["reason"], body["dispatch"]["id"]].add(key)

    @property
    def stories(self) -> set[str]:
        """Stories that were told."""
        with self._lock:
            return {story for story, _, _ in self.keys}

    def subscribers(self, folder: Path) -> Path:
        """Write a subscribers file with this endpoint in it."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        channel = {"type": "webhook", "url": url, "secret": _SECRET, "allow_private_network": True}
        path = folder / "subscribers.yaml"
        path.write_text(json.dumps({"subscribers": [{"name": "desk", "channels": [channel]}]}))
        return path

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
