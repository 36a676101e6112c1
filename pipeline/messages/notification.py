"""What became of a message to a subscriber."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from pipeline.messages.message import SCHEMA_VERSION, Message, Time


class Notification(Message):
    """Value of ``wire.notifications``: what became of one message to one subscriber."""

    schema_version: str = SCHEMA_VERSION
    id: str = Field(description="Idempotency key, the webhook-id of every attempt.")
    subscriber: str
    channel: str
    reason: Literal["first", "escalated", "corrected", "confirmed", "released", "retracted", "reminder", "summary", "operator"]
    state: str
    detail: str | None = None
    story_id: UUID | None = None
    dispatch_id: UUID | None = None
    severity: int | None = None
    attempt: int = 0
    at: Time
