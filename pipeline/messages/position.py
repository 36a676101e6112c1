"""How far a source has been read."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pipeline.messages.message import SCHEMA_VERSION, Message, SchemaVersion, Time


class Position(Message):
    """Value of ``wire.positions``: how far a source has been read."""

    schema_version: SchemaVersion = SCHEMA_VERSION
    feed: str = Field(description="The configured source.")
    unit: str = Field(default="", description="Part of the feed with a position of its own, such as a file; else empty.")
    position: str = Field(description="Position of the last item read, as in its source.")
    state: dict[str, Any] = Field(default={}, description="What the source needs to go on: a file's size and time, an ETag…")
    updated_at: Time = Field(description="When it was written, UTC.")
