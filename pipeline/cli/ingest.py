"""`wirefeed ingest`: from sources to `wire.raw`."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import ExitStack, nullcontext
from typing import Annotated

import typer

from pipeline.cli.options import ConfigOption, settings_of


def ingest(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE…]", help="Files, directories, archives, feeds, or -; else [[sources]].")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow/--once", help="Wait for more, or end when the sources are exhausted.")] = False,
    config: ConfigOption = None,
) -> None:
    """Send what sources hold to Kafka; a second run goes on where the first stopped.

    Example: wirefeed ingest --follow /var/spool/wires
    """
    settings = settings_of(config)
    from pipeline.cli.readings import open_sources
    from pipeline.engines.condition import Condition
    from pipeline.engines.kafka.connection import Connection
    from pipeline.engines.kafka.ingest import Ingest
    from pipeline.operate.cluster import quiet_client
    from pipeline.operate.health import serving_health

    quiet_client()
    condition = Condition(silence_seconds=float("inf"))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as stack:
        stack.enter_context(serving_health(settings.health, condition) if follow else nullcontext())
        opened, unopened = open_sources(sources or [], settings, follow=follow)
        for source in opened:
            stack.callback(source.close)
        reader = Ingest(Connection(settings.kafka), condition, stop, _name_failure)
        stack.callback(reader.close)
        reader.open()
        while not stop.is_set():
            read = sum(reader.read(source) for source in opened if not stop.is_set())
            if not follow:
                break
            if not read:
                stop.wait(min(source.interval_seconds for source in opened))
    done = reader.done
    print(f"{done.items} items sent to Kafka, {done.dead_letters} dead letters", file=sys.stderr)
    raise typer.Exit(1 if done.unreadable or done.dead_letters or unopened else 0)


def _name_failure(name: str, reason: str) -> None:
    print(f"wirefeed: {name}: {reason}", file=sys.stderr)
