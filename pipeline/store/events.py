"""Storing finished events and copies: idempotent, in any order.

A dispatch's row is written once. A redelivery changes nothing; a copy never replaces the row of what it copies, even where
the copy arrives first, as it may when the two travel through different topics.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from pipeline.messages import CANARY_PROVIDER, Event, Relation, deterministic_id
from pipeline.store import schema
from pipeline.store.growth import grow_stories
from pipeline.store.notices import write_notices
from pipeline.store.search_names import forget_names, write_names
from pipeline.store.stories import chunked
from pipeline.store.upsert import Row, insert_missing


def write_events(connection: Connection, events: Sequence[Event]) -> int:
    """Store events within the caller's transaction; return how many rows of dispatches are new.

    Raises ValueError for an event without a verdict.
    """
    if any(event.story is None for event in events):
        raise ValueError("an event without a story section cannot be stored")
    stored = [event for event in events if event.dispatch.provider != CANARY_PROVIDER]
    written = _write_dispatches(connection, stored)
    copied = _write_copies(connection, [event for event in stored if _relation(event) is Relation.DUPLICATE])
    _write_details(connection, written)
    withdrawn = write_notices(connection, written.events)
    grow_stories(connection, written.rows, copied, withdrawn | written.unsettled)
    return len(written.events)


@dataclass
class _Written:
    """What came of a batch."""

    events: list[Event]
    """Those whose rows were written."""
    numbers: dict[str, int]
    """The numbers of those rows, by the ids of the dispatches."""
    rows: list[Row]
    """Rows of dispatches that were not there before."""
    unsettled: set[str]
    """Stories in which a row was replaced."""


def _relation(event: Event) -> Relation:
    assert event.story is not None  # noqa: S101 - write_events has checked
    return event.story.relation


def _write_dispatches(connection: Connection, events: Sequence[Event]) -> _Written:
    by_id: dict[str, Event] = {}
    for event in events:
        identifier = str(event.dispatch.id)
        known = by_id.setdefault(identifier, event)
        if _relation(known) is Relation.DUPLICATE and _relation(event) is not Relation.DUPLICATE:
            by_id[identifier] = event
    table = schema.dispatches
    query = select(table.c.id, table.c.relation, table.c.story_id)
    present = {row.id: row for chunk in chunked(list(by_id)) for row in connection.execute(query.where(table.c.id.in_(chunk)))}
    replaced = [
        row for row in present.values() if row.relation == Relation.DUPLICATE and _relation(by_id[row.id]) is not Relation.DUPLICATE
    ]
    rewritten = [_dispatch_row(by_id[row.id]) for row in replaced]
    _replace(connection, rewritten)
    unsettled = {row.story_id for row in replaced} | {row["story_id"] for row in rewritten}
    fresh = {identifier: event for identifier, event in by_id.items() if identifier not in present}
    rows = [_dispatch_row(event) for event in fresh.values()]
    if insert_missing(connection, table, ["id"], rows) < len(rows):
        unsettled |= {row["story_id"] for row in rows}  # another sink has written one of them at the same moment
    numbers = _numbers(connection, [*fresh, *(row.id for row in replaced)])
    insert_missing(connection, schema.search_queue, ["dispatch_seq"], [{"dispatch_seq": numbers[each]} for each in fresh])
    return _Written([*fresh.values(), *(by_id[row.id] for row in replaced)], numbers, rows, unsettled)


def _replace(connection: Connection, rows: Sequence[Row]) -> None:
    """Replace rows of copies: they hold the same words and are not queued again, but names stand in the finished event only."""
    if not rows:
        return
    table = schema.dispatches
    query = select(table.c.id, table.c.seq, table.c.document).where(table.c.id.in_([row["id"] for row in rows]))
    found = connection.execute(query).all()
    forget_names(connection, {row.seq: json.loads(row.document) for row in found})
    connection.execute(delete(schema.entities).where(schema.entities.c.dispatch_seq.in_([row.seq for row in found])))
    changes: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0]}
    statement = update(table).where(table.c.id == bindparam("old_id")).values(changes)
    connection.execute(statement, [{"old_id": row["id"], **{f"new_{k}": v for k, v in row.items()}} for row in rows])
    documents = {row["id"]: json.loads(row["document"]) for row in rows}
    write_names(connection, {row.seq: documents[row.id] for row in found})


def _numbers(connection: Connection, identifiers: Sequence[str]) -> dict[str, int]:
    table = schema.dispatches
    query = select(table.c.id, table.c.seq)
    return {row.id: row.seq for chunk in chunked(identifiers) for row in connection.execute(query.where(table.c.id.in_(chunk)))}


def _dispatch_row(event: Event) -> Row:
    dispatch, story = event.dispatch, event.story
    assert story is not None  # noqa: S101 - write_events has checked
    return {
        "id": str(dispatch.id),
        "receipt": str(event.receipt),
        "story_id": str(story.id),
        "relation": story.relation.value,
        "of_id": str(story.of) if story.of else None,
        "current": story.current,
        "provider": dispatch.provider,
        "item_id": dispatch.item_id,
        "revision": dispatch.revision,
        "status": dispatch.status.value,
        "signal": dispatch.signal.value,
        "urgency": dispatch.urgency,
        "headline": dispatch.headline,
        "language": event.language.tag if event.language else dispatch.language,
        "severity": max((alert.severity for alert in event.alerts or ()), default=None),
        "published_at": dispatch.published_at,
        "received_at": dispatch.received_at,
        "embargoed_until": dispatch.embargoed_until,
        "processed_at": event.processed_at,
        "service": dispatch.service,
        "sequence": dispatch.sequence,
        "rights": dispatch.rights,
        "format": dispatch.format,
        "feed": dispatch.source.feed,
        "name": dispatch.source.name,
        "position": dispatch.source.position,
        "raw_sha256": dispatch.raw_sha256,
        "document": event.to_json().decode(),
    }


def _write_copies(connection: Connection, events: Sequence[Event]) -> set[str]:
    """Write rows and return the stories that they belong to."""
    rows = [
        {
            "receipt": str(event.receipt),
            "dispatch_id": str(event.dispatch.id),
            "of_id": str(event.story.of) if event.story.of else None,
            "story_id": str(event.story.id),
            "provider": event.dispatch.provider,
            "item_id": event.dispatch.item_id,
            "revision": event.dispatch.revision,
            "feed": event.dispatch.source.feed,
            "name": event.dispatch.source.name,
            "position": event.dispatch.source.position,
            "received_at": event.dispatch.received_at,
            "similarity": event.story.similarity,
            "reason": event.story.reason,
        }
        for event in events
        if event.story
    ]
    insert_missing(connection, schema.copies, ["receipt"], rows)
    return {str(row["story_id"]) for row in rows}


def _write_details(connection: Connection, written: _Written) -> None:
    entities = [row for event in written.events for row in _entity_rows(event, written.numbers[str(event.dispatch.id)])]
    insert_missing(connection, schema.entities, ["dispatch_seq", "ordinal"], entities)
    insert_missing(connection, schema.alerts, ["id"], [row for event in written.events for row in _alert_rows(event)])


def _entity_rows(event: Event, number: int) -> list[Row]:
    return [
        {
            "dispatch_seq": number,
            "ordinal": ordinal,
            "type": entity.type.value,
            "name": entity.name,
            "geonames": entity.ids.geonames,
            "iso3166": entity.ids.iso3166,
            "wikidata": entity.ids.wikidata,
            "country": entity.country,
            "salience": entity.salience,
            "confidence": entity.confidence,
            "mentions": len(entity.mentions),
        }
        for ordinal, entity in enumerate(event.entities or ())
    ]


def _alert_rows(event: Event) -> list[Row]:
    assert event.story is not None  # noqa: S101 - write_events has checked
    return [
        {
            "id": str(deterministic_id("alert", str(event.dispatch.id), alert.rule)),
            "dispatch_id": str(event.dispatch.id),
            "story_id": str(event.story.id),
            "rule": alert.rule,
            "rule_sha256": alert.rule_sha256,
            "severity": alert.severity,
            "kind": alert.kind.value,
            "title": alert.title,
            "unconfirmed": alert.unconfirmed,
            "matches": json.dumps([match.model_dump() for match in alert.matches], ensure_ascii=False),
            "received_at": event.dispatch.received_at,
        }
        for alert in event.alerts or ()
    ]
