"""The stages built from the settings, and how one feeds the next: the same for every engine and for `wirefeed enrich`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline.engines.enriching import enriching_stages
from pipeline.engines.parsing import parse_items
from pipeline.messages import DeadLetter, Event, ItemState, RawItem, Relation, Verdict
from pipeline.settings import Settings
from pipeline.stages.alerts.ruleset import RuleSet
from pipeline.stages.deduplicate.stage import Deduplicator
from pipeline.stages.enriching import EnrichingStage, process_open
from pipeline.stages.parse.stage import ParseStage


@dataclass
class Outcome:
    """What became of a batch of raw items."""

    verdicts: list[Verdict] = field(default_factory=list)
    item_states: list[ItemState] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)


def enrich(stages: Sequence[EnrichingStage], events: Sequence[Event]) -> list[Event]:
    """Send events through the stages; copies pass by, as they do on Kafka, where they have a topic of their own."""
    kept = [event for event in events if not is_copy(event)]
    for stage in stages:
        kept = process_open(stage, kept)
    enriched = iter(kept)
    return [event if is_copy(event) else next(enriched) for event in events]


def is_copy(event: Event) -> bool:
    """Whether deduplication found the event to be a copy."""
    return event.story is not None and event.story.relation is Relation.DUPLICATE


class Chain:
    """All five stages in one process."""

    def __init__(self, settings: Settings, rules: RuleSet | None = None) -> None:
        """Build the stages; raises OperatorError for rules or profiles that cannot be used."""
        self._settings = settings
        self._parse = ParseStage(settings.parse)
        self.profiles = self._parse.profiles
        self.stages = enriching_stages(settings, rules=rules)
        self.deduplicator = Deduplicator(settings.deduplicate)

    def forget(self) -> None:
        """Start with an empty deduplication state, to be restored from the log."""
        self.deduplicator = Deduplicator(self._settings.deduplicate)

    def process(self, items: Sequence[RawItem]) -> Outcome:
        """Take a batch through all stages. The state of deduplication moves on: commit the outcome, or forget and restore."""
        dispatches, letters = parse_items(self._parse, items)
        verdicts = self.deduplicator.decide(dispatches)
        events = [
            Event(receipt=parsed.receipt, dispatch=parsed.dispatch, story=verdict.story, errors=parsed.errors)
            for parsed, verdict in zip(dispatches, verdicts, strict=True)
        ]
        now = datetime.now(UTC)
        finished = [event.model_copy(update={"processed_at": now}) for event in enrich(self.stages, events)]
        return Outcome(verdicts, self.deduplicator.item_states(verdicts), finished, letters)
