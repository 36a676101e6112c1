"""`wirefeed topics`: the cluster's topics, as the topology wants them."""

from __future__ import annotations

import json

import typer

from pipeline.cli.options import ConfigOption, settings_of

app = typer.Typer(
    help="Make the cluster's topics what Wirefeed needs.\n\nExample: wirefeed topics plan",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def plan(config: ConfigOption = None) -> None:
    """Show what `apply` would do; change nothing.

    Example: wirefeed topics plan
    """
    from pipeline.engines.kafka.connection import Connection
    from pipeline.operate.topics import plan as plan_topics

    for change in plan_topics(Connection(settings_of(config).kafka)):
        typer.echo(str(change), err=True)
        print(json.dumps(change.as_json()))


@app.command()
def apply(config: ConfigOption = None) -> None:
    """Create missing topics, add partitions, set settings. Nothing is deleted, nothing is shrunk.

    Example: wirefeed topics apply
    """
    from pipeline.engines.kafka.connection import Connection
    from pipeline.operate.topics import apply as apply_topics

    changes = apply_topics(Connection(settings_of(config).kafka))
    for change in changes:
        if change.action != "keep" or change.warning:
            typer.echo(str(change), err=True)
    done = sum(change.action != "keep" for change in changes)
    typer.echo(f"{done} of {len(changes)} topics changed", err=True)
