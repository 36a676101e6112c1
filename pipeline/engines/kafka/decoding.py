"""Records as the readers that end in the database take them: decoded, and what cannot be decoded as dead letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import Outgoing, Record, dead_letter, raw_item
from pipeline.engines.kafka.sending import Sending
from pipeline.messages import DeadLetter, Event, RawItem
from pipeline.topology import DEAD_LETTERS, RAW, REPLAY


@dataclass(frozen=True)
class Decoded:
    """A record and what it says."""

    record: Record
    message: Event | DeadLetter | RawItem


@dataclass
class Batch:
    """What was read at a time: each kind in the order of its topic's partitions."""

    events: list[Event] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    items: list[RawItem] = field(default_factory=list)

    @classmethod
    def of(cls, decoded: Iterable[Decoded]) -> Batch:
        """Part messages by their kinds."""
        batch = cls()
        for each in decoded:
            if isinstance(each.message, Event):
                batch.events.append(each.message)
            elif isinstance(each.message, DeadLetter):
                batch.letters.append(each.message)
            else:
                batch.items.append(each.message)
        return batch


class Decoder:
    """Decodes what one reader reads; without ``takes_replays`` it passes over what was handed in again."""

    def __init__(self, sending: Sending, connection: Connection, *, takes_replays: bool) -> None:
        self._sending = sending
        self._takes_replays = takes_replays
        self._dead, self._raw = connection.topic(DEAD_LETTERS), connection.topic(RAW)

    def decode(self, records: Sequence[Record]) -> tuple[list[Decoded], list[Outgoing]]:
        """Decode records; return also the dead letters about those that cannot be."""
        decoded: list[Decoded] = []
        poison: list[Outgoing] = []
        for record in records:
            try:
                message = self._message(record)
            except (ValidationError, ValueError) as error:
                reason = f"no Event: {str(error).splitlines()[0]}"[:500]
                poison.append(self._sending.dead_letter(record, reason, "Undecodable"))
            else:
                if message is not None:
                    decoded.append(Decoded(record, message))
        return decoded, poison

    def _message(self, record: Record) -> Event | DeadLetter | RawItem | None:
        """What a record says; None where this reader has no use for it."""
        if record.topic == self._dead:
            return dead_letter(record)
        if record.topic == self._raw:
            return raw_item(record) if record.header(REPLAY) is None else None  # else its bytes were kept when they came
        if not self._takes_replays and record.header(REPLAY) is not None:
            return None
        event = Event.model_validate_json(record.value)
        if event.story is None:
            raise ValueError("the event has no story section")
        return event


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
