"""The server of HTTP push: authentication, limits, and the wait until an item is safe."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.sources.push import Inbox
from pipeline.sources.sender import Credentials

#: Seconds for a body to arrive.
BODY_SECONDS = 30.0
#: Seconds that a sender is kept waiting for the engine; then it is asked to send again, which is harmless.
SAFE_SECONDS = 25.0
#: Seconds after which a refused sender may come back.
RETRY_SECONDS = 2
#: Connections at a time.
LARGEST_CONCURRENCY = 512

_NAME = re.compile(r"[\x21-\x7e]{1,200}")


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.response = JSONResponse({"error": detail}, status, {name.replace("_", "-"): value for name, value in headers.items()})


def application(inbox: Inbox, credentials: Credentials, path: str = "/") -> Starlette:
    """Build the app: ``POST`` one dispatch as the body, any wire format; ``Idempotency-Key`` names a reception."""

    async def receive(request: Request) -> Response:
        try:
            return await _receive(request, inbox, credentials)
        except _RefusedError as refusal:
            return refusal.response
        except (TimeoutError, ClientDisconnect):
            return JSONResponse({"error": f"the body did not arrive within {BODY_SECONDS:.0f} s"}, HTTPStatus.REQUEST_TIMEOUT)

    return Starlette(routes=[Route(path, receive, methods=["POST"])])


async def _receive(request: Request, inbox: Inbox, credentials: Credentials) -> Response:
    by_token = credentials.accepts_token(request.headers)
    if credentials.demanded and not by_token and credentials.signing_secret is None:
        raise _RefusedError(HTTPStatus.UNAUTHORIZED, "Authorization: Bearer <token> is missing or wrong", www_authenticate="Bearer")
    name = request.headers.get("idempotency-key") or request.headers.get("webhook-id") or "push"
    if not _NAME.fullmatch(name):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "Idempotency-Key must be 1 to 200 printable ASCII characters without spaces")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is not supported; send the body as it is")
    body = await _body(request, inbox)
    if (problem := _problem_of(body, request, credentials, by_token=by_token)) is not None:
        inbox.release(len(body))
        raise problem
    safe: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    inbox.put(body, name, _answering(safe))
    try:
        confirmed = await asyncio.wait_for(safe, SAFE_SECONDS)
    except TimeoutError:
        confirmed = False
    if not confirmed:
        detail = "the item is not yet safe; send it again, it will not be counted twice"
        raise _RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after=str(RETRY_SECONDS))
    return JSONResponse({"status": "accepted"}, HTTPStatus.ACCEPTED)


def _problem_of(body: bytes, request: Request, credentials: Credentials, *, by_token: bool) -> _RefusedError | None:
    if not body:
        return _RefusedError(HTTPStatus.BAD_REQUEST, "the body is empty; post the bytes of one dispatch")
    if credentials.demanded and not by_token and not credentials.accepts_signature(request.headers, body):
        return _RefusedError(HTTPStatus.UNAUTHORIZED, "neither the bearer token nor the signature of the body is right")
    return None


async def _body(request: Request, inbox: Inbox) -> bytes:
    """Read a body within the size limit and the memory that all bodies share."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:18]) > inbox.max_item_bytes:
        raise _too_large(inbox)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                _make_room(inbox, len(body), len(chunk))
                body += chunk
    except BaseException:
        inbox.release(len(body))
        raise
    return bytes(body)


def _make_room(inbox: Inbox, held: int, size: int) -> None:
    if held + size > inbox.max_item_bytes:
        raise _too_large(inbox)
    if not inbox.reserve(size):
        detail = "too many items wait; send this one again later"
        raise _RefusedError(HTTPStatus.TOO_MANY_REQUESTS, detail, retry_after=str(RETRY_SECONDS))


def _too_large(inbox: Inbox) -> _RefusedError:
    detail = f"the body has more than {inbox.max_item_bytes:,} bytes, the limit parse.max_item_bytes"
    return _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _answering(safe: asyncio.Future[bool]) -> Callable[[bool], None]:
    """Make the callback with which the engine's thread wakes a request up."""
    loop = safe.get_loop()

    def settle(confirmed: bool) -> None:
        if not safe.done():
            safe.set_result(confirmed)

    def answer(confirmed: bool) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, confirmed)

    return answer


def serve(app: Starlette, listener: socket.socket) -> Callable[[], None]:
    """Serve in a thread of its own; returns the way to stop it."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            http="h11",
            ws="none",
            server_header=False,
            limit_concurrency=LARGEST_CONCURRENCY,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="http-push", daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join(timeout=10)

    return stop
