"""Health, readiness and metrics of a process, on an address of their own; they carry no wire text.

Served from a thread, so that they answer while a stage computes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Protocol

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from pipeline.failure import OperatorError
from pipeline.settings import HealthSettings

log = structlog.get_logger(__name__)


class HealthState(Protocol):
    """What is known of a process's health."""

    @property
    def alive(self) -> bool:
        """Whether it must not be restarted."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it works."""
        ...

    def as_json(self) -> dict[str, object]:
        """Everything, for a person."""
        ...


class Observed(Protocol):
    """Something whose health can be asked."""

    def health(self) -> HealthState:
        """Take a look."""
        ...


class HealthError(OperatorError):
    """The health server cannot listen."""


@contextmanager
def serving_health(settings: HealthSettings, observed: Observed) -> Iterator[str]:
    """Serve /healthz, /readyz and /metrics within the block; yields the URL. Raises HealthError where the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        server_version = "wirefeed"
        sys_version = ""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
                return
            health = observed.health()
            good = {"/healthz": health.alive, "/readyz": health.ready}.get(path)
            if good is None:
                self._answer(404, "text/plain; charset=utf-8", b"see /healthz, /readyz and /metrics\n")
            else:
                self._answer(200 if good else 503, "application/json", json.dumps(health.as_json()).encode() + b"\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep quiet: probes come every few seconds."""

    try:
        server = ThreadingHTTPServer((settings.host, settings.port), Handler)
    except OSError as error:
        raise HealthError(
            f"cannot serve health on {settings.host}:{settings.port}: {error.strerror}; choose another health.port (0: any)"
        ) from error
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="health", daemon=True).start()
    url = f"http://{settings.host}:{server.server_address[1]}"
    log.info("health is served", url=url)
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()
