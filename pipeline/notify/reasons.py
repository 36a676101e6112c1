"""Why a subscriber hears of a story, or hears of it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.messages import Changes, Event, Relation, RuleMatch
from pipeline.notify.told import Told, item_key
from pipeline.store.standing import embargoed_without_date


@dataclass(frozen=True)
class Reason:
    """One of first, escalated, corrected, confirmed, released, with the cause that makes it unique."""

    name: str
    cause: str
    why: str


def reason_for(event: Event, matches: Sequence[RuleMatch], told: Told | None, confirmations: int) -> Reason | None:
    """Decide whether an event is worth a message; None = it adds nothing to what was told."""
    story, dispatch = event.story, event.dispatch
    assert story is not None  # noqa: S101 - only events with a verdict are planned
    cause, severity = str(dispatch.id), max((match.severity for match in matches), default=0)
    fresh = story.current and story.relation is not Relation.DUPLICATE
    if story.relation is Relation.WITHDRAWAL:
        return Reason("first", cause, "first report of this story") if matches and fresh and undated_embargo(event) else None
    if told is None or told.severity == 0:
        if not matches or not fresh:
            return None
        if told is not None and item_key(dispatch.provider, dispatch.item_id) in told.held:
            return Reason("released", cause, f"{dispatch.provider} has released what it held back")
        return Reason("first", cause, "first report of this story")
    if fresh and story.relation is Relation.CORRECTION and _touches(story.changes):
        gone = "" if matches else "; it no longer matches"
        return Reason("corrected", cause, f"{dispatch.provider} corrects what you were told{gone}")
    if fresh and severity > told.severity:
        return Reason("escalated", cause, f"severity rises from {told.severity} to {severity}")
    further = len(story.providers) - told.providers
    if confirmations and further >= confirmations and not story.withdrawn:
        new = ", ".join(story.providers[told.providers :])
        return Reason("confirmed", f"providers:{len(story.providers)}", f"also reported by {new}")
    return None


def undated_embargo(event: Event) -> bool:
    """Whether an item is under an embargo that names no time: withheld, though its agency does not hold it back as wrong."""
    return embargoed_without_date(event.dispatch.status, event.dispatch.signal)


def _touches(changes: Changes | None) -> bool:
    """Whether a correction changes anything that a reader would notice; unknown counts as yes."""
    if changes is None:
        return True
    return any(value for name, value in changes if isinstance(value, list))
