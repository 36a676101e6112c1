"""Dead letters: list them, look at one, hand them in again; those of the topic and those of the store."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kafka import KafkaProducer
from sqlalchemy import update

from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import Headers, Record, dead_letter
from pipeline.messages import DeadLetter
from pipeline.operate.cluster import explained
from pipeline.operate.tail import read_topic
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.dead_letters import REPLAY_MARK, obstacle_of, read_dead_letters
from pipeline.topology import DEAD_LETTERS, ERROR_PREFIX, OWN_PREFIX, RAW


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


@dataclass(frozen=True)
class Replay:
    """What replaying one dead letter comes to; ``obstacle`` says why it cannot be, ``topic`` is None where the store keeps it."""

    letter: DeadLetter
    obstacle: str | None
    topic: str | None = None
    headers: Headers = ()

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


class Letters(Protocol):
    """A place that keeps dead letters."""

    place: str
    elsewhere: str
    """Where else a letter may be, and how to look there."""

    def find(self, wanted: Filter) -> Iterable[DeadLetter]:
        """Read those that are meant."""
        ...

    def plan_replay(self, wanted: Filter, max_attempts: int) -> list[Replay]:
        """Say what would be handed in."""
        ...

    def replay(self, replays: Sequence[Replay], per_second: float) -> int:
        """Hand in what has no obstacle; return how many that were."""
        ...


def _worn_out(letter: DeadLetter, max_attempts: int) -> str | None:
    return f"tried {letter.attempt} times; raise --max-attempts to try again" if letter.attempt >= max_attempts else None


class StoredLetters:
    """Dead letters of the store: those of `wirefeed run`, and events that nobody could be told of.

    On Kafka the sink adds those of the topic.
    """

    place = "the store"
    elsewhere = "without --stored and --store those of the topic are read; `wirefeed dead-letters list --stored` names these"

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, wanted: Filter) -> Iterator[DeadLetter]:
        """Yield those that are not replayed yet."""
        with self._store.reading() as connection:
            for state in ("open", "requested"):
                yield from filter(wanted.takes, read_dead_letters(connection, state=state))

    def plan_replay(self, wanted: Filter, max_attempts: int) -> list[Replay]:
        """Say which would be marked."""
        return [Replay(letter, obstacle_of(letter) or _worn_out(letter, max_attempts)) for letter in self.find(wanted)]

    def replay(self, replays: Sequence[Replay], _per_second: float) -> int:
        """Mark them: the engine or the notifier takes them up at its next turn."""
        marked = [str(each.letter.id) for each in replays if each.obstacle is None]
        table = schema.dead_letters
        with self._store.writing() as connection:
            for identifier in marked:
                connection.execute(update(table).where(table.c.id == identifier).values(state="requested"))
        return len(marked)


class TopicLetters:
    """Dead letters of the topic."""

    place = "the topic of dead letters"
    elsewhere = "`wirefeed dead-letters list` names them; with --stored those of `wirefeed run` and of the notifier"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, wanted: Filter) -> Iterator[DeadLetter]:
        """Yield each once: the newest attempt."""
        yield from (letter for letter, _ in self._records(wanted))

    def plan_replay(self, wanted: Filter, max_attempts: int) -> list[Replay]:
        """Say what would be handed in where."""
        return [self._replay(letter, record, max_attempts) for letter, record in self._records(wanted)]

    def replay(self, replays: Sequence[Replay], per_second: float) -> int:
        """Hand them in, at most so many a second."""
        connection, count = self._connection, 0
        with explained(connection):
            producer = KafkaProducer(
                **connection.options(),
                acks="all",
                enable_idempotence=True,
                max_request_size=connection.settings.max_message_bytes,
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

    def _records(self, wanted: Filter) -> Iterator[tuple[DeadLetter, Record]]:
        newest: dict[str, tuple[DeadLetter, Record]] = {}
        for record in read_topic(self._connection, DEAD_LETTERS):
            letter = dead_letter(record)
            known = newest.get(str(letter.id))
            if known is None or known[0].attempt <= letter.attempt:
                newest[str(letter.id)] = (letter, record)
        yield from (each for each in newest.values() if wanted.takes(each[0]))

    def _replay(self, letter: DeadLetter, record: Record, max_attempts: int) -> Replay:
        connection = self._connection
        topic = record.header(ERROR_PREFIX + "topic") or connection.topic(RAW)
        if letter.size != len(letter.payload):
            obstacle: str | None = f"only {len(letter.payload):,} of {letter.size:,} bytes are kept; ingest the item itself again"
        elif topic == connection.topic(DEAD_LETTERS):
            obstacle = "its own topic is that of dead letters"
        else:
            obstacle = _worn_out(letter, max_attempts)
        kept = [
            (key, value)
            for key, value in record.headers
            if not key.startswith((ERROR_PREFIX, OWN_PREFIX)) and key not in {"feed", "name", "position", "received_at"}
        ]
        # The position names the reception; a part of a file that is handed in alone must not take the receipt of the file's first.
        place = letter.position if REPLAY_MARK in letter.position else f"{letter.position}{REPLAY_MARK}{str(letter.id)[:8]}"
        own = [
            ("feed", letter.feed.encode()),
            ("name", letter.name.encode()),
            ("position", place.encode()),
            ("received_at", letter.received_at.isoformat().encode()),
            (OWN_PREFIX + "attempt", str(letter.attempt + 1).encode()),
        ]
        return Replay(letter, obstacle, topic, (*kept, *own))
