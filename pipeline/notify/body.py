"""The body of a webhook, and of a line of JSON: the contract with whoever receives messages."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from pipeline.messages import (
    SCHEMA_VERSION,
    Kind,
    Match,
    Message,
    Publishable,
    SchemaVersion,
    Severity,
    Signal,
    Status,
    Story,
    Time,
)

#: Fields of a dispatch that subscribers do not get: what is not for publication, and where it came from.
WITHHELD_FIELDS = frozenset({"notes", "signoff", "source", "raw_sha256", "links"})

ReasonName = Annotated[
    Literal["first", "escalated", "corrected", "confirmed", "released", "retracted", "reminder", "summary", "operator"],
    Field(description="Why the message came to be."),
]


class MatchInContext(Match):
    """Words that made a rule match, counted from the beginning of the whole field."""

    context: str = Field(description="The words with up to 60 characters on each side.")

    @classmethod
    def of(cls, match: Match, context: str) -> MatchInContext:
        """Put a match into its context."""
        return cls(field=match.field, start=match.start, end=match.end, text=match.text, context=context)


class AlertRule(Message):
    """A rule that matched; in a retraction one that had matched, without places."""

    rule: str = Field(description="Id of the rule, which never changes.")
    title: str = Field(description="Name of the rule for people.")
    severity: Severity
    kind: Kind
    tags: list[str] = Field(default=[], description="Codes of the event's kind, as vocabulary and code: plover:ASSAULT.")
    unconfirmed: bool = Field(default=False, description="Denied, negated or hypothetical in the text.")
    matches: list[MatchInContext] = Field(default=[], description="Words that the rule found; empty where another text matched.")


class AlertPart(Message):
    """What rules said, most severe first."""

    severity: Annotated[int, Field(ge=0, le=5)] = Field(
        description="Highest of the rules; in a retraction, of what was told; 0 = the text no longer matches."
    )
    kind: Kind | None = Field(default=None, description="Which way the first rule points; null where no rule matched.")
    title: str | None = Field(default=None, description="Title of the first rule.")
    rules: list[AlertRule] = Field(default=[], description="Most severe first.")


class DispatchPart(Publishable):
    """The dispatch that caused the message, without what is not for publication."""

    status: Status
    signal: Signal
    text: str = Field(default="", description="Paragraphs separated by a blank line; at most 4,000 characters.")
    countries: list[str] = Field(default=[], description="ISO 3166-1 alpha-2 codes of tagged entities.")
    text_truncated: bool = Field(description="Whether the text goes on.")


class HistoryEntry(Message):
    """An earlier message to this subscriber about this story."""

    reason: ReasonName
    at: Time = Field(description="When it was planned, UTC.")
    severity: int | None = Field(default=None, description="That it was told at; 0 or null = none.")
    headline: str | None = Field(default=None, description="Of the dispatch that it was about.")
    provider: str | None = Field(default=None, description="Agency of that dispatch.")
    item_id: str | None = Field(default=None, description="The agency's identity of that dispatch.")


class StoryPart(Story):
    """The story, and what this subscriber heard of it before."""

    history: list[HistoryEntry] = Field(default=[], description="Earlier messages to this subscriber about the story.")


class RetractionPart(Message):
    """Who took what back."""

    by: str = Field(description="Agency.")
    action: Literal["withdrawn", "held"] = Field(description="Withdrawn for good, or held until its agency says more.")
    item_id: str = Field(description="The agency's identity of what is taken back.")
    at: Time = Field(description="When the notice came in, UTC.")
    standing: list[str] = Field(default=[], description="Agencies that still stand by the story.")
    story_withdrawn: bool = Field(description="Whether every report of the story is withdrawn.")
    reason: str = Field(description="Why, for a person.")
    headline: str | None = Field(default=None, description="Of what was told last.")


class ReminderPart(Message):
    """Nobody has acknowledged the story."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    number: int = Field(description="Which reminder this is, from 1.")
    of: int = Field(description="How many there are at most.")
    for_: str = Field(alias="for", description="Subscriber who was told first.")


class SummaryLine(Message):
    """One of the messages that a summary stands for."""

    id: str = Field(description="Its idempotency key.")
    reason: ReasonName
    severity: int | None = Field(default=None, description="1 info, 2 watch, 3 elevated, 4 high, 5 critical; 0 or null = none.")
    story_id: UUID | None = Field(default=None, description="Story that it is about.")
    dispatch_id: UUID | None = Field(default=None, description="Dispatch that caused it.")
    provider: str | None = Field(default=None, description="Agency of that dispatch.")
    headline: str | None = Field(default=None, description="Headline of that dispatch.")


class SummaryPart(Message):
    """Many messages as one."""

    kind: Literal["digest", "overflow"] = Field(description="At its times, or because there were too many at once.")
    count: int = Field(description="Messages that it stands for.")
    by_severity: dict[str, int] = Field(description="How many of each severity.")
    by_reason: dict[str, int] = Field(description="How many of each reason.")
    messages: list[SummaryLine] = Field(description="The most severe, at most 1,000.")


class MessageBody(Message):
    """What a subscriber is told: the JSON of webhooks and JSON lines, and what templates are written over."""

    schema_version: SchemaVersion = SCHEMA_VERSION
    id: str = Field(description="The webhook-id: the same on every attempt.")
    reason: ReasonName
    why: str = Field(description="The reason in words.")
    subscriber: str = Field(description="Who is told, by the name in the subscribers file.")
    planned_at: Time = Field(description="When it was decided that the subscriber be told, UTC.")
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
