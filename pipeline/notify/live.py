"""The subscribers file while the program runs: a change counts at once, a broken change does not count."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import structlog

from pipeline.notify import measures
from pipeline.notify.subscribers import SubscriberError, Subscribers, load_subscribers


class LiveSubscribers:
    """The newest subscribers that could be read; safe for threads."""

    def __init__(self, subscribers: Subscribers) -> None:
        self._current = subscribers
        self._path = subscribers.path
        self._seen = _state(self._path)
        self._reading = Lock()
        self.problem: str | None = None
        """What is wrong with the file as it stands; None = it is in force."""

    def current(self) -> Subscribers:
        """Give the subscribers in force, read anew where the file has changed."""
        if self._path is None:
            return self._current
        with self._reading:
            state = _state(self._path)
            if state != self._seen:
                self._seen = state
                self._reload(self._path)
            return self._current

    def _reload(self, path: Path) -> None:
        try:
            self._current, self.problem = load_subscribers(path), None
        except SubscriberError as error:
            self.problem = str(error)
            measures.SUBSCRIBERS_BROKEN.set(1)
            structlog.get_logger(__name__).error(
                "the changed subscribers file cannot be used; the one before stays in force", problem=self.problem
            )
            return
        measures.SUBSCRIBERS_BROKEN.set(0)
        structlog.get_logger(__name__).info("subscribers read anew", file=str(path), subscribers=len(self._current))


def _state(path: Path | None) -> tuple[int, int, int] | None:
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
