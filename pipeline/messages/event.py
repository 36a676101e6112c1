"""A dispatch on its way through the stages."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from pipeline.messages.dispatch import Dispatch
from pipeline.messages.entity import Entity
from pipeline.messages.language import Language
from pipeline.messages.message import SCHEMA_VERSION, Message, SchemaVersion, Time
from pipeline.messages.rule_match import RuleMatch
from pipeline.messages.stage_error import StageError
from pipeline.messages.story import Story


class Event(Message):
    """A dispatch on its way through the stages. A section is absent until its stage has run."""

    schema_version: SchemaVersion = SCHEMA_VERSION
    receipt: UUID = Field(description="One reception of one item: the same record handed out again has the same receipt.")
    dispatch: Dispatch
    story: Story | None = Field(default=None, description="Absent until deduplication has run.")
    language: Language | None = Field(default=None, description="Absent where the stage has not run, or failed.")
    entities: list[Entity] | None = Field(default=None, description="Absent where the stage has not run, or failed; empty = none.")
    alerts: list[RuleMatch] | None = Field(
        default=None, description="Absent where the stage has not run, or failed; empty = no rule matched."
    )
    errors: list[StageError] = Field(default=[], description="Stages that failed on this event.")
    processed_at: Time | None = Field(default=None, description="When the last stage had done its part, UTC; absent before.")

    def to_json(self) -> bytes:
        """Encode; sections of stages that did not run are absent, nulls inside a section stay."""
        absent = {name for name in ("story", "language", "entities", "alerts", "processed_at") if getattr(self, name) is None}
        return self.model_dump_json(exclude=absent).encode()
