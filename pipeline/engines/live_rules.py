"""The rules while the program runs: a change counts from the next batch on, a broken change does not count."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from pipeline.engines import measures
from pipeline.messages import Event
from pipeline.settings import RulesSettings
from pipeline.stages.alerts.ruleset import RuleError, RuleSet
from pipeline.stages.alerts.stage import AlertsStage, RuleDirectory

log = structlog.get_logger(__name__)

# Seconds between two looks at the files.
_INTERVAL = 5.0


class LiveAlerts:
    """The alerts stage with the newest rules that could be read."""

    name = "alerts"

    def __init__(self, settings: RulesSettings, clock: Callable[[], float] = time.monotonic) -> None:
        """Load the rules; raises RuleError with every problem at once. ``clock`` gives seconds."""
        self._folder = RuleDirectory(settings.directory, shipped=settings.shipped)
        self._clock = clock
        self._looked_at = clock()
        rules = self._folder.poll()
        if isinstance(rules, RuleError):
            raise rules
        assert rules is not None  # noqa: S101 - the first poll loads or fails
        self._stage = AlertsStage(rules)

    def process(self, events: Sequence[Event]) -> list[Event]:
        """Match each event by the rules in force."""
        if self._clock() - self._looked_at >= _INTERVAL:
            self._looked_at = self._clock()
            self._take(self._folder.poll())
        return self._stage.process(events)

    def _take(self, found: RuleSet | RuleError | None) -> None:
        if isinstance(found, RuleError):
            measures.RULES_BROKEN.set(1)
            log.error("the changed rules cannot be used; those before stay in force", problem=str(found))
        elif found is not None:
            measures.RULES_BROKEN.set(0)
            self._stage = AlertsStage(found)
            log.info("rules read anew", rules=len(found.rules), sha256=found.sha256)
