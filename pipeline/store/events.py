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
from pipeline.store.lookup import rows_among
from pipeline.store.notices import write_notices
from pipeline.store.numbers import announce_writing
from pipeline.store.search_names import forget_names, write_names
from pipeline.store.upsert import Row, insert_missing, insert_missing_columns, insert_numbered

_COPY = Relation.DUPLICATE


def write_events(connection: Connection, events: Sequence[Event]) -> int:
    """Store events within the caller's transaction; return how many rows of dispatches are new.

    Raises ValueError for an event without a verdict.
    """
    if any(event.story is None for event in events):
        raise ValueError("an event without a story section cannot be stored")
    stored = [event for event in events if event.dispatch.provider != CANARY_PROVIDER]
    written = _write_dispatches(connection, stored)
    copied = _write_copies(connection, [event for event in stored if _relation(event) is _COPY])
    _write_details(connection, written)
    withdrawn = write_notices(connection, list(written.events.values()))
    grow_stories(connection, written.rows, copied, withdrawn | written.unsettled)
    return len(written.events)


@dataclass
class _Written:
    """What came of a batch."""

    events: dict[str, Event]
    """Those whose rows were written, by the ids of their dispatches."""
    numbers: dict[str, int]
    """The numbers of those rows."""
    rows: list[Row]
    """Rows of dispatches that were not there before."""
    unsettled: set[str]
    """Stories in which a row was replaced."""
    alone: bool
    """Whether no other sink has written one of them at the same moment."""


def _relation(event: Event) -> Relation:
    assert event.story is not None  # noqa: S101 - write_events has checked
    return event.story.relation


def _write_dispatches(connection: Connection, events: Sequence[Event]) -> _Written:
    by_id: dict[str, Event] = {}
    for event in events:
        identifier = str(event.dispatch.id)
        known = by_id.get(identifier)
        if known is None or (_relation(known) is _COPY and _relation(event) is not _COPY):
            by_id[identifier] = event
    table = schema.dispatches
    query = select(table.c.id, table.c.seq, table.c.relation, table.c.story_id)
    present = {row.id: row for row in rows_among(connection, query, table.c.id, by_id)}
    replaced = [row for row in present.values() if row.relation == _COPY and _relation(by_id[row.id]) is not _COPY]
    rewritten = [_dispatch_row(row.id, by_id[row.id]) for row in replaced]
    _replace(connection, rewritten)
    unsettled = {row.story_id for row in replaced} | {row["story_id"] for row in rewritten}
    fresh = {identifier: event for identifier, event in by_id.items() if identifier not in present}
    rows = [_dispatch_row(identifier, event) for identifier, event in fresh.items()]
    announce_writing(connection)
    numbers = insert_numbered(connection, table, "id", rows)
    alone = len(numbers) == len(rows)
    if not alone:  # another sink has written one of them at the same moment
        unsettled |= {row["story_id"] for row in rows}
        numbers = _numbers(connection, list(fresh))
    queued = {"dispatch_seq": list(numbers.values())}
    insert_missing_columns(connection, schema.search_queue, ["dispatch_seq"], queued, known_new=alone)
    numbers |= {row.id: row.seq for row in replaced}
    return _Written(fresh | {row.id: by_id[row.id] for row in replaced}, numbers, rows, unsettled, alone)


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
    return {row.id: row.seq for row in rows_among(connection, query, table.c.id, identifiers)}


def _dispatch_row(identifier: str, event: Event) -> Row:
    dispatch, story = event.dispatch, event.story
    assert story is not None  # noqa: S101 - write_events has checked
    return {
        "id": identifier,
        "receipt": str(event.receipt),
        "story_id": str(story.id),
        "relation": story.relation._value_,
        "of_id": str(story.of) if story.of else None,
        "current": story.current,
        "provider": dispatch.provider,
        "item_id": dispatch.item_id,
        "revision": dispatch.revision,
        "status": dispatch.status._value_,
        "signal": dispatch.signal._value_,
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
    entities = [
        (written.numbers[identifier], ordinal, entity)
        for identifier, event in written.events.items()
        for ordinal, entity in enumerate(event.entities or ())
    ]
    insert_missing_columns(
        connection,
        schema.entities,
        ["dispatch_seq", "ordinal"],
        {
            "dispatch_seq": [number for number, _, _ in entities],
            "ordinal": [ordinal for _, ordinal, _ in entities],
            "type": [entity.type._value_ for _, _, entity in entities],
            "name": [entity.name for _, _, entity in entities],
            "geonames": [entity.ids.geonames for _, _, entity in entities],
            "iso3166": [entity.ids.iso3166 for _, _, entity in entities],
            "wikidata": [entity.ids.wikidata for _, _, entity in entities],
            "country": [entity.country for _, _, entity in entities],
            "salience": [entity.salience for _, _, entity in entities],
            "confidence": [entity.confidence for _, _, entity in entities],
            "mentions": [len(entity.mentions) for _, _, entity in entities],
        },
        known_new=written.alone,
    )
    alerts = [row for identifier, event in written.events.items() if event.alerts for row in _alert_rows(identifier, event)]
    insert_missing(connection, schema.alerts, ["id"], alerts)


def _alert_rows(identifier: str, event: Event) -> list[Row]:
    assert event.story is not None  # noqa: S101 - write_events has checked
    return [
        {
            "id": str(deterministic_id("alert", identifier, alert.rule)),
            "dispatch_id": identifier,
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
