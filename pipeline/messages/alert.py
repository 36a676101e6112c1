"""An event that matched a rule."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from pipeline.messages.event import Event
from pipeline.messages.identifiers import deterministic_id
from pipeline.messages.message import SCHEMA_VERSION, Message, SchemaVersion, Time
from pipeline.messages.rule_match import RuleMatch, Severity
from pipeline.messages.story import Story


class Alert(Message):
    """Value of ``wire.alerts``: an event that matched at least one rule, without its text."""

    schema_version: SchemaVersion = SCHEMA_VERSION
    id: UUID = Field(description="Follows from the receipt: the same record handed out again has the same id.")
    receipt: UUID = Field(description="Receipt of the event.")
    dispatch_id: UUID = Field(description="Id of the event's dispatch.")
    provider: str = Field(description="Agency, by its profile's name.")
    headline: str | None = Field(description="Headline of the dispatch.")
    language: str | None = Field(description="Detected language, else the declared one, BCP-47.")
    published_at: Time | None = Field(description="When the agency issued the dispatch, UTC; null = not stated.")
    embargoed_until: Time | None = Field(description="Not for publication before, UTC; null = no time is set.")
    story: Story
    severity: Severity
    rules: list[RuleMatch] = Field(description="Rules that matched, most severe first.")

    @classmethod
    def of(cls, event: Event) -> Alert | None:
        """Summarise an event for ``wire.alerts``; None where no rule matched."""
        if not event.alerts or event.story is None:
            return None
        dispatch = event.dispatch
        return cls(
            id=deterministic_id("alert", str(event.receipt)),
            receipt=event.receipt,
            dispatch_id=dispatch.id,
            provider=dispatch.provider,
            headline=dispatch.headline,
            language=event.language.tag if event.language else dispatch.language,
            published_at=dispatch.published_at,
            embargoed_until=dispatch.embargoed_until,
            story=event.story,
            severity=max(match.severity for match in event.alerts),
            rules=event.alerts,
        )
