"""Dead letters on the cluster: list them, look at one, hand them in again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer

from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import ERROR_PREFIX, OWN_PREFIX, Headers, Record, dead_letter
from pipeline.messages import DeadLetter
from pipeline.operate.cluster import explained
from pipeline.operate.tail import read_topic
from pipeline.topology import DEAD_LETTERS, RAW


@dataclass(frozen=True)
class Filter:
    """Which dead letters are meant; what is None does not matter. ``reason`` is a part of it, in any case."""

    identifier: str | None = None
    stage: str | None = None
    reason: str | None = None
    error: str | None = None

    def takes(self, letter: DeadLetter) -> bool:
        """Whether a letter is meant."""
        return (
            (self.identifier is None or str(letter.id) == self.identifier)
            and (self.stage is None or letter.stage == self.stage)
            and (self.error is None or letter.error == self.error)
            and (self.reason is None or self.reason.casefold() in letter.reason.casefold())
        )


def find(connection: Connection, wanted: Filter) -> Iterator[tuple[DeadLetter, Record]]:
    """Yield the dead letters that the topic holds, each once: the newest attempt."""
    newest: dict[str, tuple[DeadLetter, Record]] = {}
    for record in read_topic(connection, DEAD_LETTERS):
        letter = dead_letter(record)
        known = newest.get(str(letter.id))
        if known is None or known[0].attempt <= letter.attempt:
            newest[str(letter.id)] = (letter, record)
    yield from (each for each in newest.values() if wanted.takes(each[0]))


@dataclass(frozen=True)
class Replay:
    """What replaying one dead letter comes to; ``obstacle`` says why it cannot be."""

    letter: DeadLetter
    topic: str
    headers: Headers
    obstacle: str | None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "id": str(self.letter.id),
            "stage": self.letter.stage,
            "reason": self.letter.reason,
            "name": self.letter.name,
            "attempt": self.letter.attempt,
            "topic": self.topic,
            "obstacle": self.obstacle,
        }


def plan_replay(connection: Connection, wanted: Filter, max_attempts: int) -> list[Replay]:
    """Say what would be handed in where."""
    return [_replay(connection, letter, record, max_attempts) for letter, record in find(connection, wanted)]


def replay(connection: Connection, replays: list[Replay], per_second: float) -> int:
    """Hand in what has no obstacle, at most so many a second; return how many that were."""
    count = 0
    with explained(connection):
        producer = KafkaProducer(
            **connection.options(), acks="all", enable_idempotence=True, max_request_size=connection.settings.max_message_bytes
        )
        try:
            for each in replays:
                if each.obstacle is not None:
                    continue
                key = each.letter.feed.encode() if each.topic == connection.topic(RAW) else None
                producer.send(each.topic, value=each.letter.payload, key=key, headers=list(each.headers)).get(timeout=60)
                count += 1
                time.sleep(1 / per_second)
        finally:
            producer.close(timeout=5)
    return count


def _replay(connection: Connection, letter: DeadLetter, record: Record, max_attempts: int) -> Replay:
    topic = record.header(ERROR_PREFIX + "topic") or connection.topic(RAW)
    obstacle = None
    if letter.size != len(letter.payload):
        obstacle = f"only {len(letter.payload):,} of {letter.size:,} bytes are kept; ingest the item itself again"
    elif letter.attempt >= max_attempts:
        obstacle = f"tried {letter.attempt} times; raise --max-attempts to try again"
    elif topic == connection.topic(DEAD_LETTERS):
        obstacle = "its own topic is that of dead letters"
    kept = [
        (key, value)
        for key, value in record.headers
        if not key.startswith((ERROR_PREFIX, OWN_PREFIX)) and key not in {"feed", "name", "position", "received_at"}
    ]
    # The position names the reception; a part of a file that is handed in alone must not take the receipt of the file's first item.
    place = letter.position if "#dead-letter-" in letter.position else f"{letter.position}#dead-letter-{str(letter.id)[:8]}"
    own = [
        ("feed", letter.feed.encode()),
        ("name", letter.name.encode()),
        ("position", place.encode()),
        ("received_at", letter.received_at.isoformat().encode()),
        (OWN_PREFIX + "attempt", str(letter.attempt + 1).encode()),
    ]
    return Replay(letter, topic, (*kept, *own), obstacle)
