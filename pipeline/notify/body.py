"""The body of a webhook, and of a line of JSON: the contract with whoever receives messages."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from pipeline.messages import SCHEMA_VERSION, Kind, Match, Message, Severity, Signal, Status, Story, Time

#: Fields of a dispatch that subscribers do not get: what is not for publication, and where it came from.
WITHHELD_FIELDS = frozenset({"notes", "signoff", "source", "raw_sha256", "links"})

ReasonName = Literal["first", "escalated", "corrected", "confirmed", "released", "retracted", "reminder", "summary", "operator"]


class MatchInContext(Message):
    """Words that made a rule match."""

    field: str = Field(description="Field of the dispatch: headline or text.")
    start: int = Field(description="Characters from the beginning of the whole field.")
    end: int
    text: str
    context: str = Field(description="The words with up to 60 characters on each side.")

    @classmethod
    def of(cls, match: Match, context: str) -> MatchInContext:
        """Put a match into its context."""
        return cls(field=match.field, start=match.start, end=match.end, text=match.text, context=context)


class AlertRule(Message):
    """A rule that matched; in a retraction one that had matched, without places."""

    rule: str = Field(description="Id of the rule, which never changes.")
    title: str
    severity: Severity
    kind: Kind
    tags: list[str] = []
    unconfirmed: bool = Field(default=False, description="Denied, negated or hypothetical in the text.")
    matches: list[MatchInContext] = []


class AlertPart(Message):
    """What rules said, most severe first."""

    severity: Annotated[int, Field(ge=0, le=5)] = Field(
        description="Highest of the rules; in a retraction, of what was told; 0 = the text no longer matches."
    )
    kind: Kind | None = None
    title: str | None = Field(default=None, description="Title of the first rule.")
    rules: list[AlertRule] = []


class DispatchPart(Message):
    """The dispatch that caused the message, without what is not for publication."""

    id: UUID
    provider: str
    item_id: str
    revision: str = ""
    status: Status
    signal: Signal
    urgency: Annotated[int, Field(ge=1, le=8)] | None = None
    headline: str | None = None
    slugline: str | None = None
    dateline: str | None = None
    byline: str | None = None
    keywords: list[str] = []
    subjects: list[str] = []
    genre: str | None = None
    language: str | None = None
    rights: str | None = None
    published_at: Time | None = None
    received_at: Time
    embargoed_until: Time | None = None
    text: str = Field(default="", description="At most 4,000 characters.")
    service: str | None = None
    sequence: str | None = None
    format: str
    countries: list[str] = Field(default=[], description="ISO 3166-1 alpha-2 codes of tagged entities.")
    text_truncated: bool = Field(description="Whether the text goes on.")


class HistoryEntry(Message):
    """An earlier message to this subscriber about this story."""

    reason: ReasonName
    at: Time
    severity: int | None = None
    headline: str | None = None
    provider: str | None = None
    item_id: str | None = None


class StoryPart(Story):
    """The story, and what this subscriber heard of it before."""

    history: list[HistoryEntry] = []


class RetractionPart(Message):
    """Who took what back."""

    by: str = Field(description="Agency.")
    action: Literal["withdrawn", "held"]
    item_id: str
    at: Time
    standing: list[str] = Field(default=[], description="Agencies that still stand by the story.")
    story_withdrawn: bool = Field(description="Whether every report of the story is withdrawn.")
    reason: str
    headline: str | None = Field(default=None, description="Of what was told last.")


class ReminderPart(Message):
    """Nobody has acknowledged the story."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    number: int
    of: int
    for_: str = Field(alias="for", description="Subscriber who was told first.")


class SummaryLine(Message):
    """One of the messages that a summary stands for."""

    id: str = Field(description="Its idempotency key.")
    reason: ReasonName
    severity: int | None = None
    story_id: UUID | None = None
    dispatch_id: UUID | None = None
    provider: str | None = None
    headline: str | None = None


class SummaryPart(Message):
    """Many messages as one."""

    kind: Literal["digest", "overflow"]
    count: int
    by_severity: dict[str, int]
    by_reason: dict[str, int]
    messages: list[SummaryLine] = Field(description="The most severe, at most 1,000.")


class MessageBody(Message):
    """What a subscriber is told: the JSON of webhooks and JSON lines, and what templates are written over."""

    schema_version: str = SCHEMA_VERSION
    id: str = Field(description="The webhook-id: the same on every attempt.")
    reason: ReasonName
    why: str = Field(description="The reason in words.")
    subscriber: str
    planned_at: Time
    alert: AlertPart
    dispatch: DispatchPart | None = Field(default=None, description="Null in summaries and operators' messages.")
    story: StoryPart | None = Field(default=None, description="Null in summaries and operators' messages.")
    retraction: RetractionPart | None = Field(default=None, description="Of reason retracted only.")
    reminder: ReminderPart | None = Field(default=None, description="Of reason reminder only.")
    summary: SummaryPart | None = Field(default=None, description="Of reason summary only.")
    title: str | None = Field(default=None, description="In the subscriber's own words, where the file has a template.")
    text: str | None = Field(default=None, description="In the subscriber's own words, where the file has a template.")


def as_content(**parts: Message | str | None) -> dict[str, Any]:
    """Make what is stored of a message: its parts as JSON values."""
    return {name: part.model_dump(mode="json") if isinstance(part, Message) else part for name, part in parts.items()}
