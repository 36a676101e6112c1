"""``wirefeed subscribers``: check the file, send a test message, print the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import ConfigOption, SubscribersOption, settings_of
from pipeline.cli.rows import counted

if TYPE_CHECKING:
    from pipeline.notify.subscribers import Subscribers
    from pipeline.settings import Settings

app = typer.Typer(
    help="Check the subscribers file and send test messages.\n\nExample: wirefeed subscribers check --subscribers subscribers.yaml",
    no_args_is_help=True,
)


def _load(file: Path | None, config: Path | None) -> tuple[Settings, Subscribers]:
    """Read the file; exit 2 where there is none, 1 where it has problems."""
    from pipeline.notify.subscribers import SubscriberError, load_subscribers

    settings = settings_of(config)
    path = file or settings.subscribers.file
    if path is None:
        typer.echo("wirefeed: no subscribers file: give --subscribers FILE or set subscribers.file", err=True)
        raise typer.Exit(2)
    if not path.is_file():
        typer.echo(
            f"wirefeed: subscribers file {path} does not exist; create it, or correct --subscribers or subscribers.file", err=True
        )
        raise typer.Exit(2)
    try:
        return settings, load_subscribers(path)
    except SubscriberError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def check(file: SubscribersOption = None, config: ConfigOption = None) -> None:
    """Read the subscribers file and name all problems at once, each with line and remedy.

    Example: wirefeed subscribers check --subscribers subscribers.yaml
    """
    _, subscribers = _load(file, config)
    channels = sum(len(subscriber.channels) for subscriber in subscribers.all)
    typer.echo(f"{counted(len(subscribers), 'subscriber')} with {counted(channels, 'channel')}", err=True)


@app.command("test")
def send_test(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Subscribers; all unless given.")] = None,
    file: SubscribersOption = None,
    config: ConfigOption = None,
) -> None:
    """Send a test message, marked as such, to every channel; one JSON line a channel says what became of it.

    Example: wirefeed subscribers test desk --subscribers subscribers.yaml
    """
    from datetime import UTC, datetime

    from pipeline.notify.trial import try_channels

    settings, subscribers = _load(file, config)
    unknown = [name for name in names or () if subscribers.get(name) is None]
    if unknown:
        typer.echo(f"wirefeed: no subscriber is called {', '.join(unknown)}; the file has "
                   f"{', '.join(each.name for each in subscribers.all)}", err=True)  # fmt: skip
        raise typer.Exit(2)
    failed = False
    for result in try_channels(subscribers, names or None, settings.notify, datetime.now(UTC)):
        failed |= result["outcome"] != "delivered"
        typer.echo(json.dumps(result, ensure_ascii=False))
    raise typer.Exit(1 if failed else 0)


@app.command()
def schema() -> None:
    """Print the JSON Schema of subscribers files, for editors.

    Example: wirefeed subscribers schema > subscribers.schema.json
    """
    from pipeline.notify.subscribers import subscribers_schema

    typer.echo(json.dumps(subscribers_schema(), indent=2, ensure_ascii=False))
