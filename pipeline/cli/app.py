"""The command ``wirefeed``: one module a command group, and what every command shares."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli import (
    archive,
    config,
    console,
    dead_letters,
    demo,
    doctor,
    enrich,
    feeds,
    health,
    ingest,
    lag,
    notifications,
    parse,
    removal,
    replay,
    rules,
    run,
    schemas,
    search,
    silences,
    subscribers,
    tail,
    tokens,
    topics,
    worker,
)
from pipeline.failure import OperatorError

app = typer.Typer(
    name="wirefeed",
    help="Read news wires and tell people, within a moment, when something escalates.\n\n"
    "Examples: wirefeed demo · wirefeed run wires/ --follow --subscribers subscribers.yaml",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("parse")(parse.parse)
app.command("enrich")(enrich.enrich)
app.command("search")(search.search)
app.command("feeds")(feeds.feeds)
app.command("story")(search.story)
app.command("schemas")(schemas.schemas)
app.command("console")(console.console)
app.command("purge")(removal.purge)
app.command("expire")(removal.expire)
app.command("archive")(archive.archive)
app.command("doctor")(doctor.doctor)
app.command("health")(health.health)
app.command("ingest")(ingest.ingest)
app.command("worker")(worker.worker)
app.command("sink")(worker.sink)
app.command("notifier")(worker.notifier)
app.command("lag")(lag.lag)
app.command("tail")(tail.tail)
app.command("replay")(replay.replay)
app.add_typer(topics.app, name="topics")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(config.app, name="config")
app.add_typer(rules.app, name="rules")
app.add_typer(subscribers.app, name="subscribers")
app.add_typer(notifications.app, name="notifications")
app.add_typer(silences.app, name="silences")
app.command("acknowledge")(notifications.acknowledge)
app.add_typer(tokens.app, name="tokens")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"wirefeed {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Read news wires and tell people, within a moment, when something escalates."""


def main() -> None:
    """Run the command line: 0 = all done, 1 = done but some items failed, 2 = could not start."""
    try:
        app()
    except OperatorError as error:
        print(f"wirefeed: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("wirefeed: interrupted; a second run goes on from here", file=sys.stderr)
        sys.stderr.flush()
        os._exit(130)
