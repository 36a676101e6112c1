"""Kafka records carry messages there and back."""

from datetime import UTC, datetime

import pytest
import yaml

from pipeline.engines.kafka.records import (
    Outgoing,
    Record,
    alert_record,
    dead_letter,
    dead_letter_record,
    event_record,
    letter_about,
    position_record,
    raw_item,
    raw_record,
    trace_of,
)
from pipeline.messages import Alert, Position, RawItem
from pipeline.operate.asyncapi import asyncapi_document
from pipeline.topology import ENRICHED, REPLAY
from tests.samples import new_dispatch, new_event, new_match, new_story

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(outgoing: Outgoing) -> Record:
    """Take what was sent for what is read."""
    return Record("wire.x", 2, 7, _NOW.timestamp(), outgoing.key, outgoing.value, outgoing.headers)


def item(**fields: object) -> RawItem:
    known = {"payload": b"\x00\xff bytes", "feed": "täglich", "name": "a b.xml", "position": "a b.xml#1", "received_at": _NOW}
    return RawItem.model_validate({**known, **fields})


def test_a_raw_item_survives_the_way_over_kafka():
    """Bytes in the value, everything else in headers, the feed as the key."""
    sent = item(declared_format="nitf", declared_language="de")
    assert raw_item(read(raw_record(sent))) == sent
    assert raw_record(sent).key == "täglich".encode()


def test_a_foreign_record_is_read_from_its_place():
    """A producer that sets no headers gets a receipt from topic, partition and offset, and the record's time."""
    found = raw_item(Record("wire.raw", 1, 5, _NOW.timestamp(), None, b"x", ()))
    assert (found.feed, found.position, found.received_at) == ("wire.raw", "wire.raw/1/5", _NOW)


@pytest.mark.parametrize(
    ("headers", "timestamp"),
    [
        ([("received_at", b"0001-01-01T00:00:00+01:00")], 0.0),
        ([("received_at", b"9999-12-31T23:59:59-05:00")], 0.0),
        ([("received_at", b"2026-03-01T12:00:00")], 0.0),
        ([("wirefeed_attempt", "²".encode())], 0.0),
        ([("wirefeed_attempt", b"9" * 5000)], 0.0),
        ([], 1.7e12),
        ([], -0.001),
    ],
    ids=["before the calendar", "after the calendar", "no zone", "no number", "long number", "microseconds", "no time"],
)
def test_no_header_and_no_time_of_a_foreign_record_stops_a_stage(headers, timestamp):
    """Such a record is read, or becomes a dead letter; its received time lies in no future, which would move the window there."""
    record = Record("wire.raw", 1, 5, timestamp, None, b"x", tuple(headers))
    letter = letter_about(record, "parse", "why", "ParseError")
    for found in (raw_item(record), letter, dead_letter(read(dead_letter_record(letter, record)))):
        assert found.received_at <= datetime.now(UTC)
    assert letter.attempt == 1


def test_a_dead_letter_keeps_bytes_and_headers_and_says_why():
    """The value is untouched, the original headers stay, the reason is where KIP-1034 puts it."""
    cause = read(raw_record(item()))
    letter = letter_about(cause, "parse", "no wire format claims these bytes", "ParseError")
    record = read(dead_letter_record(letter, cause))
    assert record.value == cause.value
    assert set(cause.headers) <= set(record.headers)
    assert record.header("__streams.errors.message") == "no wire format claims these bytes"
    assert record.header("__streams.errors.offset") == "7"
    found = dead_letter(record)
    assert found.model_copy(update={"headers": {}}) == letter


@pytest.mark.parametrize("header", [("wirefeed_id", b"none"), ("wirefeed_size", b"-"), ("wirefeed_size", b"9" * 5000)])
def test_a_foreign_record_among_dead_letters_is_one_itself(header):
    """One record that anybody may write hides no other from `wirefeed dead-letters list`."""
    found = dead_letter(Record("wire.dead-letters", 1, 5, _NOW.timestamp(), None, b"x", (header,)))
    assert (found.payload, found.error, found.position) == (b"x", "Undecodable", "1/5")


def test_a_dead_letter_of_a_dead_letter_does_not_grow():
    """Reasons replace each other when a record fails again."""
    cause = read(raw_record(item()))
    once = read(dead_letter_record(letter_about(cause, "parse", "first", "A"), cause))
    twice = dead_letter_record(letter_about(once, "parse", "second", "B"), once)
    assert [value for key, value in twice.headers if key == "__streams.errors.message"] == [b"second"]


def test_a_trace_goes_on_with_a_new_span():
    """What a record causes belongs to its trace."""
    cause = read(raw_record(item()))
    before, after = (cause.header("traceparent") or "").split("-"), trace_of(cause).split("-")
    assert before[1] == after[1] and before[2] != after[2]
    assert len(trace_of(None)) == 55


def test_units_of_a_feed_are_compacted_each_for_itself():
    """The key of a position names feed and unit."""
    keys = {position_record(Position(feed="f", unit=unit, position="p", updated_at=_NOW)).key for unit in ("a.xml", "b.xml")}
    assert len(keys) == 2


def test_the_contract_names_every_header_that_is_written():
    """Consumers find in the AsyncAPI document what records carry, a replay's mark and a dead letter's reasons included."""
    raw = read(raw_record(item(declared_format="nitf", declared_provider="afp", declared_language="de")))
    replayed = Record("wire.x", 0, 1, _NOW.timestamp(), None, b"", (*raw.headers, (REPLAY, b"again")))
    event = new_event(new_dispatch(embargoed_until=_NOW), new_story(), alerts=[new_match()])
    letter = letter_about(raw, "parse", "no wire format claims these bytes", "ParseError")
    written = {
        "raw-item": raw_record(item(declared_format="nitf")),
        "event": event_record(ENRICHED, event, replayed),
        "alert": alert_record(Alert.of(event), replayed),
        "position": position_record(Position(feed="a", position="1", updated_at=_NOW)),
        "dead-letter": dead_letter_record(letter, None),
    }
    messages = yaml.safe_load(asyncapi_document())["components"]["messages"]
    for kind, outgoing in written.items():
        headers = messages[kind]["headers"]
        names = {name for name, _ in outgoing.headers}
        assert names - {"traceparent"} <= set(headers["properties"]), kind
        assert set(headers.get("required", ())) <= names, kind
    assert REPLAY in {name for name, _ in written["alert"].headers}
