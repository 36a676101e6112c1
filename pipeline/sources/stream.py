"""Standard input, or a named pipe: one item of all its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import BinaryIO

from pipeline.messages import Position
from pipeline.sources.intake import Intake, take
from pipeline.sources.source import Reading, Source, Unreadable


class StreamSource(Source):
    """Everything that comes out of a stream until its end; read once."""

    def __init__(self, name: str, intake: Intake, opened: Callable[[], AbstractContextManager[BinaryIO]]) -> None:
        self._name = name
        self._intake = intake
        self._opened = opened
        self._exhausted = False

    @property
    def feed(self) -> str:
        """Name of the feed."""
        return self._intake.feed

    def read(self, saved: Mapping[str, Position]) -> Iterator[Reading | Unreadable]:  # noqa: ARG002
        """Yield the one item; a stream has no past, so saved positions do not matter."""
        if self._exhausted:
            return
        self._exhausted = True
        try:
            with self._opened() as stream:
                taken = take(stream, self._intake.max_item_bytes)
        except OSError as error:
            yield Unreadable(self._name, f"cannot be read: {error.strerror}")
            return
        state = {"size": taken.size, "sha256": taken.sha256}
        yield self._intake.receive(taken, name=self._name, unit=self._name, received_at=datetime.now(UTC), state=state)
