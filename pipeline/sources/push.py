"""HTTP push: an agency posts a dispatch and is answered 202 once the engine has made it safe."""

from __future__ import annotations

import io
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline.messages import Position
from pipeline.sources.intake import Intake, Taken, take
from pipeline.sources.source import Reading, Source, Unreadable

#: Requests that may wait for the engine; the next one is answered 429.
LARGEST_QUEUE = 256
#: Bytes that waiting and arriving requests may hold, in items of the largest size.
LARGEST_ITEMS = 8

Answer = Callable[[bool], None]


@dataclass
class _Waiting:
    reading: Reading
    size: int
    answers: list[Answer] = field(default_factory=list)


class Inbox:
    """Requests between the server's thread and the engine's: bounded, and kept until their positions are saved."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()
        self._bytes_left = LARGEST_ITEMS * intake.max_item_bytes
        self._closed = False

    @property
    def max_item_bytes(self) -> int:
        """Size above which a body is refused, in bytes."""
        return self._intake.max_item_bytes

    def reserve(self, size: int) -> bool:
        """Set memory aside for an arriving body; False = there is none left."""
        with self._lock:
            if self._bytes_left < size or len(self._waiting) >= LARGEST_QUEUE:
                return False
            self._bytes_left -= size
            return True

    def release(self, size: int) -> None:
        """Give reserved memory back."""
        with self._lock:
            self._bytes_left += size

    def put(self, body: bytes, name: str, answer: Answer) -> None:
        """Queue a body whose memory is reserved; ``answer`` is called with True once it is safe, False if it will not be."""
        taken = take(io.BytesIO(body), self._intake.max_item_bytes)
        reading = self._reading(taken, name)
        if self._closed:
            answer(False)  # noqa: FBT003 # the callback's one argument
            return
        with self._lock:
            known = self._waiting.get(reading.position.position)
            if known is None:
                self._waiting[reading.position.position] = _Waiting(reading, len(body), [answer])
            else:  # sent twice while the first one waits
                known.answers.append(answer)
                self._bytes_left += len(body)

    def _reading(self, taken: Taken, name: str) -> Reading:
        return self._intake.receive(taken, name=name, unit="", received_at=datetime.now(UTC), state={"sha256": taken.sha256})

    def unsaved(self) -> list[Reading]:
        """Everything that has arrived and is not confirmed, in order of arrival."""
        with self._lock:
            return [waiting.reading for waiting in self._waiting.values()]

    def confirm(self, position: str) -> None:
        """Answer this request and those that arrived before it: positions are saved in order."""
        answers: list[Answer] = []
        with self._lock:
            while position in self._waiting:
                _, waiting = self._waiting.popitem(last=False)
                self._bytes_left += waiting.size
                answers += waiting.answers
        for answer in answers:
            answer(True)  # noqa: FBT003 # the callback's one argument

    def give_up(self) -> None:
        """Tell everyone who waits that nothing was promised."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = list(self._waiting.values()), OrderedDict()
        for answer in (answer for request in waiting for answer in request.answers):
            answer(False)  # noqa: FBT003 # the callback's one argument


class PushSource(Source):
    """Items that were posted. What is not confirmed is handed out again, with the same position."""

    def __init__(
        self, inbox: Inbox, feed: str, listener: socket.socket, serve: Callable[[socket.socket], Callable[[], None]]
    ) -> None:
        self._inbox = inbox
        self._feed = feed
        host, port = listener.getsockname()[:2]
        self._address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._stop = serve(listener)

    @property
    def feed(self) -> str:
        """Name of the feed."""
        return self._feed

    @property
    def address(self) -> str:
        """URL of the listener, with the port that was found free."""
        return self._address

    @property
    def interval_seconds(self) -> float:
        """Seconds between two looks into the inbox; a sender waits that long."""
        return 0.05

    def read(self, saved: Mapping[str, Position]) -> Iterator[Reading | Unreadable]:  # noqa: ARG002 # a sender repeats by itself
        """Yield what has arrived and was not confirmed."""
        yield from self._inbox.unsaved()

    def confirm(self, position: Position) -> None:
        """Answer 202 to the sender of this item."""
        self._inbox.confirm(position.position)

    def close(self) -> None:
        """Answer 503 to those who wait, and stop listening."""
        self._inbox.give_up()
        self._stop()
