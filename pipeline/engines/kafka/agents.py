"""The stages as the delivery loop runs them: records in, records out. The work itself is done by ``pipeline.stages``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import ValidationError

from pipeline.engines import measures as shared
from pipeline.engines.enriching import enriching_stages
from pipeline.engines.kafka import measures
from pipeline.engines.kafka.records import (
    Outgoing,
    Record,
    alert_record,
    dead_letter_record,
    event_record,
    letter_about,
)
from pipeline.messages import Alert, Event, Message
from pipeline.settings import Settings
from pipeline.stages.enriching import EnrichingStage, process_open
from pipeline.topology import ALERTS, ENRICHED, ENTITIES, LANGUAGES, STAGES, StageTopics, Topic

M = TypeVar("M", bound=Message)


def topics_of(stage: str) -> StageTopics:
    """What a stage reads and writes."""
    return next(each for each in STAGES if each.stage == stage)


def read_message(record: Record, message: type[M], stage: str) -> M | Outgoing:
    """Decode a record's value; what cannot be decoded becomes a dead letter with its bytes."""
    try:
        return message.model_validate_json(record.value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "value"
        reason = f"no {message.__name__}: {where}: {first['msg']}"[:500]
        shared.DEAD_LETTERS.labels(stage, "Undecodable").inc()
        return dead_letter_record(letter_about(record, stage, reason, "Undecodable"), record)


class Stateless:
    """A stage that remembers nothing between batches."""

    name: str

    @property
    def reads(self) -> Topic:
        """Topic that the stage reads."""
        return topics_of(self.name).reads

    async def prepare(self) -> None:
        """There is nothing to prepare."""

    def delivered(self, group: Sequence[Outgoing], offsets: Sequence[int]) -> None:
        """There is nothing to check."""


class EnrichingAgent(Stateless):
    """A stage that fills one section of an event and sends it on."""

    def __init__(self, stage: EnrichingStage, writes: Topic) -> None:
        self.name = stage.name
        self._stage = stage
        self._writes = writes

    def process(self, records: Sequence[Record]) -> list[list[Outgoing]]:
        """Decode, fill the section, send on; what cannot be decoded becomes a dead letter."""
        out: list[Outgoing] = []
        causes: list[Record] = []
        events: list[Event] = []
        for record in records:
            event = read_message(record, Event, self.name)
            if isinstance(event, Outgoing):
                out.append(event)
            else:
                causes.append(record)
                events.append(event)
        now = datetime.now(UTC)
        for cause, event, before in zip(causes, process_open(self._stage, events) if events else [], events, strict=True):
            if len(event.errors) > len(before.errors):
                shared.FAIL_OPEN.labels(self.name).inc()
            measures.EVENT_AGE.labels(self.name).observe(max(0.0, (now - event.dispatch.received_at).total_seconds()))
            out.extend(self._onwards(event, cause, now))
        return [out]

    def _onwards(self, event: Event, cause: Record, now: datetime) -> list[Outgoing]:  # noqa: ARG002 # the last stage needs it
        return [event_record(self._writes, event, cause)]


class AlertsAgent(EnrichingAgent):
    """``wire.entities`` → ``wire.enriched`` and ``wire.alerts``."""

    def _onwards(self, event: Event, cause: Record, now: datetime) -> list[Outgoing]:
        finished = event.model_copy(update={"processed_at": now})
        alert = Alert.of(finished)
        out = [event_record(ENRICHED, finished, cause)]
        return [*out, alert_record(alert, cause)] if alert is not None else out


def enriching_agent(name: str, settings: Settings) -> EnrichingAgent:
    """Build the agent of language, entities or alerts; raises RuleError for rules that cannot be used."""
    stage = enriching_stages(settings, [name])[0]
    if name == ALERTS.written_by[0]:
        return AlertsAgent(stage, ENRICHED)
    return EnrichingAgent(stage, {"language": LANGUAGES, "entities": ENTITIES}[name])
