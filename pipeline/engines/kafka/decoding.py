"""Records as the readers that end in the database take them: decoded, and what cannot be decoded as dead letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from pipeline.engines import measures as shared
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import Outgoing, Record, dead_letter, dead_letter_record, letter_about, raw_item
from pipeline.messages import DeadLetter, Event, RawItem
from pipeline.topology import DEAD_LETTERS, RAW, REPLAY


@dataclass
class Batch:
    """What was read at a time: decoded, each kind in the order of its topic's partitions."""

    events: list[Event] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    items: list[RawItem] = field(default_factory=list)


class Decoder:
    """Decodes what one reader reads; without ``takes_replays`` it passes over what was handed in again."""

    def __init__(self, reader: str, connection: Connection, *, takes_replays: bool) -> None:
        self._reader = reader
        self._takes_replays = takes_replays
        self._dead, self._raw = connection.topic(DEAD_LETTERS), connection.topic(RAW)

    def decode(self, records: Sequence[Record]) -> tuple[Batch, list[Outgoing]]:
        """Decode records; return also the dead letters about those that cannot be."""
        batch = Batch()
        poison: list[Outgoing] = []
        for record in records:
            try:
                if record.topic == self._dead:
                    batch.letters.append(dead_letter(record))
                    continue
                if record.topic == self._raw:
                    if record.header(REPLAY) is None:  # else its bytes were kept when they came
                        batch.items.append(raw_item(record))
                    continue
                if not self._takes_replays and record.header(REPLAY) is not None:
                    continue
                event = Event.model_validate_json(record.value)
                if event.story is None:
                    raise ValueError("the event has no story section")  # noqa: TRY301 # the same end as an undecodable one
                batch.events.append(event)
            except (ValidationError, ValueError) as error:
                letter = letter_about(record, self._reader, f"no Event: {str(error).splitlines()[0]}"[:500], "Undecodable")
                shared.DEAD_LETTERS.labels(self._reader, "Undecodable").inc()
                poison.append(dead_letter_record(letter, record))
        return batch, poison


def record_of(record: ConsumerRecord) -> Record:
    """Read a record of the client's, aiokafka's."""
    return Record(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp / 1000,
        record.key,
        record.value or b"",
        tuple(record.headers),
    )
