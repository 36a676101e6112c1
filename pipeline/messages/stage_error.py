"""What is said of a stage that failed."""

from __future__ import annotations

from pipeline.messages.message import Message


class StageError(Message):
    """A stage that failed on this event; the event went on without its section."""

    stage: str
    reason: str
