"""Bytes that no stage could use."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from pipeline.messages.message import SCHEMA_VERSION, Bytes, Message, Time


class DeadLetter(Message):
    """Bytes that no stage could use, kept untouched, with the reason.

    On Kafka the payload is the record's value and everything else stands in headers.
    """

    schema_version: str = SCHEMA_VERSION
    id: UUID
    stage: str
    reason: str
    error: str = Field(default="", description="Class of the error, for grouping and replay.")
    feed: str
    name: str
    position: str
    received_at: Time
    size: int = Field(description="Bytes of the whole payload.")
    sha256: str
    payload: Bytes = Field(description="The bytes; only the first 64 KiB where size is above max_item_bytes.")
    headers: dict[str, str] = {}
    attempt: int = 1
