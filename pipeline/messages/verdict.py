"""What deduplication logs: verdicts, and the items that they changed."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from pipeline.messages.dispatch import Signal, Status
from pipeline.messages.message import SCHEMA_VERSION, Message, SchemaVersion, Time
from pipeline.messages.parsed_dispatch import Fingerprint
from pipeline.messages.story import Story


class ItemState(Message):
    """Value of ``wire.items``: the newest known of one agency's item, kept far longer than the window."""

    schema_version: SchemaVersion = SCHEMA_VERSION
    provider: str = Field(description="Agency, by its profile's name.")
    item_id: str = Field(description="The agency's identity of the item.")
    story_id: UUID = Field(description="Story that the item belongs to.")
    dispatch_id: UUID = Field(description="Dispatch of the newest revision.")
    revision: str = Field(description="Version, as written.")
    status: Status
    embargoed_until: Time | None = Field(default=None, description="Not for publication before, UTC.")
    published_at: Time | None = Field(default=None, description="When the agency issued it, UTC.")
    received_at: Time = Field(description="When the bytes came in, UTC.")
    service: str | None = Field(default=None, description="The agency's service, as written.")
    sequence: str | None = Field(default=None, description="Number in the feed or service, as written.")
    text_key: str | None = Field(default=None, description="Hash of the newest normalised text, to know a re-send by.")
    keys: list[str] = Field(default=[], description="Story keys that the agency gave it.")
    providers: list[str] = Field(default=[], description="Agencies that had reported its story.")


class Verdict(Message):
    """Value of ``wire.verdicts``: what was decided about one reception, once and for ever."""

    schema_version: SchemaVersion = SCHEMA_VERSION
    receipt: UUID = Field(description="Reception that was decided about.")
    dispatch_id: UUID = Field(description="Id of its dispatch.")
    provider: str = Field(description="Agency, by its profile's name.")
    item_id: str = Field(description="The agency's identity of the item.")
    revision: str = Field(description="Version, as written.")
    status: Status
    signal: Signal
    received_at: Time = Field(description="When the bytes came in, UTC.")
    embargoed_until: Time | None = Field(default=None, description="Not for publication before, UTC.")
    service: str | None = Field(default=None, description="The agency's service, as written.")
    sequence: str | None = Field(default=None, description="Number in the feed or service, as written.")
    offset: int | None = Field(default=None, description="Offset in wire.dispatches; null in the embedded engine.")
    published_at: Time | None = Field(default=None, description="When the agency issued it, UTC.")
    story: Story
    items: list[ItemState] = Field(default=[], description="Items that this verdict changed, as they stand after it.")
    fingerprint: Fingerprint | None = Field(default=None, description="What later dispatches are compared with.")
