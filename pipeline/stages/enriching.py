"""The stages that add a section to an event, and the rule that none of them can stop a flash.

Detecting the language, tagging entities and matching rules share one shape: a batch of events in, the same events in the same
order out, each with its section filled. They *fail open*: an event on which a stage breaks goes on without the section, with
an entry in ``errors``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog

from pipeline.messages import Event, StageError

log = structlog.get_logger(__name__)


class EnrichingStage(Protocol):
    """A stage that fills one section of each event of a batch."""

    @property
    def name(self) -> str:
        """Name of the stage in ``topology.STAGES``."""
        ...

    def process(self, events: Sequence[Event]) -> list[Event]:
        """Fill the section in each event; same length, same order, the inputs are not changed."""
        ...


def process_open(stage: EnrichingStage, events: Sequence[Event]) -> list[Event]:
    """Run a stage over a batch; where it breaks, over each event alone, and let those pass on which it breaks again."""
    try:
        return stage.process(events)
    except Exception as error:
        if len(events) > 1:
            return [processed for event in events for processed in process_open(stage, [event])]
        return [_passed_on(stage, event, error) for event in events]


def _passed_on(stage: EnrichingStage, event: Event, error: Exception) -> Event:
    log.error("stage failed, event goes on", stage=stage.name, dispatch=str(event.dispatch.id), exc_info=error)
    note = StageError(stage=stage.name, reason=f"{type(error).__name__}: {error}"[:500])
    return event.model_copy(update={"errors": [*event.errors, note]})
