"""What a message says: the JSON that webhooks receive and that every other channel words for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.messages import Event, RuleMatch, Status, format_time
from pipeline.notify.told import Told

_TEXT = 4000
_CONTEXT = 60


def alert_content(event: Event, matches: Sequence[RuleMatch], told: Told | None) -> dict[str, Any]:
    """Describe an event that matched, and what the subscriber heard before."""
    story = event.story
    assert story is not None  # noqa: S101 - only events with a verdict are planned
    return {
        "alert": alert_part(event, matches),
        "dispatch": dispatch_part(event),
        "story": {**story.model_dump(mode="json"), "history": list(told.history) if told else []},
    }


def alert_part(event: Event, matches: Sequence[RuleMatch]) -> dict[str, Any]:
    """List the rules that matched, each match with the words around it."""
    fields = {"headline": event.dispatch.headline or "", "text": event.dispatch.text}
    return {
        "severity": max((match.severity for match in matches), default=0),
        "kind": matches[0].kind.value if matches else None,
        "title": matches[0].title if matches else None,
        "rules": [
            {
                "rule": match.rule,
                "title": match.title,
                "severity": match.severity,
                "kind": match.kind.value,
                "tags": match.tags,
                "unconfirmed": match.unconfirmed,
                "matches": [
                    {**place.model_dump(), "context": _around(fields.get(place.field, ""), place.start, place.end)}
                    for place in match.matches
                ],
            }
            for match in matches
        ],
    }


def dispatch_part(event: Event) -> dict[str, Any]:
    """Describe a dispatch without notes that are not for publication; a long text is cut."""
    dispatch = event.dispatch.model_dump(mode="json", exclude={"notes", "signoff", "source", "raw_sha256", "links"})
    dispatch["countries"] = countries_of(event)
    dispatch["text_truncated"] = len(event.dispatch.text) > _TEXT
    dispatch["text"] = event.dispatch.text[:_TEXT]
    return dispatch


def countries_of(event: Event) -> list[str]:
    """Countries of the tagged entities."""
    return sorted({entity.country for entity in event.entities or () if entity.country})


def retraction_content(event: Event, told: Told, standing: Sequence[str]) -> dict[str, Any]:
    """Say who took what back, and which agencies still stand by the story."""
    story = event.story
    assert story is not None  # noqa: S101 - only events with a verdict are planned
    held = event.dispatch.status is Status.WITHHELD
    return {
        "alert": {"severity": told.severity, "kind": None, "title": None, "rules": [{"rule": rule} for rule in told.rules]},
        "dispatch": dispatch_part(event),
        "story": {**story.model_dump(mode="json"), "history": list(told.history)},
        "retraction": {
            "by": event.dispatch.provider,
            "action": "held" if held else "withdrawn",
            "item_id": event.dispatch.item_id,
            "at": format_time(event.dispatch.received_at),
            "standing": list(standing),
            "story_withdrawn": story.withdrawn,
            "reason": story.reason,
            "headline": next((entry["headline"] for entry in reversed(told.history) if entry.get("headline")), None),
        },
    }


def _around(text: str, start: int, end: int) -> str:
    left, right = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    return f"{'…' if left else ''}{text[left:right]}{'…' if right < len(text) else ''}".replace("\n", " ")
