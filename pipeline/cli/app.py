"""The command ``wirefeed``: one module a command group, and what every command shares."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli import rules

app = typer.Typer(
    name="wirefeed",
    help="Read news wires and tell people, within a moment, when something escalates.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(rules.app, name="rules")


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
    """Run the command line."""
    app()
