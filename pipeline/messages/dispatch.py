"""One item as an agency sent it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from pipeline.messages.message import Message, Sha256, Time

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
    item_id: str | None = Field(default=None, description="The agency's identity of the other item.")
    sequence: str | None = Field(default=None, description="Number of the other item in the feed or service, as written.")
    key: str | None = Field(default=None, description="Key that the agency gave the story.")


class Source(Message):
    """Where the bytes came from."""

    feed: str = Field(description="The configured source.")
    name: str = Field(description="Path or URL of the file, message or entry.")
    position: str = Field(description="Place in the feed; with the feed it names a reception.")


class Publishable(Message):
    """What may be shown of a dispatch to those who are told of it."""

    id: UUID = Field(description="Same bytes of the same item, same id: an agency that sends again does not change it.")
    provider: str = Field(description="Agency, by its profile's name: afp, reuters, ap, dpa…")
    item_id: str = Field(description="The agency's identity of the item, the same on every revision.")
    revision: str = Field(default="", description="Version number, etag, revision id or versionCreated, as written.")
    status: Status = Status.USABLE
    signal: Signal = Signal.NEW
    urgency: Annotated[int, Field(ge=1, le=8)] | None = Field(default=None, description="1 flash … 8 least; null = not stated.")
    headline: str | None = Field(default=None, description="One line, without markup; null where the agency gives none.")
    slugline: str | None = Field(default=None, description="The agency's short name of the story, as written.")
    dateline: str | None = Field(default=None, description="Place and day that the text begins with, as written.")
    byline: str | None = Field(default=None, description="Who wrote it, as written.")
    keywords: list[str] = Field(default=[], description="The agency's own keywords, as written.")
    subjects: list[str] = Field(default=[], description="Subject codes as sent, or names where no code is given.")
    genre: str | None = Field(default=None, description="Kind of text, as written: analysis, obituary…")
    language: str | None = Field(default=None, description="Language that the agency declares, BCP-47.")
    rights: str | None = Field(default=None, description="Who may use it and how, as written, or as the agency's profile says.")
    published_at: Time | None = Field(default=None, description="When the agency issued this revision, UTC; null = not stated.")
    received_at: Time = Field(description="When the bytes came in, UTC.")
    embargoed_until: Time | None = Field(default=None, description="Not for publication before, UTC; null = no time is set.")
    text: str = Field(default="", description="Paragraphs separated by a blank line; no markup, notes or sign-off.")
    service: str | None = Field(default=None, description="The agency's service or wire that carried it, as written.")
    sequence: str | None = Field(default=None, description="Number in the feed or service, as written.")
    format: str = Field(description="Wire format that it was read from: nitf, iptc7901…")


class Dispatch(Publishable):
    """One item as an agency sent it, its meaning normalised."""

    notes: str | None = Field(default=None, description="Notes to editors, not for publication.")
    signoff: str | None = Field(default=None, description="Desk sign-off taken from the end of the text.")
    links: list[Link] = Field(default=[], description="Other dispatches that it corrects, replaces, withdraws or follows.")
    source: Source
    raw_sha256: Sha256 = Field(description="SHA-256 of the item's bytes as received, in hexadecimal.")
