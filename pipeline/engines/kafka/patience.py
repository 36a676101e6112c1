"""Waiting for the store: what a reader does with it is done again and again while it is away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

import structlog

from pipeline.engines import measures as shared
from pipeline.engines.condition import Condition
from pipeline.store.database import StoreUnavailableError

log = structlog.get_logger(__name__)

T = TypeVar("T")

_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)


class Patience:
    """Waits for the store on behalf of one reader, until that is told to stop."""

    def __init__(self, reader: str, condition: Condition, stop: asyncio.Event) -> None:
        self._part = f"{reader} store"
        self._condition = condition
        self._stop = stop

    async def __call__(self, act: Callable[[], T]) -> T | None:
        """Do something with the store in a thread, again and again while it is away; None when told to stop meanwhile."""
        attempt = 0
        while True:
            try:
                result = await asyncio.to_thread(act)
            except StoreUnavailableError as error:
                if self._condition.wait(self._part, str(error)):
                    shared.WAITING.labels("store").set(1)
                    log.warning("waiting", waiting_for=str(error))
                with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), _PAUSES[min(attempt, len(_PAUSES) - 1)])
                if self._stop.is_set():
                    return None
                attempt += 1
            else:
                if self._condition.go_on(self._part):
                    shared.WAITING.labels("store").set(0)
                    log.info("going on", part="store")
                return result
