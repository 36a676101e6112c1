"""Opening the store that a command works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import settings_of

if TYPE_CHECKING:
    from pipeline.store.database import Store


@contextmanager
def opened_store(config: Path | None, url: str | None, *, create: bool = True) -> Iterator[Store]:
    """Open the configured store, or the one of a command's option; raises SettingsError or StoreError.

    Without ``create``, a SQLite file that is not there is an error.
    """
    from pipeline.store.database import Store

    store = Store.open(settings_of(config, store=url).store, create=create)
    try:
        yield store
    finally:
        store.close()
