"""What every source offers to both engines: readings, each with the position to save once its item is safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from pipeline.messages import DeadLetter, Position, RawItem


@dataclass(frozen=True)
class Reading:
    """One item as received, and the position that the engine saves after it has made the item safe.

    An item that a source may not load whole (above ``max_item_bytes``) comes as a dead letter.
    """

    item: RawItem | DeadLetter
    position: Position


@dataclass(frozen=True)
class Unreadable:
    """Something that a source could not read; the rest goes on, the run ends with exit code 1."""

    name: str
    reason: str


class Source(Protocol):
    """A feed of raw items."""

    @property
    def feed(self) -> str:
        """Name of the feed; part of every receipt."""
        ...

    def read(self, saved: Mapping[str, Position]) -> Iterator[Reading | Unreadable]:
        """Yield what was not read before, in the source's own order, until it is exhausted for the moment.

        ``saved`` holds the feed's saved positions by unit. A source that never ends is called again after its interval.
        """
        ...
