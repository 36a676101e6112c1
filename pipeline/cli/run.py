"""`wirefeed run`: the whole chain in one process."""

from __future__ import annotations

import json
import math
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from pipeline.cli.options import ConfigOption, RulesOption, StoreOption, SubscribersOption, settings_of
from pipeline.cli.rows import counted

if TYPE_CHECKING:
    from pipeline.engines.chain import Outcome
    from pipeline.engines.embedded import EmbeddedEngine, Summary
    from pipeline.notify.notifier import Notifier
    from pipeline.settings import Settings
    from pipeline.sources.source import Source, Unreadable
    from pipeline.store.database import Store

# Seconds that --once waits for a database that is away at the start.
_PATIENCE_SECONDS = 5.0


def run(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE…]", help="Files, directories, archives, feeds, or -; else [[sources]].")
    ] = None,
    once: Annotated[bool, typer.Option("--once/--follow", help="End when the sources are exhausted, or wait for more.")] = False,
    store: StoreOption = None,
    rules: RulesOption = None,
    subscribers: SubscribersOption = None,
    config: ConfigOption = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port of the console; 0 = any free one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON on standard output.")] = False,
) -> None:
    """Read sources, enrich what they hold, store it, and tell subscribers.

    A second run goes on where the first stopped. Without --once, the console is served on loopback, health and metrics on
    health.port where that is set, and a database that is away at the start is waited for; with --once for a few seconds, then
    the exit code is 2.

    Examples: wirefeed run dispatches/ --once · wirefeed run --follow /var/spool/wires --store sqlite:///news.db
    """
    from pipeline.cli.readings import open_sources
    from pipeline.engines.chain import Chain
    from pipeline.engines.condition import Condition
    from pipeline.engines.embedded import EmbeddedEngine
    from pipeline.operate.health import serving_health
    from pipeline.operate.store import open_patiently

    settings = settings_of(config, store=store, rules=rules, subscribers=subscribers)
    condition = Condition(silence_seconds=math.inf)  # a large archive may take long, and is no reason to restart
    condition.starting("engine")
    with ExitStack() as stack:
        if not once and settings.health.port:
            stack.enter_context(serving_health(settings.health, condition))
        opened, unopened = open_sources(sources or [], settings, follow=not once)
        for source in opened:
            stack.callback(source.close)
        chain = Chain(settings)
        database = open_patiently(settings.store, condition, patience_seconds=_PATIENCE_SECONDS if once else math.inf)
        stack.callback(database.close)
        notifier = _notifier(settings, database, follow=not once)
        progress = stack.enter_context(_Progress())
        engine = EmbeddedEngine(settings, chain, database, notifier, progress.advance, _name_unreadable, condition)
        engine.restore()
        condition.started("engine")
        if once:
            engine.read(opened)
            engine.replay()
            undelivered = _deliver(notifier)
        else:
            print(f"console: {stack.enter_context(_console(settings, port))}", file=sys.stderr)
            undelivered = _follow(engine, opened, notifier)
    _report(engine.summary, unopened, undelivered, as_json=as_json)
    raise typer.Exit(1 if engine.summary.failed or unopened or undelivered else 0)


def _notifier(settings: Settings, store: Store, *, follow: bool) -> Notifier | None:
    """Make what tells subscribers; where there are none it still watches the feeds, as long as the run goes on."""
    if settings.subscribers.file is None and not follow:
        return None
    from pipeline.notify.notifier import Notifier
    from pipeline.notify.subscribers import Subscribers, load_subscribers

    told = load_subscribers(settings.subscribers.file) if settings.subscribers.file is not None else Subscribers()
    return Notifier(store, told, settings.notify, console=sys.stderr)


def _deliver(notifier: Notifier | None) -> list[str]:
    """Try every notification that is due; return a line for each that failed."""
    return list(notifier.deliver_due().failures) if notifier is not None else []


def _follow(engine: EmbeddedEngine, sources: Sequence[Source], notifier: Notifier | None) -> list[str]:
    """Read and deliver until a signal asks to stop; return a line for each notification that failed."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    interval = min(source.interval_seconds for source in sources)
    with ExitStack() as stack:
        failures: list[str] = stack.enter_context(notifier.delivering()) if notifier is not None else []
        while not stop.is_set():
            read = engine.read(sources, stop)
            engine.replay(stop)
            if notifier is not None:
                notifier.wake()
            if not read:
                stop.wait(interval)
    return failures


def _console(settings: Settings, port: int | None) -> Any:
    """Serve the console beside the engine, on loopback."""
    from pipeline.console.serve import serving

    options = settings.console if port is None else settings.console.model_copy(update={"port": port})
    return serving(settings.model_copy(update={"console": options}))


class _Progress:
    """A line that counts, on a terminal only."""

    def __init__(self) -> None:
        self._shown: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (SpinnerColumn(), TextColumn("{task.completed} dispatches"), TimeElapsedColumn())
            self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
            self._shown.start()
            self._task = self._shown.add_task("run", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown is not None:
            self._shown.stop()

    def advance(self, outcome: Outcome) -> None:
        """Count a committed batch and name what could not be read."""
        for letter in outcome.dead_letters:
            print(f"wirefeed: {letter.name}: {letter.reason}", file=sys.stderr)
        if self._shown is not None:
            self._shown.advance(self._task, len(outcome.events))


def _name_unreadable(unreadable: Unreadable) -> None:
    print(f"wirefeed: {unreadable.name}: {unreadable.reason}", file=sys.stderr)


def _report(summary: Summary, unopened: int, undelivered: Sequence[str], *, as_json: bool) -> None:
    for line in undelivered:
        print(f"wirefeed: not delivered: {line}", file=sys.stderr)
    if as_json:
        figures = asdict(summary)
        print(json.dumps({**figures, "unreadable": figures["unreadable"] + unopened, "undelivered": len(undelivered)}))
    else:
        new = summary.dispatches - summary.copies
        print(
            f"{counted(summary.items, 'item')} read: {counted(summary.dispatches, 'dispatch', 'dispatches')} "
            f"({new:,} kept, {counted(summary.copies, 'copy', 'copies')}), {summary.alerts:,} with alerts, "
            f"{counted(summary.notifications, 'notification')} planned, {len(undelivered):,} not delivered, "
            f"{counted(summary.dead_letters, 'dead letter')}",
            file=sys.stderr,
        )
