"""A dispatch on its way through the stages."""

from __future__ import annotations

from uuid import UUID

from pipeline.messages.dispatch import Dispatch
from pipeline.messages.entity import Entity
from pipeline.messages.language import Language
from pipeline.messages.message import SCHEMA_VERSION, Message, Time
from pipeline.messages.rule_match import RuleMatch
from pipeline.messages.stage_error import StageError
from pipeline.messages.story import Story


class Event(Message):
    """A dispatch on its way through the stages. A section is absent until its stage has run."""

    schema_version: str = SCHEMA_VERSION
    receipt: UUID
    dispatch: Dispatch
    story: Story | None = None
    language: Language | None = None
    entities: list[Entity] | None = None
    alerts: list[RuleMatch] | None = None
    errors: list[StageError] = []
    processed_at: Time | None = None

    def to_json(self) -> bytes:
        """Encode; sections of stages that did not run are absent, nulls inside a section stay."""
        absent = {name for name in ("story", "language", "entities", "alerts", "processed_at") if getattr(self, name) is None}
        return self.model_dump_json(exclude=absent).encode()
