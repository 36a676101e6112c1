"""What deduplication logs: verdicts, and the items that they changed."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from pipeline.messages.dispatch import Signal, Status
from pipeline.messages.message import SCHEMA_VERSION, Message, Time
from pipeline.messages.parsed_dispatch import Fingerprint
from pipeline.messages.story import Story


class ItemState(Message):
    """Value of ``wire.items``: the newest known of one agency's item, kept far longer than the window."""

    schema_version: str = SCHEMA_VERSION
    provider: str
    item_id: str
    story_id: UUID
    dispatch_id: UUID
    revision: str
    status: Status
    embargoed_until: Time | None = None
    published_at: Time | None = None
    received_at: Time
    service: str | None = None
    sequence: str | None = None
    text_key: str | None = Field(default=None, description="Hash of the newest normalised text, to know a re-send by.")
    keys: list[str] = Field(default=[], description="Story keys that the agency gave it.")
    providers: list[str] = Field(default=[], description="Agencies that had reported its story.")


class Verdict(Message):
    """Value of ``wire.verdicts``: what was decided about one reception, once and for ever."""

    schema_version: str = SCHEMA_VERSION
    receipt: UUID
    dispatch_id: UUID
    provider: str
    item_id: str
    revision: str
    status: Status
    signal: Signal
    received_at: Time
    embargoed_until: Time | None = None
    service: str | None = None
    sequence: str | None = None
    offset: int | None = Field(default=None, description="Offset in wire.dispatches; null in the embedded engine.")
    published_at: Time | None = None
    story: Story
    items: list[ItemState] = Field(default=[], description="Items that this verdict changed, as they stand after it.")
    fingerprint: Fingerprint | None = None
