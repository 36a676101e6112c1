"""What a message says: the JSON that webhooks receive and that every other channel words for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.messages import Event, Relation, RuleMatch, Status
from pipeline.notify.body import (
    AlertPart,
    AlertRule,
    DispatchPart,
    MatchInContext,
    RetractionPart,
    StoryPart,
    as_content,
)
from pipeline.notify.told import Told

_DISPATCH_FIELDS = tuple(name for name in DispatchPart.model_fields if name not in {"countries", "text_truncated"})
_TEXT = 4000
_CONTEXT = 60


def alert_content(event: Event, matches: Sequence[RuleMatch], told: Told | None, why: str) -> dict[str, Any]:
    """Describe an event that matched, and what the subscriber heard before."""
    # A copy has no matches of its own: what it confirms is what was told.
    copied = not matches and event.story is not None and event.story.relation is Relation.DUPLICATE
    return as_content(
        why=why,
        alert=remembered_part(told) if told is not None and copied else alert_part(event, matches),
        dispatch=dispatch_part(event),
        story=_story_part(event, told.history if told else ()),
    )


def remembered_part(told: Told) -> AlertPart:
    """List the rules of what was told, without places."""
    rules = [AlertRule.model_validate(rule) for rule in told.rules]
    first = max(rules, key=lambda rule: rule.severity, default=None)
    return AlertPart(severity=told.severity, kind=first.kind if first else None, title=first.title if first else None, rules=rules)


def alert_part(event: Event, matches: Sequence[RuleMatch]) -> AlertPart:
    """List the rules that matched, each match with the words around it."""
    fields = {"headline": event.dispatch.headline, "text": event.dispatch.text}
    return AlertPart(
        severity=max((match.severity for match in matches), default=0),
        kind=matches[0].kind if matches else None,
        title=matches[0].title if matches else None,
        rules=[
            AlertRule(
                rule=match.rule, title=match.title, severity=match.severity, kind=match.kind, tags=match.tags,
                unconfirmed=match.unconfirmed,
                matches=[
                    MatchInContext.of(place, _around(fields.get(place.field) or "", place.start, place.end))
                    for place in match.matches
                ],
            )
            for match in matches
        ],
    )  # fmt: skip


def dispatch_part(event: Event) -> DispatchPart:
    """Describe a dispatch without notes that are not for publication; a long text is cut."""
    fields = {name: getattr(event.dispatch, name) for name in _DISPATCH_FIELDS}
    long = len(event.dispatch.text) > _TEXT
    return DispatchPart(**{**fields, "text": event.dispatch.text[:_TEXT]}, countries=countries_of(event), text_truncated=long)


def _story_part(event: Event, history: Sequence[dict[str, Any]]) -> StoryPart:
    assert event.story is not None  # noqa: S101 - only events with a verdict are planned
    return StoryPart.model_validate({**event.story.model_dump(), "history": history})


def countries_of(event: Event) -> list[str]:
    """Countries of the tagged entities."""
    return sorted({entity.country for entity in event.entities or () if entity.country})


def retraction_content(event: Event, told: Told, standing: Sequence[str], why: str) -> dict[str, Any]:
    """Say who took what back, and which agencies still stand by the story."""
    story, dispatch = event.story, event.dispatch
    assert story is not None  # noqa: S101 - only events with a verdict are planned
    return as_content(
        why=why,
        alert=remembered_part(told),
        dispatch=dispatch_part(event),
        story=_story_part(event, told.history),
        retraction=RetractionPart(
            by=dispatch.provider,
            action="held" if dispatch.status is Status.WITHHELD else "withdrawn",
            item_id=dispatch.item_id,
            at=dispatch.received_at,
            standing=list(standing),
            story_withdrawn=story.withdrawn,
            reason=story.reason,
            headline=next((entry["headline"] for entry in reversed(told.history) if entry.get("headline")), None),
        ),
    )


def _around(text: str, start: int, end: int) -> str:
    left, right = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    return f"{'…' if left else ''}{text[left:right]}{'…' if right < len(text) else ''}".replace("\n", " ")
