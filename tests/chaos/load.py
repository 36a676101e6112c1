"""A steady load of invented dispatches."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime

from kafka import KafkaProducer

from tests.services.processes import Wirefeed
from tests.services.samples import dispatch

_COPY_EVERY, _COPY_OF_WHICH_BEFORE = 20, 10
#: Of every thousand records one is poison, and one is larger than any item may be.
_THOUSAND, _POISON, _OVERSIZED = 1000, 90, 50
_OVERSIZED_BYTES = 9 * 1024 * 1024


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
