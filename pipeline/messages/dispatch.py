"""One item as an agency sent it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from pipeline.messages.message import Message, Time

#: Provider of dispatches that test the chain and are no news; they are neither stored nor told.
CANARY_PROVIDER = "wirefeed-canary"


class Status(StrEnum):
    """Whether a dispatch may be used: IPTC publication status."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class Signal(StrEnum):
    """What the agency says that this transmission is."""

    NEW = "new"
    UPDATE = "update"
    CORRECTION = "correction"
    REPEAT = "repeat"
    KILL = "kill"
    HOLD = "hold"
    ADVISORY = "advisory"


#: Which signal wins where a dispatch carries several, strongest first.
SIGNAL_PRECEDENCE = (Signal.KILL, Signal.HOLD, Signal.CORRECTION, Signal.REPEAT, Signal.UPDATE, Signal.ADVISORY, Signal.NEW)


class LinkRelation(StrEnum):
    """How a dispatch refers to another one."""

    CORRECTS = "corrects"
    REPLACES = "replaces"
    WITHDRAWS = "withdraws"
    FOLLOWS = "follows"


class Link(Message):
    """A reference to another dispatch by its item id, its sequence number or a story key.

    A sequence number may come with the key that names the same item more surely: that is tried first.
    """

    rel: LinkRelation
    item_id: str | None = None
    sequence: str | None = None
    key: str | None = None


class Source(Message):
    """Where the bytes came from."""

    feed: str = Field(description="The configured source.")
    name: str = Field(description="Path or URL of the file, message or entry.")
    position: str = Field(description="Place in the feed; with the feed it names a reception.")


class Dispatch(Message):
    """One item as an agency sent it, its meaning normalised."""

    id: UUID
    provider: str = Field(description="Agency, by its profile's name: afp, reuters, ap, dpa…")
    item_id: str = Field(description="The agency's identity of the item, the same on every revision.")
    revision: str = Field(default="", description="Version number, etag, revision id or versionCreated, as written.")
    status: Status = Status.USABLE
    signal: Signal = Signal.NEW
    urgency: Annotated[int, Field(ge=1, le=8)] | None = Field(default=None, description="1 flash … 8 least; null = not stated.")
    headline: str | None = None
    slugline: str | None = None
    dateline: str | None = None
    byline: str | None = None
    keywords: list[str] = []
    subjects: list[str] = Field(default=[], description="Subject codes as sent, or names where no code is given.")
    genre: str | None = None
    language: str | None = Field(default=None, description="Language that the agency declares, BCP-47.")
    rights: str | None = None
    published_at: Time | None = None
    received_at: Time
    embargoed_until: Time | None = None
    text: str = Field(default="", description="Paragraphs separated by a blank line; no markup, notes or sign-off.")
    notes: str | None = Field(default=None, description="Notes to editors, not for publication.")
    signoff: str | None = Field(default=None, description="Desk sign-off taken from the end of the text.")
    service: str | None = None
    sequence: str | None = Field(default=None, description="Number in the feed or service, as written.")
    format: str
    links: list[Link] = []
    source: Source
    raw_sha256: str
