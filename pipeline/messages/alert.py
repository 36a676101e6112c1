"""An event that matched a rule."""

from __future__ import annotations

from uuid import UUID

from pipeline.messages.event import Event
from pipeline.messages.identifiers import deterministic_id
from pipeline.messages.message import SCHEMA_VERSION, Message, Time
from pipeline.messages.rule_match import RuleMatch, Severity
from pipeline.messages.story import Story


class Alert(Message):
    """Value of ``wire.alerts``: an event that matched at least one rule, without its text."""

    schema_version: str = SCHEMA_VERSION
    id: UUID
    receipt: UUID
    dispatch_id: UUID
    provider: str
    headline: str | None
    language: str | None
    published_at: Time | None
    embargoed_until: Time | None
    story: Story
    severity: Severity
    rules: list[RuleMatch]

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
