"""`wirefeed tail`: what stands in a topic."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipeline.cli.options import ConfigOption, settings_of


def tail(  # options
    topic: Annotated[str, typer.Argument(help="Topic, such as wire.enriched or enriched.")],
    last: Annotated[int, typer.Option("-n", "--last", min=1, help="Records to show of each partition.")] = 10,
    everything: Annotated[bool, typer.Option("--all", help="Show all that the topic holds.")] = False,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on with records to come.")] = False,
    value: Annotated[bool, typer.Option("--value", help="Print the value alone, without place and headers.")] = False,
    config: ConfigOption = None,
) -> None:
    """Print records of a topic as JSON lines, without joining anybody's group.

    Example: wirefeed tail wire.enriched -n 1 --value | jq .alerts
    """
    from pipeline.engines.kafka.connection import Connection
    from pipeline.operate.tail import read_topic, shown, topic_called

    connection = Connection(settings_of(config).kafka)
    for record in read_topic(connection, topic_called(topic), last=None if everything else last, follow=follow):
        document = shown(record)
        print(json.dumps(document["value"] if value else document, ensure_ascii=False), flush=follow)
