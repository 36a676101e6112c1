"""What every answer carries: security headers, and an ETag where a client may keep it."""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing is loaded from elsewhere and no script stands in a page, so that no dispatch can run one.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Answers:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and dress its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        dressed = _Dressed(send, Headers(scope=scope).get("if-none-match") if scope["method"] == "GET" else None, scope["path"])
        await self._app(scope, receive, dressed)


class _Dressed:
    """One answer on its way out; a page of the API is held back until its ETag is known."""

    def __init__(self, send: Send, known: str | None, path: str) -> None:
        self._send = send
        self._known = known
        self._path = path
        self._start: MutableMapping[str, Any] | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if not self._path.startswith("/static/"):
                headers.setdefault("Cache-Control", "private, no-cache")
            if self._path.startswith("/api/") and message["status"] == 200 and _is_json(headers):
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish()
            return
        await self._send(message)

    async def _finish(self) -> None:
        assert self._start is not None  # noqa: S101 - only an answer that was held back is finished
        tag = f'"{hashlib.sha256(self._body).hexdigest()[:32]}"'
        headers = MutableHeaders(scope=self._start)
        headers["ETag"] = tag
        body = self._body
        if self._known is not None and tag in {each.strip().removeprefix("W/") for each in self._known.split(",")}:
            self._start["status"], body = 304, b""
            del headers["content-length"], headers["content-type"]
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def _is_json(headers: MutableHeaders) -> bool:
    return headers.get("content-type", "").startswith("application/json")
