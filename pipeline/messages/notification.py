"""What became of a message to a subscriber."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from pipeline.messages.message import SCHEMA_VERSION, Message, SchemaVersion, Time


class Notification(Message):
    """Value of ``wire.notifications``: what became of one message to one subscriber."""

    schema_version: SchemaVersion = SCHEMA_VERSION
    id: str = Field(description="Idempotency key, the webhook-id of every attempt; audit- and a number for what a person did.")
    subscriber: str = Field(description="Name in the subscribers file; empty for an act that concerns none.")
    channel: str = Field(description="Name of the channel, or its type where it has none; empty for an act that concerns none.")
    reason: Literal["first", "escalated", "corrected", "confirmed", "released", "retracted", "reminder", "summary", "operator"] = (
        Field(description="Why the message came to be.")
    )
    state: str = Field(description="What became of it: queued, held, sending, delivered, failed…; or what a person did.")
    detail: str | None = Field(default=None, description="Why, for a person.")
    story_id: UUID | None = Field(default=None, description="Story that it is about.")
    dispatch_id: UUID | None = Field(default=None, description="Dispatch that caused it.")
    severity: int | None = Field(default=None, description="1 info, 2 watch, 3 elevated, 4 high, 5 critical; 0 or null = none.")
    attempt: int = Field(default=0, description="Attempts to deliver so far.")
    at: Time = Field(description="When it changed its state, UTC.")
