"""What a process knows of its own health: what it waits for, and when it last moved."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Health:
    """Whether a process lives, whether it works, and what it waits for."""

    alive: bool
    ready: bool
    waiting: dict[str, str]

    def as_json(self) -> dict[str, object]:
        """What the health pages answer: no wire text."""
        return {"alive": self.alive, "ready": self.ready, "waiting": self.waiting}


class Condition:
    """Health of one process; safe to read from other threads.

    ``waiting`` names what each part waits for: a part that waits is alive but not ready.
    """

    def __init__(self, silence_seconds: float = 60.0) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, str] = {}
        self._starting: set[str] = set()
        self._silence = silence_seconds
        self._beat = time.monotonic()
        self.stopping = False

    def beat(self) -> None:
        """Say that the event loop turns."""
        self._beat = time.monotonic()

    def starting(self, part: str) -> None:
        """Say that a part is not yet ready."""
        with self._lock:
            self._starting.add(part)

    def started(self, part: str) -> None:
        """Say that a part works."""
        with self._lock:
            self._starting.discard(part)

    def wait(self, part: str, dependency: str) -> bool:
        """Say what a part waits for; return whether that is news."""
        with self._lock:
            known = self._waiting.get(part)
            self._waiting[part] = dependency
            return known != dependency

    def go_on(self, part: str) -> bool:
        """Say that a part waits no more; return whether it did."""
        with self._lock:
            return self._waiting.pop(part, None) is not None

    def waits(self, part: str | None = None) -> bool:
        """Whether a part, or any, waits for something."""
        with self._lock:
            return bool(self._waiting) if part is None else part in self._waiting

    def health(self) -> Health:
        """Take a look."""
        with self._lock:
            waiting = {**dict.fromkeys(sorted(self._starting), "starting"), **self._waiting}
        alive = time.monotonic() - self._beat < self._silence
        return Health(alive=alive, ready=alive and not waiting and not self.stopping, waiting=waiting)
