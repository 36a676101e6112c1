"""`wirefeed worker`, `sink` and `notifier`: the processes of the Kafka engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import ConfigOption, RulesOption, StoreOption, SubscribersOption, settings_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from pipeline.settings import Settings


def worker(
    stages: Annotated[
        list[str] | None, typer.Argument(metavar="[STAGE…]", help="parse, deduplicate, language, entities, alerts; else all five.")
    ] = None,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Run stages between Kafka topics until SIGTERM; without a stage, all five in one process.

    Example: wirefeed worker parse
    """
    from pipeline.topology import STAGE_NAMES

    settings = settings_of(config, rules=rules)
    names = tuple(dict.fromkeys(stages or STAGE_NAMES))
    unknown = [name for name in names if name not in STAGE_NAMES]
    if unknown:
        raise typer.BadParameter(f"no stage is called {unknown[0]!r}; there are {', '.join(STAGE_NAMES)}")
    from pipeline.engines.condition import Condition
    from pipeline.engines.kafka.worker import Worker
    from pipeline.operate.health import serving_health

    _quiet_libraries(settings)
    condition = Condition()
    for name in names:
        condition.starting(name)
    with serving_health(settings.health, condition):
        raise typer.Exit(_run(Worker(names, settings, condition).run()))


def sink(store: StoreOption = None, config: ConfigOption = None) -> None:
    """Store finished events, copies and dead letters until SIGTERM.

    Example: wirefeed sink --store postgresql://wirefeed@localhost/wirefeed
    """
    settings = settings_of(config, store=store)
    from pipeline.engines.condition import Condition
    from pipeline.engines.kafka.connection import Connection
    from pipeline.engines.kafka.sink import sink as build
    from pipeline.operate.health import serving_health
    from pipeline.operate.store import open_patiently
    from pipeline.stages.parse.profile import load_profiles
    from pipeline.store.feeds import FeedBook

    _quiet_libraries(settings)
    feeds = FeedBook(load_profiles(settings.parse.profiles))
    condition = Condition()
    condition.starting("sink")
    with serving_health(settings.health, condition):
        database = open_patiently(settings.store, condition)
        try:
            keeps_raw = settings.archive.directory is not None
            reader = build(Connection(settings.kafka), condition, database, feeds, keeps_raw=keeps_raw)
            raise typer.Exit(_run(reader.run()))
        finally:
            database.close()


def notifier(subscribers: SubscribersOption = None, store: StoreOption = None, config: ConfigOption = None) -> None:
    """Tell subscribers of finished events until SIGTERM.

    Example: wirefeed notifier --subscribers subscribers.yaml
    """
    settings = settings_of(config, store=store, subscribers=subscribers)
    if settings.subscribers.file is None:
        raise typer.BadParameter("nobody to tell: give --subscribers FILE or set subscribers.file")
    import sys

    from pipeline.engines.condition import Condition
    from pipeline.engines.kafka.connection import Connection
    from pipeline.engines.kafka.notifying import KafkaNotifier
    from pipeline.notify.notifier import Notifier
    from pipeline.notify.subscribers import load_subscribers
    from pipeline.operate.health import serving_health
    from pipeline.operate.store import open_patiently

    _quiet_libraries(settings)
    condition = Condition()
    condition.starting("notifier")
    told = load_subscribers(settings.subscribers.file)
    with serving_health(settings.health, condition):
        database = open_patiently(settings.store, condition)
        try:
            notify = Notifier(database, told, settings.notify, console=sys.stderr)
            raise typer.Exit(_run(KafkaNotifier(Connection(settings.kafka), condition, database, notify).run()))
        finally:
            database.close()


def _run(work: Coroutine[None, None, int]) -> int:
    """Run to the end; with libuv's event loop a hop of the chain costs a fifth less (docs/decisions/0606)."""
    import uvloop

    return uvloop.run(work)


def _quiet_libraries(settings: Settings) -> None:
    """Keep the Kafka libraries' own records out of the log: what matters, the engine says in an operator's words."""
    import logging

    level = logging.WARNING if settings.logging.level == "debug" else logging.CRITICAL
    for name in ("aiokafka", "kafka", "faust", "mode", "asyncio"):
        logging.getLogger(name).setLevel(level)
