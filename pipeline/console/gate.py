"""The gate before every route: who asks, and whether a write comes from our own page.

Closed unless opened: a path that is not listed as public needs a token, whatever route answers it. Roles above reader are
demanded by the routes themselves, with [`needs`][pipeline.console.gate.needs].
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.console.failures import Failures
from pipeline.console.roles import LOCAL, Grant, Role
from pipeline.console.tokens import grant_of, hashed
from pipeline.store.database import Store, StoreError

COOKIE = "wirefeed"
#: Carry no wire text and no names of people: health, metrics, the style and script of the pages, the page that asks for a token.
PUBLIC = frozenset({"/healthz", "/readyz", "/metrics", "/login", "/openapi.json"})
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1", "testserver"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Gated:
    """ASGI middleware that lets a request through with its grant in its state, or answers itself."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the gate."""
        refusal = await self._gate.admit(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)


class Gate:
    """Decides about requests."""

    def __init__(self, store: Store, *, open_to_all: bool) -> None:
        self._store = store
        self._open = open_to_all
        self._key = secrets.token_bytes(32)
        self._failures = Failures()
        self._known: set[str] = set()

    async def admit(self, scope: Scope) -> Response | None:
        """Put the grant into a request's state and return None, or return the refusal."""
        headers, path = Headers(scope=scope), scope["path"]
        state = scope.setdefault("state", {})
        address = (scope.get("client") or ("", 0))[0]
        state.update(grant=None, address=address, forgery_token="", open=self._open)
        if _from_elsewhere(headers, scope["method"]):
            return JSONResponse({"detail": "this write comes from another site's page"}, 403)
        if self._open:
            if _host(headers) not in _LOOPBACK_NAMES:
                # A name that somebody else's DNS points at this machine would let their page read ours.
                return JSONResponse({"detail": "without authentication only 127.0.0.1 and localhost are answered"}, 403)
            state.update(grant=LOCAL, forgery_token=self.forgery_token(""))
            return None
        if path in PUBLIC or path.startswith("/static/"):
            return None
        return await self._admit_token(scope, headers, address)

    async def _admit_token(self, scope: Scope, headers: Headers, address: str) -> Response | None:
        bearer, cookie = _bearer(headers), _cookie(headers)
        token = bearer or cookie
        if token is None:
            return _ask(scope)
        try:
            grant, wait = await self.grant(token, address)
        except StoreError as error:
            return JSONResponse({"detail": str(error)}, 503)
        if wait:
            return JSONResponse({"detail": f"too many wrong tokens; try again in {wait} s"}, 429, {"Retry-After": str(wait)})
        if grant is None:
            return _ask(scope)
        scope["state"].update(grant=grant, forgery_token="" if bearer else self.forgery_token(token))
        return None

    async def grant(self, token: str, address: str) -> tuple[Grant | None, int]:
        """What a token allows, and the seconds that an address with too many failures has to wait.

        A token that was right before is looked up all the same: one who guesses must not lock out those behind the same proxy.
        """
        fingerprint = hashed(token)
        wait = self._failures.wait(address)
        if wait and fingerprint not in self._known:
            return None, wait
        grant = await run_in_threadpool(self._look_up, token)
        if grant is None:
            self._failures.note(address)
            self._known.discard(fingerprint)
        elif len(self._known) < 10_000:
            self._known.add(fingerprint)
        return grant, 0

    def _look_up(self, token: str) -> Grant | None:
        with self._store.reading() as connection:
            return grant_of(connection, token, datetime.now(UTC))

    def forgery_token(self, token: str) -> str:
        """What a form must send back: another site's page cannot know it."""
        key = token.encode("utf-8", "surrogatepass") if token else self._key
        return hmac.new(key, b"wirefeed form", "sha256").hexdigest()


def _from_elsewhere(headers: Headers, method: str) -> bool:
    if method in _SAFE:
        return False
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def _host(headers: Headers) -> str | None:
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        return None


def _bearer(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _cookie(headers: Headers) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel is not None and morsel.value else None


def _ask(scope: Scope) -> Response:
    path: str = scope["path"]
    if path.startswith("/api/") or scope["method"] not in _SAFE:
        return JSONResponse(
            {"detail": "a token is needed: Authorization: Bearer wf_…; `wirefeed tokens add` makes one"},
            401,
            {"WWW-Authenticate": "Bearer"},
        )
    wanted = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)


def needs(role: Role, *, every_agency: bool = False) -> Callable[[Request], Grant]:
    """Make a dependency that yields the grant, or refuses with 403 where its role is too low.

    ``every_agency`` refuses tokens with limits: bytes that nobody could read may be any agency's.
    """

    def demand(request: Request) -> Grant:
        grant: Any = request.state.grant
        if not isinstance(grant, Grant) or not grant.role.covers(role):
            raise HTTPException(403, f"this needs the role {role.value}")
        if every_agency and grant.providers is not None:
            raise HTTPException(403, "this needs a token that is not limited to some agencies")
        return grant

    return demand


def check_form(request: Request, given: str) -> None:
    """Refuse a write that does not carry the page's own token.

    A bearer token is never sent by a browser of itself, so a program that shows one needs no more.
    """
    expected: str = request.state.forgery_token
    if expected and not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass")):
        raise HTTPException(403, "the form is too old or not ours; load the page again")
