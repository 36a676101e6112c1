"""Opening the store at the start of a process that may be up before its database."""

from __future__ import annotations

import time

import structlog

from pipeline.engines.kafka.condition import Condition
from pipeline.settings import StoreSettings
from pipeline.store.database import Store, StoreUnavailableError

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 1.0


def open_patiently(settings: StoreSettings, condition: Condition) -> Store:
    """Open the store, waiting while it is away.

    Raises StoreError for a store that cannot be used, however long one waits.
    """
    while True:
        try:
            store = Store.open(settings)
        except StoreUnavailableError as error:
            condition.beat()
            if condition.wait("store", str(error)):
                log.warning("waiting", waiting_for=str(error))
            time.sleep(_PAUSE_SECONDS)
        else:
            if condition.go_on("store"):
                log.info("going on", part="store")
            return store
