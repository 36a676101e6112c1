"""Opening the store at the start of a process that may be up before its database."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from pipeline.engines.condition import Condition
from pipeline.engines.measures import WAITING
from pipeline.settings import StoreSettings
from pipeline.store.database import Store, StoreUnavailableError

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 1.0


def open_patiently(settings: StoreSettings, condition: Condition | None = None, *, patience_seconds: float = math.inf) -> Store:
    """Open the store, waiting while it is away; ``condition`` shows meanwhile what the process waits for.

    Raises StoreUnavailableError when patience is at its end, StoreError for a store that cannot be used, however long one waits,
    and SystemExit where SIGTERM comes first.
    """
    health = condition or Condition()
    end: float | None = None
    with _ended_by_sigterm():
        while True:
            try:
                store = Store.open(settings)
            except StoreUnavailableError as error:
                end = time.monotonic() + patience_seconds if end is None else end
                if time.monotonic() >= end:
                    raise
                health.beat()
                WAITING.labels("store").set(1)
                if health.wait("store", str(error)):
                    log.warning("waiting", waiting_for=str(error))
                time.sleep(_PAUSE_SECONDS)
            else:
                WAITING.labels("store").set(0)
                if health.go_on("store"):
                    log.info("going on", part="store")
                return store


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """The first process of a container, which Wirefeed is in its image, is deaf to SIGTERM unless it says what that does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
