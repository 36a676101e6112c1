"""What is said of a stage that failed."""

from __future__ import annotations

from pydantic import Field

from pipeline.messages.message import Message


class StageError(Message):
    """A stage that failed on this event; the event went on without its section."""

    stage: str = Field(description="Stage that failed: language, entities…")
    reason: str = Field(description="Why, for a person.")
