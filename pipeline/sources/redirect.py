"""Follow redirects without being led into the private network by a stranger's feed."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

LARGEST_NUMBER = 5


class RedirectError(Exception):
    """A redirect that is not followed; the message says where it led."""


@contextmanager
def follow(client: httpx.Client, url: str, headers: Mapping[str, str], *, allow_private: bool) -> Iterator[httpx.Response]:
    """Open a GET and what it redirects to; the body is not read yet.

    The first address is the operator's and may be private. Credentials and validators stay with its host. Raises
    RedirectError, or httpx's errors.
    """
    first = target = httpx.URL(url)
    for _ in range(LARGEST_NUMBER + 1):
        sent = dict(headers) if _same_origin(first, target) else {"accept": headers.get("accept", "*/*")}
        response = client.send(client.build_request("GET", target, headers=sent), stream=True, follow_redirects=False)
        if not response.has_redirect_location:
            try:
                yield response
            finally:
                response.close()
            return
        response.close()
        target = target.join(response.headers["location"])
        if target.scheme not in {"http", "https"}:
            raise RedirectError(f"redirects to {target}: only http and https are followed")
        if not allow_private and not _same_origin(first, target) and is_private(target.host):
            raise RedirectError(f"redirects to the private address {target.host}; allow_private_network = true permits it")
    raise RedirectError(f"more than {LARGEST_NUMBER} redirects")


def _same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def is_private(host: str) -> bool:
    """Whether any address of a host is not a public one; a host that cannot be resolved is left to the request to fail on.

    >>> is_private("127.0.0.1"), is_private("::ffff:10.0.0.1"), is_private("192.0.32.8")
    (True, True, False)
    """
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return any(_is_private_address(address) for address in found)


def _is_private_address(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return not address.is_global or address.is_multicast
