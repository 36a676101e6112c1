"""A story as its page shows it: versions beside those that they follow, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pipeline.console.difference import Piece, difference, highlighted
from pipeline.console.marks import Marked, Notice, withdrawal_mark
from pipeline.console.rows import Mark, StoryDetail
from pipeline.messages import Event, Relation, Status
from pipeline.store.standing import GONE, Standing

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def versions_of(story: StoryDetail, now: datetime) -> dict[str, Any]:
    """Lay a story out for its page: headline, marks of the whole, agencies and versions."""
    events = in_order(story.events)
    standing = [story.standings.get(str(event.dispatch.id), Standing.STANDS) for event in events]
    versions = _versions(events)
    for version, how in zip(versions, standing, strict=True):
        version["marks"] = _marks(version["event"], how, now)
    return {
        "headline": _headline(events, standing),
        "marks": _of_the_whole(events, standing),
        "agencies": list(dict.fromkeys(event.dispatch.provider for event in events)),
        "versions": versions[::-1],
    }


def in_order(events: Sequence[Event]) -> list[Event]:
    """Put each dispatch behind the one that it follows, else in the order of reception.

    Files of a folder may have any time, so a kill can seem to be older than what it kills.
    """
    by_id = {str(event.dispatch.id): event for event in events}
    place: dict[str, tuple[datetime, int]] = {}
    for event in events:
        chain: list[Event] = []
        at: Event | None = event
        while at is not None and str(at.dispatch.id) not in place and len(chain) <= len(events):
            chain.append(at)
            at = by_id.get(str(at.story.of)) if at.story and at.story.of else None
        moment, depth = place[str(at.dispatch.id)] if at is not None and str(at.dispatch.id) in place else (_LONG_AGO, -1)
        for each in reversed(chain):
            moment, depth = max(moment, each.dispatch.received_at), depth + 1
            place.setdefault(str(each.dispatch.id), (moment, depth))
    return sorted(events, key=lambda event: place[str(event.dispatch.id)])


def _headline(events: list[Event], standing: list[Standing]) -> str:
    """The newest headline that stands; where none does, the newest of a report, and only then that of a notice."""
    titled = [(event, how) for event, how in zip(events, standing, strict=True) if event.dispatch.headline]
    usable = [event for event, _ in titled if event.dispatch.status is Status.USABLE and event.story and event.story.current]
    standing_ones = [event for event, how in titled if how not in GONE and event in usable]
    for found in (standing_ones, usable, [event for event, _ in titled]):
        if found:
            return str(found[-1].dispatch.headline)
    return "(no headline)"


def _of_the_whole(events: list[Event], standing: list[Standing]) -> list[Mark]:
    if not all(how in GONE for how in standing):
        return []
    notices = [
        Notice(event.dispatch.provider, event.dispatch.status, event.dispatch.signal)
        for event in events
        if event.story and event.story.relation is Relation.WITHDRAWAL
    ]
    return [withdrawal_mark(notices, list(dict.fromkeys(event.dispatch.provider for event in events)))]


def _versions(events: list[Event]) -> list[dict[str, Any]]:
    """Lay each dispatch beside the one it follows: its verdict's, else the item's previous revision."""
    by_id = {str(event.dispatch.id): event for event in events}
    newest: dict[tuple[str, str], Event] = {}
    versions = []
    for event in events:
        item = event.dispatch.provider, event.dispatch.item_id
        before = by_id.get(str(event.story.of)) if event.story and event.story.of else newest.get(item)
        tag = event.language.tag if event.language else event.dispatch.language or "und"
        shown = {"before": before, "changes": _changes(before, event), "marked": _matched(event), "facts": _facts(event)}
        versions.append({"event": event, "language": tag, **shown})
        newest[item] = event
    return versions


def _changes(before: Event | None, after: Event) -> dict[str, list[Piece] | None]:
    if before is None or before is after or (after.story and after.story.relation is Relation.WITHDRAWAL):
        return {}
    pairs = {
        "headline": (before.dispatch.headline or "", after.dispatch.headline or ""),
        "text": (before.dispatch.text, after.dispatch.text),
    }
    return {name: difference(old, new) for name, (old, new) in pairs.items() if old != new}


def _matched(event: Event) -> dict[str, list[tuple[bool, str]]]:
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for alert in event.alerts or []:
        for match in alert.matches:
            spans[match.field].append((match.start, match.end))
    dispatch = event.dispatch
    headline = dispatch.headline or "(no headline)"
    return {"headline": highlighted(headline, spans["headline"]), "text": highlighted(dispatch.text, spans["text"])}


def _facts(event: Event) -> list[tuple[str, str]]:
    dispatch = event.dispatch
    published = f"{dispatch.published_at:%d %b %Y %H:%M} UTC" if dispatch.published_at else None
    facts = {
        "Published": published,
        "Urgency": f"{dispatch.urgency}" if dispatch.urgency else None,
        "Dateline": dispatch.dateline,
        "Byline": dispatch.byline,
        "Slugline": dispatch.slugline,
        "Notes, not for publication": dispatch.notes,
        "Rights": dispatch.rights,
        "Item": f"{dispatch.item_id}, revision {dispatch.revision or 'not stated'}",
        "Number": " ".join(part for part in (dispatch.service, dispatch.sequence) if part),
        "Came by": f"{dispatch.source.feed}, {dispatch.source.name} ({dispatch.format})",
        "Dispatch": str(dispatch.id),
    }
    return [(name, value) for name, value in facts.items() if value]


def _marks(event: Event, standing: Standing, now: datetime) -> list[Mark]:
    dispatch, relation = event.dispatch, event.story.relation.value if event.story else ""
    return Marked(relation, dispatch.status.value, dispatch.signal.value, dispatch.embargoed_until).marks(standing, now)
