"""Connections that never lead into the private network and never outlast their deadline.

The address is checked where the connection is made, so that a name that resolves to something else a moment later gains
nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

import httpcore
import httpx
from httpcore._backends.sync import SyncBackend


class PrivateAddressError(Exception):
    """A public name or address was demanded and a private one found."""


_CLOCK = local()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Limit everything that this thread does on the network inside the block, however slowly the peer sends."""
    _CLOCK.end = time.monotonic() + seconds
    try:
        yield
    finally:
        _CLOCK.end = None


def _left(timeout: float | None, expired: type[Exception]) -> float | None:
    end: float | None = getattr(_CLOCK, "end", None)
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise expired("the deadline has passed")
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._sync = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        address = host if self._allow_private else public_address(host, port)
        timeout = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._sync.connect_tcp(address, port, timeout, local_address, socket_options))


def public_address(host: str, port: int) -> str:
    """Resolve a host to an address, all of whose alternatives are public.

    Raises PrivateAddressError, or httpcore.ConnectError where the name does not resolve.
    """
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} does not resolve: {error}") from error
    for address in found:
        if is_private(address):
            raise PrivateAddressError(f"{host} is {address}, a private address; allow_private_network: true permits it")
    return found[0]


def is_private(address: str) -> bool:
    """Whether an IP address belongs to no public network.

    >>> is_private("10.0.0.1"), is_private("::ffff:169.254.169.254"), is_private("192.0.32.8")
    (True, True, False)
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed.sixtofour or parsed
    return not parsed.is_global or parsed.is_multicast


def transport(*, allow_private: bool) -> httpx.HTTPTransport:
    """Make a transport for httpx over such connections."""
    made = httpx.HTTPTransport(trust_env=False)
    made._pool = httpcore.ConnectionPool(  # noqa: SLF001 - httpx offers no other way to hand in a network backend
        ssl_context=httpx.create_ssl_context(trust_env=False),
        max_connections=128,  # more than messages are ever under way: who waits for a connection loses time of the attempt
        max_keepalive_connections=64,
        keepalive_expiry=15,
        network_backend=_Backend(allow_private=allow_private),
    )
    return made
