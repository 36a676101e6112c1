"""Between Kafka records and messages: values, keys and headers.

Values are the JSON of the message. Headers follow CloudEvents' binary mode and carry ``traceparent`` and, where set,
``embargoed_until``. The value of a raw item or a dead letter is its bytes, untouched; what is known of them stands in headers.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from pipeline.messages import (
    Alert,
    DeadLetter,
    Event,
    ItemState,
    ParsedDispatch,
    Position,
    RawItem,
    Verdict,
    as_utc,
    deterministic_id,
    format_time,
)
from pipeline.messages.raw_item import DECLARED
from pipeline.topology import (
    ALERTS,
    DEAD_LETTERS,
    DISPATCHES,
    ERROR_PREFIX,
    ITEMS,
    OWN_PREFIX,
    POSITIONS,
    RAW,
    REPLAY,
    VERDICTS,
    Topic,
)

Headers = tuple[tuple[str, bytes], ...]

# More than any count of attempts has, and few enough for a column of the store.
_ATTEMPT_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was read. ``timestamp`` is in seconds since 1970."""

    topic: str
    partition: int
    offset: int
    timestamp: float
    key: bytes | None
    value: bytes
    headers: Headers

    def header(self, name: str) -> str | None:
        """Text of a header; None where it is absent."""
        for key, value in self.headers:
            if key == name:
                return (value or b"").decode("utf-8", "replace")
        return None

    @property
    def size(self) -> int:
        """Bytes of the value."""
        return len(self.value)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be sent."""

    topic: Topic
    key: bytes | None
    value: bytes
    headers: Headers
    caused_by: Record | None = None


def trace_of(record: Record | None) -> str:
    """``traceparent`` of what a record causes: its trace, a new span (https://www.w3.org/TR/trace-context/)."""
    parts = ((record.header("traceparent") if record else None) or "").split("-")
    trace = parts[1] if len(parts) == 4 and len(parts[1]) == 32 else os.urandom(16).hex()
    return f"00-{trace}-{os.urandom(8).hex()}-01"


def headers_for(identifier: object, kind: str, trace: str, embargoed_until: datetime | None = None) -> Headers:
    """CloudEvents' attributes of a message."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(identifier).encode()),
        ("ce_type", f"wirefeed.{kind}".encode()),
        ("ce_source", b"/wirefeed"),
        ("ce_time", format_time(datetime.now(UTC)).encode()),
        ("content-type", b"application/octet-stream" if kind in {"raw", "dead-letter"} else b"application/json"),
        ("traceparent", trace.encode()),
    ]
    if embargoed_until is not None:
        headers.append(("embargoed_until", format_time(embargoed_until).encode()))
    return tuple(headers)


def _headers_after(cause: Record, identifier: object, kind: str, embargoed_until: datetime | None = None) -> Headers:
    """Headers of what follows from a record."""
    carried = tuple(each for each in cause.headers if each[0] == REPLAY)
    return headers_for(identifier, kind, trace_of(cause), embargoed_until) + carried


def _text_headers(values: Iterable[tuple[str, str | None]]) -> Headers:
    return tuple((name, value.encode("utf-8", "backslashreplace")) for name, value in values if value is not None)


def raw_record(item: RawItem) -> Outgoing:
    """Send bytes as received; all items of a feed keep their order, because the feed is the key."""
    known = _text_headers(
        [
            ("feed", item.feed),
            ("name", item.name),
            ("position", item.position),
            ("received_at", format_time(item.received_at)),
            *item.declared.items(),
        ]
    )
    identifier = deterministic_id("raw", item.feed, item.position)
    return Outgoing(RAW, item.feed.encode(), item.payload, headers_for(identifier, "raw", trace_of(None)) + known)


def raw_item(record: Record) -> RawItem:
    """Read a record of ``wire.raw``; what a foreign producer left out is filled from the record's own place and time."""
    received = record.header("received_at")
    return RawItem(
        payload=record.value,
        feed=record.header("feed") or (record.key or b"").decode("utf-8", "replace") or record.topic,
        name=record.header("name") or f"{record.topic}/{record.partition}/{record.offset}",
        position=record.header("position") or f"{record.topic}/{record.partition}/{record.offset}",
        received_at=_time(received, record.timestamp),
        **{name: record.header(name) for name in DECLARED},
    )


def _time(text: str | None, otherwise: float) -> datetime:
    """Received time as a header tells it, else the record's; nothing was received later than now.

    Received time moves the deduplication window, and foreign producers give records what times they like.
    """
    now = datetime.now(UTC)
    try:
        return min(as_utc(datetime.fromisoformat(text or "")), now)
    except ValueError:
        return datetime.fromtimestamp(min(max(otherwise, 0.0), now.timestamp()), UTC)


def dispatch_record(parsed: ParsedDispatch, cause: Record) -> Outgoing:
    """Send a parsed dispatch to deduplication."""
    headers = _headers_after(cause, parsed.receipt, "dispatch", parsed.dispatch.embargoed_until)
    return Outgoing(DISPATCHES, None, parsed.to_json(), headers, cause)


def verdict_record(verdict: Verdict, cause: Record) -> Outgoing:
    """Log a verdict."""
    headers = headers_for(verdict.receipt, "verdict", trace_of(cause), verdict.embargoed_until)
    return Outgoing(VERDICTS, None, verdict.to_json(), headers, cause)


def item_record(state: ItemState, cause: Record) -> Outgoing:
    """Save an item's newest state; the key is all that compaction looks at."""
    key = f"{state.provider}\n{state.item_id}".encode("utf-8", "backslashreplace")
    return Outgoing(ITEMS, key, state.to_json(), headers_for(state.dispatch_id, "item", trace_of(cause)), cause)


def event_record(topic: Topic, event: Event, cause: Record) -> Outgoing:
    """Send an event on; the story is the key, so that its events keep their order."""
    headers = _headers_after(cause, event.receipt, "event", event.dispatch.embargoed_until)
    return Outgoing(topic, str(event.story.id).encode() if event.story else None, event.to_json(), headers, cause)


def alert_record(alert: Alert, cause: Record) -> Outgoing:
    """Announce an event that matched a rule."""
    headers = _headers_after(cause, alert.id, "alert", alert.embargoed_until)
    return Outgoing(ALERTS, str(alert.story.id).encode(), alert.to_json(), headers, cause)


def position_record(position: Position) -> Outgoing:
    """Save how far a feed has been read; units of a feed are compacted each for itself."""
    key = f"{position.feed}\n{position.unit}".encode("utf-8", "backslashreplace")
    headers = headers_for(deterministic_id("position", position.feed, position.unit), "position", trace_of(None))
    return Outgoing(POSITIONS, key, position.to_json(), headers)


def dead_letter_record(letter: DeadLetter, cause: Record | None) -> Outgoing:
    """Send bytes that could not be used: the value untouched, the original headers too, the reason in more headers."""
    errors = _text_headers(
        [
            (ERROR_PREFIX + "exception", letter.error),
            (ERROR_PREFIX + "message", letter.reason),
            (ERROR_PREFIX + "topic", cause.topic if cause else None),
            (ERROR_PREFIX + "partition", str(cause.partition) if cause else None),
            (ERROR_PREFIX + "offset", str(cause.offset) if cause else None),
            *((OWN_PREFIX + name, value) for name, value in _own_fields(letter)),
        ]
    )
    original = () if cause is None else tuple(each for each in cause.headers if not _is_ours(each[0]))
    trace = (("traceparent", trace_of(cause).encode()),) if cause is None or cause.header("traceparent") is None else ()
    return Outgoing(DEAD_LETTERS, cause.key if cause else None, letter.payload, original + trace + errors, cause)


def _is_ours(name: str) -> bool:
    return name.startswith((ERROR_PREFIX, OWN_PREFIX))


def _own_fields(letter: DeadLetter) -> list[tuple[str, str]]:
    return [
        ("id", str(letter.id)),
        ("stage", letter.stage),
        ("feed", letter.feed),
        ("name", letter.name),
        ("position", letter.position),
        ("received_at", format_time(letter.received_at)),
        ("size", str(letter.size)),
        ("sha256", letter.sha256),
        ("attempt", str(letter.attempt)),
    ]


def dead_letter(record: Record) -> DeadLetter:
    """Read a record of ``wire.dead-letters``; what has the headers of none is a dead letter about itself."""
    try:
        return _dead_letter(record)
    except ValueError as error:
        return letter_about(record, "unknown", f"no DeadLetter: {str(error).splitlines()[0]}"[:500], "Undecodable")


def _dead_letter(record: Record) -> DeadLetter:
    own = {name: record.header(OWN_PREFIX + name) for name in ("id", "stage", "feed", "name", "position", "sha256")}
    place = f"{record.partition}/{record.offset}"
    return DeadLetter(
        id=deterministic_id("dead-letter", record.topic, place) if own["id"] is None else own["id"],
        stage=own["stage"] or "unknown",
        reason=record.header(ERROR_PREFIX + "message") or "no reason given",
        error=record.header(ERROR_PREFIX + "exception") or "",
        feed=own["feed"] or record.topic,
        name=own["name"] or record.topic,
        position=own["position"] or place,
        received_at=_time(record.header(OWN_PREFIX + "received_at"), record.timestamp),
        size=int(record.header(OWN_PREFIX + "size") or record.size),
        sha256=own["sha256"] or sha256(record.value).hexdigest(),
        payload=record.value,
        headers={key: (value or b"").decode("utf-8", "replace") for key, value in record.headers if not key.startswith(OWN_PREFIX)},
        attempt=_attempt(record),
    )


def letter_about(record: Record, stage: str, reason: str, error: str, *, keep: int | None = None) -> DeadLetter:
    """Make a dead letter of a record that a stage could not use."""
    place = f"{record.partition}/{record.offset}"
    return DeadLetter(
        id=deterministic_id("dead-letter", record.topic, place, stage),
        stage=stage,
        reason=reason,
        error=error,
        feed=record.header("feed") or record.topic,
        name=record.header("name") or record.topic,
        position=record.header("position") or place,
        received_at=_time(record.header("received_at"), record.timestamp),
        size=record.size,
        sha256=sha256(record.value).hexdigest(),
        payload=record.value if keep is None else record.value[:keep],
        attempt=_attempt(record),
    )


def _attempt(record: Record) -> int:
    text = record.header(OWN_PREFIX + "attempt") or ""
    return int(text) if text.isdecimal() and len(text) < _ATTEMPT_DIGITS else 1
