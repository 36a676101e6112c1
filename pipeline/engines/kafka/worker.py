"""A worker: one stage or several in one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

import structlog

from pipeline.engines.condition import Condition
from pipeline.engines.kafka.agents import enriching_agent, topics_of
from pipeline.engines.kafka.app import EXIT_BROKEN, StageApp
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.delivery import Stage
from pipeline.engines.kafka.membership import REFUSALS
from pipeline.engines.kafka.pace import keep_pace
from pipeline.engines.kafka.probe import Probe
from pipeline.settings import Settings
from pipeline.topology import DEAD_LETTERS, ITEMS, VERDICTS, Topic

log = structlog.get_logger(__name__)

_STOP_SECONDS = 20.0
#: No progress for this long, though records wait and nothing that is named is waited for.
SILENCE_SECONDS = 60.0
#: A group's other members have a minute to come to a rebalance; who has not joined after twice that hangs.
START_SECONDS = 120.0


def agents(names: Sequence[str], settings: Settings, connection: Connection, condition: Condition) -> list[Stage]:
    """Build the agents of these stages; raises RuleError or ProfileError for files that cannot be used."""
    built: list[Stage] = []
    for name in names:
        if name == "parse":
            from pipeline.engines.kafka.parsing import ParseAgent

            built.append(ParseAgent(settings))
        elif name == "deduplicate":
            from pipeline.engines.kafka.deduplicating import DeduplicateAgent

            built.append(DeduplicateAgent(settings, connection, condition))
        else:
            built.append(enriching_agent(name, settings))
    return built


def topics_needed(names: Sequence[str]) -> list[Topic]:
    """Topics that these stages read or write."""
    needed: dict[str, Topic] = {DEAD_LETTERS.name: DEAD_LETTERS}
    for name in names:
        stage = topics_of(name)
        needed |= {topic.name: topic for topic in (stage.reads, *stage.writes)}
    return list(needed.values())


def topics_read(name: str) -> list[Topic]:
    """Topics that a stage reads: deduplicate its own logs, too."""
    return [topics_of(name).reads, *((VERDICTS, ITEMS) if name == "deduplicate" else ())]


class Worker:
    """Stages of one process."""

    def __init__(self, names: Sequence[str], settings: Settings, condition: Condition) -> None:
        self._names = names
        self._connection = Connection(settings.kafka)
        self._condition = condition
        for name in names:
            condition.starting(name)
        self._stages = agents(names, settings, self._connection, condition)
        self._apps: list[StageApp] = []

    async def run(self) -> int:
        """Work until SIGTERM or SIGINT; return the exit code.

        Raises TopologyError for topics that cannot be worked with.
        """
        stop = asyncio.Event()
        stop_on_signals(stop)
        _watch_loop(self._condition)
        beating = asyncio.create_task(beat(self._condition))
        probe = Probe(
            self._connection, topics_needed(self._names), self._condition, {name: topics_read(name) for name in self._names}
        )
        looking: asyncio.Task[None] | None = None
        try:
            await probe.until_there(stop)
            if not stop.is_set():
                self._apps = [StageApp(stage, self._connection, self._condition) for stage in self._stages]
                looking = asyncio.create_task(probe.keep_looking(stop))
                code = await self._start(looking) or await self._supervise(stop, looking)
            else:
                code = 0
            self._condition.stopping = True
            return await self._stop() if code == 0 else code
        finally:
            beating.cancel()
            if looking is not None:
                looking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await looking
            await probe.close()

    async def _start(self, looking: asyncio.Task[None]) -> int:
        """Join the groups; return an exit code where that takes too long, though the broker answers."""
        starting = asyncio.gather(*(app.start() for app in self._apps))
        since = time.monotonic()
        while not (await asyncio.wait([starting], timeout=0.5))[0]:
            if looking.done():
                looking.result()
            if self._condition.waits():
                since = time.monotonic()
            if time.monotonic() - since > START_SECONDS:
                log.critical("the stages do not come up though the broker answers, the process ends for its supervisor to start it "
                             "again", stages=list(self._names), seconds=START_SECONDS)  # fmt: skip
                sys.stderr.flush()
                os._exit(EXIT_BROKEN)  # what does not come up cannot be stopped either
        starting.result()
        keep_pace()
        for app in self._apps:
            self._condition.started(app.name)
        log.info("working", stages=list(self._names))
        return 0

    async def _supervise(self, stop: asyncio.Event, looking: asyncio.Task[None]) -> int:
        while not stop.is_set():
            if looking.done():
                looking.result()
            for app in self._apps:
                if isinstance(app.crashed, REFUSALS):
                    topic = app.crashed.args[0] if app.crashed.args else app.name
                    log.critical("permission to read is gone; grant Read, the supervisor starts the process again",
                                 stage=app.name, topic=topic)  # fmt: skip
                    return EXIT_BROKEN
                if app.crashed is not None:
                    log.critical("stage has ended, the process ends for its supervisor to start it again",
                                 stage=app.name, exc_info=app.crashed)  # fmt: skip
                    return EXIT_BROKEN
                if self._is_silent(app):
                    log.critical("no progress though records wait, the process ends for its supervisor to start it again",
                                 stage=app.name, seconds=SILENCE_SECONDS)  # fmt: skip
                    return EXIT_BROKEN
            with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.5)
        return 0

    def _is_silent(self, app: StageApp) -> bool:
        if self._condition.waits():
            app.delivery.progress = time.monotonic()
            return False
        return time.monotonic() - app.delivery.progress > SILENCE_SECONDS and app.behind() > 0

    async def _stop(self) -> int:
        stopping = [asyncio.create_task(app.stop()) for app in self._apps]
        if not stopping:
            return 0
        done, late = await asyncio.wait(stopping, timeout=_STOP_SECONDS)
        if late:
            log.warning("could not finish within the grace period; what is not committed is done again", seconds=_STOP_SECONDS)
            sys.stderr.flush()
            os._exit(EXIT_BROKEN)  # threads that wait for something would keep the process for ever
        for each in done:
            each.result()
        return 0


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT end the process gracefully."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)


async def beat(condition: Condition) -> None:
    """Show that the event loop turns."""
    while True:
        condition.beat()
        await asyncio.sleep(1)


def _watch_loop(condition: Condition) -> None:
    """End the process when its event loop has stood still for too long; a thread, because the loop cannot watch itself."""

    def watch() -> None:
        while not condition.stopping:
            time.sleep(5)
            if not condition.health().alive:
                sys.stderr.write('{"event": "the event loop stands still, the process ends", "level": "critical"}\n')
                os._exit(EXIT_BROKEN)

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
