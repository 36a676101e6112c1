"""RSS and Atom by polling: a feed's document is one item whenever it has changed; parse finds the entries in it."""

from __future__ import annotations

import hashlib
import io
import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from pipeline import __version__
from pipeline.messages import Position
from pipeline.sources.intake import Intake, take
from pipeline.sources.redirect import RedirectError, follow
from pipeline.sources.source import Reading, Source, Unreadable

#: Longest wait after failures, in seconds.
LONGEST_BACKOFF = 3600.0
#: Longest wait that a server's Retry-After is given, in seconds.
LONGEST_RETRY_AFTER = 86_400.0
#: Seconds for one document, however slowly it drips.
DEADLINE = 60.0
_ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"


class PollError(Exception):
    """A poll without a document; the message says why, ``retry_after`` how long the server wants to be left alone."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PollSource(Source):
    """One feed: conditional requests, backoff after failures, and no download of what has not changed."""

    def __init__(
        self,
        url: str,
        intake: Intake,
        *,
        interval_seconds: float = 60.0,
        token: str | None = None,
        allow_private_network: bool = False,
        client: httpx.Client | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._intake = intake
        self._interval_seconds = interval_seconds
        self._token = token
        self._allow_private_network = allow_private_network
        self._client = client or httpx.Client(timeout=httpx.Timeout(20.0), headers={"user-agent": f"Wirefeed/{__version__}"})
        self._clock = clock
        self._due_at = clock()
        self._failures = 0
        self._validators: dict[str, str] = {}

    @property
    def feed(self) -> str:
        """Name of the feed."""
        return self._intake.feed

    @property
    def interval_seconds(self) -> float:
        """Seconds between two polls; after failures read waits longer by itself."""
        return self._interval_seconds

    def read(self, saved: Mapping[str, Position]) -> Iterator[Reading | Unreadable]:
        """Ask for the document if it is time, and yield it if it has changed."""
        if self._clock() < self._due_at:
            return
        state = saved[""].state if "" in saved else {}
        try:
            payload, validators = self._fetch({**state, **self._validators} if state else {})
        except (PollError, RedirectError, httpx.HTTPError, httpx.InvalidURL) as error:
            wait = self._back_off(getattr(error, "retry_after", None))
            yield Unreadable(self._url, f"{error or type(error).__name__}; asked again in {wait:.0f} s")
            return
        self._failures = 0
        self._due_at = self._clock() + self._interval_seconds * 0.9  # an engine that calls a little early is not sent away
        if payload is None:
            return
        sha256 = hashlib.sha256(payload).hexdigest()
        if state.get("sha256") == sha256:
            self._validators = validators
            return
        self._validators = {}
        taken = take(io.BytesIO(payload), self._intake.max_item_bytes)
        state = {**validators, "sha256": sha256}
        yield self._intake.receive(taken, name=self._url, unit="", received_at=datetime.now(UTC), state=state)

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def _fetch(self, state: Mapping[str, Any]) -> tuple[bytes | None, dict[str, str]]:
        """Return the document, or None where it has not changed, and what to ask with next time."""
        headers = {"accept": _ACCEPT}
        if etag := state.get("etag"):
            headers["if-none-match"] = etag
        if modified := state.get("last_modified"):
            headers["if-modified-since"] = modified
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token}"
        with follow(self._client, self._url, headers, allow_private=self._allow_private_network) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return None, {}
            if response.status_code != httpx.codes.OK:
                raise PollError(f"HTTP {response.status_code} {response.reason_phrase}", _retry_after(response))
            payload = self._body(response)
            found = {"etag": response.headers.get("etag"), "last_modified": response.headers.get("last-modified")}
            return payload, {name: value for name, value in found.items() if value}

    def _body(self, response: httpx.Response) -> bytes:
        limit, deadline = self._intake.max_item_bytes, self._clock() + DEADLINE
        payload = bytearray()
        for chunk in response.iter_bytes():
            payload += chunk
            if len(payload) > limit:
                raise PollError(f"document has more than {limit:,} bytes, the limit parse.max_item_bytes")
            if self._clock() > deadline:
                raise PollError(f"document did not arrive within {DEADLINE:.0f} s")
        return bytes(payload)

    def _back_off(self, retry_after: float | None) -> float:
        """Double the wait with every failure in a row, up to an hour, and spread it so that feeds do not come at once."""
        longest = max(LONGEST_BACKOFF, self._interval_seconds)
        wait = min(self._interval_seconds * 2.0 ** min(self._failures, 20), longest)
        wait *= random.uniform(0.9, 1.1)  # noqa: S311 # spreads load, guards nothing
        if retry_after is not None:
            wait = max(wait, min(retry_after, LONGEST_RETRY_AFTER))
        self._failures += 1
        self._due_at = self._clock() + wait
        return wait


def _retry_after(response: httpx.Response) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds, or a date."""
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal() and value.isascii():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
