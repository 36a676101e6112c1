"""A webhook's receiver."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Endpoint:
    """Takes every request and remembers: which alert came under which idempotency keys, and how often."""

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
