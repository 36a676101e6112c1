"""Serving the console: alone, or beside the embedded engine in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from pipeline.failure import OperatorError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

_BACKLOG = 512
_LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))


class ConsoleError(OperatorError):
    """The console cannot be served; the message says where and what helps."""


def listen(host: str, port: int) -> socket.socket:
    """Open the console's socket; raises ConsoleError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends without delay only where the protocol is named; else every answer waits 40 ms for an acknowledgement.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        # From here on a client waits instead of being refused, though the server takes a moment to start.
        opened.listen(_BACKLOG)
    except OSError as error:
        opened.close()
        raise ConsoleError(
            f"console: {host}:{port} cannot be listened on ({error.strerror}); choose another --host or --port"
        ) from error
    return opened


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    return host in _LOOPBACK


class _Server(uvicorn.Server):
    """A server that ends open streams before it waits for them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app: Any = self.config.app
        app.state.hub.close()
        await super().shutdown(sockets)


def server_of(app: FastAPI) -> uvicorn.Server:
    """Make the server of an application."""
    options = {"log_level": "warning", "access_log": False, "server_header": False, "timeout_graceful_shutdown": 3}
    return _Server(uvicorn.Config(app, **options))  # type: ignore[arg-type]


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve the console from a thread, without authentication and on loopback only; yield its URL."""
    from pipeline.console.app import create_app

    if not is_loopback(settings.console.host):
        raise ConsoleError(f"console: {settings.console.host} is not loopback; beside the engine it listens on 127.0.0.1 only")
    with serving_app(create_app(settings, open_to_all=True), settings.console.host, settings.console.port) as url:
        yield url


@contextmanager
def serving_app(app: FastAPI, host: str, port: int) -> Iterator[str]:
    """Run an application in a thread until the block ends."""
    opened = listen(host, port)
    server = server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, name="console", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{opened.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        opened.close()
