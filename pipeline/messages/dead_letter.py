"""Bytes that no stage could use."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from pipeline.messages.message import SCHEMA_VERSION, Bytes, Message, SchemaVersion, Time


class DeadLetter(Message):
    """Bytes that no stage could use, kept untouched, with the reason.

    On Kafka the payload is the record's value and everything else stands in headers.
    """

    schema_version: SchemaVersion = SCHEMA_VERSION
    id: UUID = Field(description="Follows from where the bytes stood and the stage.")
    stage: str = Field(description="Stage that could not use them.")
    reason: str = Field(description="Why, for a person.")
    error: str = Field(default="", description="Class of the error, for grouping and replay.")
    feed: str = Field(description="The configured source.")
    name: str = Field(description="Path or URL of the file, message or entry.")
    position: str = Field(description="Place in the feed.")
    received_at: Time = Field(description="When the bytes came in, UTC.")
    size: int = Field(description="Bytes of the whole payload.")
    sha256: str = Field(description="SHA-256 of the whole payload, in hexadecimal.")
    payload: Bytes = Field(description="The bytes; only the first 64 KiB where size is above max_item_bytes.")
    headers: dict[str, str] = Field(default={}, description="Headers of the original record.")
    attempt: int = Field(default=1, description="Which time it has failed: 1, and one more for each replay.")
