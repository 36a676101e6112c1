"""Take bytes in: bounded in memory, hashed, and given the position that names their reception."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from pipeline.messages import DeadLetter, Position, RawItem, deterministic_id
from pipeline.sources.source import Reading

CHUNK_BYTES = 256 * 1024
#: What a dead letter keeps of an item that is too large (docs/guarantees: path, hash, size and its first 64 KiB).
HEAD_BYTES = 64 * 1024
#: Hex digits of the SHA-256 that tell receptions of one name apart.
POSITION_DIGITS = 16


class Readable(Protocol):
    """Anything that hands out bytes piece by piece."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        ...


@dataclass(frozen=True)
class Taken:
    """The bytes of one item, or only their head where the item is above the limit."""

    payload: bytes
    size: int
    sha256: str

    @property
    def whole(self) -> bool:
        """Whether ``payload`` is all there was."""
        return len(self.payload) == self.size


def take(stream: Readable, limit: int) -> Taken:
    """Read a stream to its end; of more than ``limit`` bytes only the first 64 KiB are kept, all are hashed and counted.

    >>> import io
    >>> take(io.BytesIO(b"abc"), 3).whole, take(io.BytesIO(b"abcd"), 3).size
    (True, 4)
    """
    digest = hashlib.sha256()
    kept = bytearray()
    size = 0
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        if size <= limit:
            kept += chunk
        size += len(chunk)
        if size > limit:
            del kept[HEAD_BYTES:]
    return Taken(bytes(kept), size, digest.hexdigest())


def printable(name: str) -> str:
    r"""Write a name that the file system holds in another encoding than UTF-8 so that it can be sent and stored.

    >>> printable("a\udce9.xml")
    'a\\xe9.xml'
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace") if not name.isascii() else name


@dataclass(frozen=True)
class Intake:
    """What all items of one feed share: the feed's name, the largest size in bytes, and what is declared about them."""

    feed: str
    max_item_bytes: int
    provider: str | None = None
    format: str | None = None
    language: str | None = None

    def receive(
        self, taken: Taken, *, name: str, unit: str, received_at: datetime, state: Mapping[str, Any], shown: str | None = None
    ) -> Reading:
        """Turn bytes into a reading; above the limit into a dead letter ``TooLarge`` of the stage parse.

        ``name`` is the item's within the feed and makes its position; ``shown`` is told to people in its place. Nothing was
        received later than now: files bring the times of clocks that are wrong, and received time moves the deduplication window.
        """
        now = datetime.now(UTC)
        received_at = min(received_at, now)
        position = f"{name}#{taken.sha256[:POSITION_DIGITS]}"
        item: RawItem | DeadLetter
        if taken.size > self.max_item_bytes:
            item = DeadLetter(
                id=deterministic_id("dead-letter", self.feed, position, "parse"),
                stage="parse",
                error="TooLarge",
                reason=f"{shown or name} has {taken.size:,} bytes, the limit parse.max_item_bytes is {self.max_item_bytes:,}; "
                "split the item or raise the limit",
                feed=self.feed,
                name=shown or name,
                position=position,
                received_at=received_at,
                size=taken.size,
                sha256=taken.sha256,
                payload=taken.payload,
            )
        else:
            item = RawItem(
                payload=taken.payload,
                feed=self.feed,
                name=shown or name,
                position=position,
                received_at=received_at,
                declared_format=self.format,
                declared_provider=self.provider,
                declared_language=self.language,
            )
        saved = Position(feed=self.feed, unit=unit, position=position, state=dict(state), updated_at=now)
        return Reading(item, saved)
