"""`wirefeed archive` and `wirefeed replay`: to Parquet files and back."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.opening import opened_store
from pipeline.cli.options import ConfigOption, StoreOption, settings_of

if TYPE_CHECKING:
    from pipeline.sources.source import Unreadable


def archive(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the archive; else archive.directory.")
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Write what is new in the store to Parquet files, one an hour of reception; run it hourly.

    Prints the path of each file. Raw bytes are kept for it where archive.directory is configured for wirefeed run or wirefeed sink.

    Example: wirefeed archive /srv/archive
    """
    from pipeline.settings import SettingsError
    from pipeline.store.archive import archive as write

    target = directory or settings_of(config, store=store).archive.directory
    if target is None:
        raise SettingsError("archive: no folder; name one, or set archive.directory")
    with opened_store(config, store) as opened:
        rows = 0
        for written in write(opened, target):
            rows += written.rows
            print(written.path)
    print(f"{rows} rows archived", file=sys.stderr)


def replay_archive(
    directory: Path, begin: datetime | None, end: datetime | None, store: str | None, rules: Path | None, config: Path | None
) -> None:
    """Send an archive's raw bytes through the chain; nobody is told. A replay that was stopped goes on where it was."""
    from pipeline.engines.chain import Chain
    from pipeline.engines.embedded import EmbeddedEngine
    from pipeline.sources.parquet import ParquetSource
    from pipeline.store.database import Store

    settings = settings_of(config, store=store, rules=rules)
    source = ParquetSource(directory, begin, end)
    settings = settings.model_copy(update={"archive": settings.archive.model_copy(update={"directory": None})})
    with closing(Store.open(settings.store)) as opened:
        engine = EmbeddedEngine(settings, Chain(settings), opened, on_unreadable=_name)
        engine.restore()
        engine.read([source])
    done = engine.summary
    print(f"{done.items} items replayed: {done.dispatches} dispatches, {done.dead_letters} dead letters", file=sys.stderr)
    raise typer.Exit(1 if done.failed else 0)


def _name(unreadable: Unreadable) -> None:
    print(f"wirefeed: {unreadable.name}: {unreadable.reason}", file=sys.stderr)
