"""`wirefeed lag`: how far each reader is behind."""

from __future__ import annotations

import json

import typer

from pipeline.cli.options import ConfigOption, settings_of


def lag(config: ConfigOption = None) -> None:
    """Show how far each reader is behind, in records and in seconds; one JSON line for each reader and topic.

    Example: wirefeed lag | jq -r '[.reader, .records, .seconds] | @tsv'
    """
    from pipeline.engines.kafka.connection import Connection
    from pipeline.operate.lag import lags

    settings = settings_of(config)
    for each in lags(Connection(settings.kafka), archives=settings.archive.directory is not None):
        print(json.dumps(each.as_json()))
        line = f"{each.reader:<12} {each.topic:<22} {each.records:>9,} records {each.seconds:>9.1f} s   {each.members} working"
        typer.echo(line, err=True)
