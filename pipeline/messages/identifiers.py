"""Ids that follow from what they name, so that nothing gets a second one."""

from __future__ import annotations

import hashlib
from json.encoder import encode_basestring
from uuid import UUID

# The root of every deterministic id. Changing it would give every stored dispatch another id.
NAMESPACE = UUID("6f0b7a52-3f0e-5d0b-9c63-0a6f7c1d9e11")
#: SHA-1 of the root alone, on which every id goes on.
_ROOTED = hashlib.sha1(NAMESPACE.bytes, usedforsecurity=False)


def deterministic_id(*parts: str | int) -> UUID:
    """Derive the UUIDv5 of a sequence of parts; unlike joined text, ``("a", "bc")`` and ``("ab", "c")`` differ.

    >>> deterministic_id("afp", "1") == deterministic_id("afp", "1")
    True
    """
    # uuid5 of the parts as a JSON array, written without making an encoder for each
    name = ", ".join([encode_basestring(part) if isinstance(part, str) else str(part) for part in parts])
    hashed = _ROOTED.copy()
    hashed.update(f"[{name}]".encode())
    return UUID(int=int.from_bytes(hashed.digest()[:16]), version=5)


def receipt_id(feed: str, position: str, index: int) -> UUID:
    """Name one reception of one item: the same record handed out again has the same receipt."""
    return deterministic_id("receipt", feed, position, index)


def dispatch_id(provider: str, item_id: str, revision: str, raw_sha256: str) -> UUID:
    """Name a dispatch: the same bytes sent again by the agency have the same id and another receipt.

    ``provider`` is the name as the agency wrote it; a profile's display name never changes an id.
    """
    return deterministic_id("dispatch", provider, item_id, revision, raw_sha256)
