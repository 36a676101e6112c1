"""Options that several commands share, and the settings they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pipeline.settings import Settings

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Configuration file; wirefeed.toml of the working directory unless given.")
]
StoreOption = Annotated[str | None, typer.Option("--store", help="Database URL: sqlite:///path or postgresql://user@host/name.")]
RulesOption = Annotated[Path | None, typer.Option("--rules", help="Folder of your own rule files.")]
SubscribersOption = Annotated[Path | None, typer.Option("--subscribers", help="YAML file of who is told.")]


def settings_of(
    config: Path | None = None, *, store: str | None = None, rules: Path | None = None, subscribers: Path | None = None
) -> Settings:
    """Read the configuration, put the command's options over it, and set up logging.

    Raises SettingsError.
    """
    from pipeline.configuration import load_settings
    from pipeline.operate.logging import configure_logging

    options: dict[str, dict[str, Any]] = {}
    if store is not None:
        options["store"] = {"url": store}
    if rules is not None:
        options["rules"] = {"directory": rules}
    if subscribers is not None:
        options["subscribers"] = {"file": subscribers}
    settings = load_settings(config, **options)
    configure_logging(settings.logging)
    return settings
