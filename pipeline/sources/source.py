"""What every source offers to both engines: readings, each with the position to save once its item is safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from pipeline.failure import OperatorError
from pipeline.messages import DeadLetter, Position, RawItem


class SourceError(OperatorError):
    """A source cannot be opened; the message names it and the remedy."""


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

    @property
    def interval_seconds(self) -> float:
        """Seconds after which a source that never ends wants to be read again."""
        return 1.0

    def read(self, saved: Mapping[str, Position]) -> Iterator[Reading | Unreadable]:
        """Yield what was not read before, in the source's own order, until it is exhausted for the moment.

        ``saved`` holds the feed's saved positions by unit. A source that never ends is called again after its interval.
        """
        ...

    def confirm(self, position: Position) -> None:  # noqa: ARG002 # most sources have nobody waiting
        """Hear that a position has been saved, so that its item is safe; only a sender that waits needs it."""
        return

    def close(self) -> None:
        """Let go of ports and connections; reading is over."""
        return
