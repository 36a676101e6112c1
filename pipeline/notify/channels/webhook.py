"""Webhooks: HTTP POST of JSON, signed, to public addresses only unless the operator allows others."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime, timedelta
from threading import Lock

import httpx

from pipeline import __version__
from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.channels.network import PrivateAddressError, deadline, transport
from pipeline.notify.channels.signature import sign
from pipeline.notify.subscribers import WebhookChannel

#: Answers that may be different later (RFC 9110); other 4xx say that the message will never be taken.
_RETRYABLE = frozenset({408, 409, 421, 423, 425, 429})
_LONGEST_WAIT = timedelta(days=1)
_ANSWER_BYTES = 64 * 1024


class WebhookSender:
    """Sends to any number of endpoints over kept-alive connections; safe for threads."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._clients: dict[bool, httpx.Client] = {}
        self._opening = Lock()

    def send(self, channel: WebhookChannel, message_id: str, body: bytes) -> Attempt:
        """Make one attempt; never raises."""
        seconds = channel.timeout_seconds or self._timeout
        try:
            secrets = channel.secrets()
            signed = sign(secrets, message_id, datetime.now(UTC), body)
        except ValueError as error:  # a file that is being replaced, as when a secret rotates
            return Attempt(Outcome.RETRY, f"cannot sign: {error}")
        if not secrets:
            return Attempt(Outcome.RETRY, "cannot sign: the secret is empty")
        headers = {"content-type": "application/json", **signed}
        client = self._client(allow_private=channel.allow_private_network)
        try:
            with (
                deadline(seconds),
                client.stream("POST", str(channel.url), content=body, headers=headers, timeout=seconds) as answer,
            ):
                _finish(answer)
                return _judge(answer)
        except PrivateAddressError as error:
            return Attempt(Outcome.REFUSED, str(error))
        except httpx.TimeoutException:
            return Attempt(Outcome.RETRY, f"no answer within {seconds:g} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            return Attempt(Outcome.RETRY, f"{type(error).__name__}: {error}")

    def _client(self, *, allow_private: bool) -> httpx.Client:
        with self._opening:
            if allow_private not in self._clients:
                self._clients[allow_private] = httpx.Client(
                    transport=transport(allow_private=allow_private), follow_redirects=False, trust_env=False,
                    headers={"user-agent": f"wirefeed/{__version__}"},
                )  # fmt: skip
            return self._clients[allow_private]

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()


def _finish(answer: httpx.Response) -> None:
    """Read the body, so that the connection can be kept; the status says enough where it is endless, slow or cut off."""
    read = 0
    try:
        for chunk in answer.iter_raw():
            read += len(chunk)
            if read > _ANSWER_BYTES:
                return
    except (httpx.HTTPError, httpx.StreamError):
        return


def _judge(response: httpx.Response) -> Attempt:
    status = response.status_code
    if 200 <= status < 300:
        return Attempt(Outcome.DELIVERED, f"answered {status}")
    if status == 410:
        return Attempt(Outcome.GONE, "answered 410 Gone")
    if 300 <= status < 400:
        return Attempt(Outcome.REFUSED, f"answered {status}, a redirect, which is not followed; put the final address into url")
    if status >= 500 or status in _RETRYABLE:
        return Attempt(Outcome.RETRY, f"answered {status}", _retry_after(response.headers.get("retry-after")))
    return Attempt(Outcome.REFUSED, f"answered {status}")


def _retry_after(value: str | None) -> timedelta | None:
    if value is None:
        return None
    try:
        wait = timedelta(seconds=int(value)) if value.strip().isdigit() else _until(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), _LONGEST_WAIT)


def _until(value: str) -> timedelta:
    moment = email.utils.parsedate_to_datetime(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)
