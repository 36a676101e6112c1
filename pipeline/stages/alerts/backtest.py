"""Try a set of rules on events of the past, beside the set in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.messages import Event
from pipeline.stages.alerts.ruleset import RuleSet
from pipeline.stages.alerts.stage import AlertsStage

#: Headlines of each rule that are kept to be read.
SAMPLE = 5
_BATCH = 200


@dataclass
class RuleResult:
    """What one rule did: events and stories matched, those that only one of the two sets matches, headlines to read."""

    rule: str
    title: str
    severity: int
    alerts: int = 0
    unconfirmed: int = 0
    stories: set[str] = field(default_factory=set)
    added: int = 0
    removed: int = 0
    sample: list[str] = field(default_factory=list)


@dataclass
class Backtest:
    """Result over all events; ``days`` is the span of received times, at least one day."""

    events: int = 0
    first: float | None = None
    last: float | None = None
    rules: dict[str, RuleResult] = field(default_factory=dict)

    @property
    def days(self) -> float:
        """Days between the first event and the last."""
        if self.first is None or self.last is None:
            return 1.0
        return max(1.0, (self.last - self.first) / 86_400)


def backtest(events: Iterable[Event], tried: RuleSet, present: RuleSet) -> Backtest:
    """Match every event with both sets."""
    result = Backtest()
    batch: list[Event] = []
    for event in events:
        batch.append(event)
        if len(batch) == _BATCH:
            _count(result, batch, tried, present)
            batch = []
    _count(result, batch, tried, present)
    return result


def _count(result: Backtest, events: list[Event], tried: RuleSet, present: RuleSet) -> None:
    for new, old in zip(AlertsStage(tried).process(events), AlertsStage(present).process(events), strict=True):
        received = new.dispatch.received_at.timestamp()
        result.events += 1
        result.first = received if result.first is None else min(result.first, received)
        result.last = received if result.last is None else max(result.last, received)
        before = {match.rule: match for match in old.alerts or ()}
        after = {match.rule: match for match in new.alerts or ()}
        for match in (before | after).values():
            row = result.rules.setdefault(match.rule, RuleResult(match.rule, match.title, match.severity))
            row.added += match.rule not in before
            row.removed += match.rule not in after
            if match.rule in after:
                row.alerts += 1
                row.unconfirmed += match.unconfirmed
                row.stories.add(str(new.story.id if new.story else new.dispatch.id))
                if len(row.sample) < SAMPLE:
                    row.sample.append(new.dispatch.headline or new.dispatch.text[:80])
