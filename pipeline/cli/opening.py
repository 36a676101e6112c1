"""Opening what commands work on: configuration, store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.store.database import Store

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration file.", show_default=False)]
StoreUrl = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="Store, in place of the configured one.", show_default=False)
]


def settings_or_exit(config: Path | None, **options: Any) -> Settings:
    """Read the configuration; exit 2 with its problems where it cannot be used."""
    from pipeline.settings import SettingsError, load_settings

    try:
        return load_settings(config, **options)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


@contextmanager
def store_or_exit(config: Path | None, url: str | None) -> Iterator[Store]:
    """Open the store; exit 2 where it cannot be used."""
    from pipeline.settings import SettingsError
    from pipeline.store.database import Store, StoreError

    settings = settings_or_exit(config, **({"store": {"url": url}} if url is not None else {}))
    try:
        opened = Store.open(settings.store)
    except (StoreError, SettingsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    try:
        yield opened
    except StoreError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    finally:
        opened.close()
