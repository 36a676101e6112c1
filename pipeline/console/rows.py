"""What the API answers with, beside the messages themselves."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from pipeline.messages import Event, Time
from pipeline.store.standing import Standing


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


class Mark(BaseModel):
    """What must be known before a dispatch is used."""

    kind: Literal["notice", "withdrawn", "held", "corrected", "correction", "embargo", "doubted"]
    text: str


class DispatchRow(BaseModel):
    """A dispatch without its text."""

    seq: int = Field(description="Order of storing; the cursor of pages and streams.")
    id: str
    story_id: str
    relation: str
    current: bool
    provider: str
    headline: str | None
    language: str | None
    severity: int | None
    status: str
    signal: str
    published_at: Time | None
    received_at: Time
    embargoed_until: Time | None
    standing: Standing = Field(description="What has become of it since: stands, doubted, corrected, held or withdrawn.")
    marks: list[Mark] = Field(description="The same in words, with notices and embargoes.")
    highlights: list[tuple[int, int]] = Field(
        description="Code points of the headline that a rule matched or the search asked for."
    )


class DispatchPage(BaseModel):
    """Dispatches, newest first; ``next`` is the cursor of the page after."""

    items: list[DispatchRow]
    next: int | None


class StoryRow(BaseModel):
    """A story's summary, of the dispatches that the caller may see."""

    id: str
    headline: str | None
    language: str | None
    status: str
    severity: int | None
    dispatches: int
    copies: int
    providers: list[str]
    first_received_at: Time
    last_received_at: Time
    marks: list[Mark] = Field(description="Withdrawn as a whole; holds something under embargo.")


class StoryPage(BaseModel):
    """Stories, the most recently told first."""

    items: list[StoryRow]
    next: str | None


class NotificationRow(BaseModel):
    """Where one message to one subscriber stands."""

    subscriber: str
    channel: str
    reason: str
    state: str
    detail: str | None
    severity: int | None
    dispatch_id: str | None
    updated_at: Time


class Acknowledgement(BaseModel):
    """Somebody deals with a story."""

    story_id: str
    author: str
    severity: int
    at: Time


class StoryDetail(BaseModel):
    """A story: its dispatches in the order in which they came, who was told, and who deals with it."""

    id: str
    events: list[Event]
    standings: dict[str, Standing] = Field(description="What has become of each dispatch since, by id; absent = it stands.")
    notifications: list[NotificationRow]
    acknowledgement: Acknowledgement | None


class AlertRow(BaseModel):
    """A rule that matched a dispatch."""

    id: str
    dispatch_id: str
    story_id: str
    provider: str
    headline: str | None
    rule: str
    severity: int
    kind: str
    title: str
    unconfirmed: bool
    matches: list[dict[str, Any]]
    language: str | None
    relation: str
    status: str
    signal: str
    received_at: Time
    embargoed_until: Time | None
    standing: Standing = Field(description="What has become of the dispatch since: stands, doubted, corrected, held or withdrawn.")
    marks: list[Mark] = Field(description="The same in words, with notices and embargoes.")
    acknowledged_by: str | None = Field(description="Who deals with the story; null again where it has become more severe since.")


class AlertPage(BaseModel):
    """Alerts, newest first."""

    items: list[AlertRow]
    next: str | None


class SilenceRow(BaseModel):
    """While it holds, alerts that fit every condition given wait; retractions do not."""

    id: str
    subscriber: str | None
    story_id: str | None
    rule: str | None
    provider: str | None
    country: str | None
    author: str
    reason: str
    starts_at: Time
    ends_at: Time


class NewSilence(BaseModel):
    """What to silence, and until when; at least one condition."""

    hours: float = Field(gt=0, le=168, description="How long it holds.")
    reason: str = Field(min_length=1, max_length=500)
    subscriber: str | None = Field(default=None, max_length=200)
    story_id: str | None = Field(default=None, max_length=36)
    rule: str | None = Field(default=None, max_length=200)
    provider: str | None = Field(default=None, max_length=100)
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")


class DeadLetterRow(BaseModel):
    """A dead letter without its bytes."""

    id: str
    stage: str
    reason: str
    feed: str
    name: str
    received_at: Time
    size: int
    state: str
    attempt: int


class DeadLetterPage(BaseModel):
    """Dead letters, newest first."""

    items: list[DeadLetterRow]
    next: str | None


class FeedRow(BaseModel):
    """How a feed has flowed during the last day before the newest dispatch of all."""

    feed: str
    dispatches: int
    an_hour: float = Field(description="Dispatches an hour while it flowed.")
    by_hour: list[int] = Field(description="Dispatches in each of the 24 hours, oldest first.")
    longest_gap_minutes: float
    last_received_at: Time
    silent_minutes: float = Field(description="Since its last dispatch; whether that is unusual is said of each service.")


class GapRow(BaseModel):
    """Numbers that are missing in a service."""

    numbers: str = Field(description="The hole as the agency numbers it.")
    missing: int
    noticed_at: Time
    reported_at: Time | None = Field(description="When operators were told; null while there is grace.")


class ServiceRow(BaseModel):
    """Whether a service of an agency is complete."""

    provider: str
    service: str = Field(description="Empty where the agency names none.")
    last_received_at: Time
    last_sequence: str | None = Field(description="Highest number so far.")
    numbered: bool = Field(description="Whether its numbers are consecutive, so that a hole is a loss.")
    silent_since: Time | None = Field(description="Last item before an unusual silence that lasts.")
    missing: int
    gaps: list[GapRow] = Field(description="Open holes, the oldest first.")


class VolumeRow(BaseModel):
    """Dispatches of one hour in one language."""

    hour: Time
    language: str
    dispatches: int


class SeverityRow(BaseModel):
    """Dispatches with alerts of one hour, by their highest severity."""

    hour: Time
    severity: int
    dispatches: int


class RuleRow(BaseModel):
    """A rule in force, and how often it has matched."""

    id: str
    title: str
    severity: int
    kind: str
    status: str
    languages: list[str]
    alerts: int = Field(description="Within the last seven days before the newest alert.")


class ActRow(BaseModel):
    """A write: who did what to what."""

    seq: int
    at: Time
    actor: str
    address: str
    act: str
    subject: str
    detail: str


class ActPage(BaseModel):
    """Writes, newest first."""

    items: list[ActRow]
    next: int | None
