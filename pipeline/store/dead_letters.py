"""Dead letters in the store: what could not be used, with its bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from pipeline.messages import DeadLetter
from pipeline.store import schema
from pipeline.store.upsert import insert_missing
from pipeline.topology import ERROR_PREFIX

#: Stage of an event that nobody could be told of: its notifier plans it again, no engine reads its bytes.
NOTIFIER = "notifier"
#: Stands in the position of a dead letter that was handed in again, behind the position of the reception that it came from.
REPLAY_MARK = "#dead-letter-"


def obstacle_of(letter: DeadLetter) -> str | None:
    """Why a dead letter cannot be replayed from the store, and what helps; None where it can."""
    if len(letter.payload) < letter.size:
        return f"only {len(letter.payload):,} of its {letter.size:,} bytes are kept; send the item again from its source"
    if any(name.startswith(ERROR_PREFIX) for name in letter.headers):
        return f"it came by the topic of dead letters; `wirefeed dead-letters replay {letter.id} --yes` hands it in again"
    return None


def write_dead_letters(connection: Connection, letters: Sequence[DeadLetter]) -> None:
    """Store dead letters; one that is there already stays as it is."""
    rows = [
        {
            **letter.model_dump(include={"stage", "reason", "error", "feed", "name", "position", "received_at", "size", "sha256"}),
            "id": str(letter.id),
            "payload": letter.payload,
            "headers": json.dumps(letter.headers),
            "attempt": letter.attempt,
            "state": "open",
        }
        for letter in letters
    ]
    insert_missing(connection, schema.dead_letters, ["id"], rows)


def read_dead_letters(
    connection: Connection, *, state: str = "open", of_notifier: bool | None = None, limit: int | None = None
) -> Iterator[DeadLetter]:
    """Yield dead letters, oldest first; with ``of_notifier`` only the notifier's, or all but those."""
    table = schema.dead_letters
    query = select(table).where(table.c.state == state).order_by(table.c.received_at, table.c.id).limit(limit)
    if of_notifier is not None:
        query = query.where(table.c.stage == NOTIFIER if of_notifier else table.c.stage != NOTIFIER)
    yield from (_letter(row) for row in connection.execute(query))


def read_dead_letter(connection: Connection, identifier: str) -> DeadLetter | None:
    """Read one dead letter by its id."""
    row = connection.execute(select(schema.dead_letters).where(schema.dead_letters.c.id == identifier)).first()
    return _letter(row) if row else None


def mark_replayed(connection: Connection, identifier: str) -> None:
    """Note that a dead letter has been handed in again."""
    table = schema.dead_letters
    connection.execute(update(table).where(table.c.id == identifier).values(state="replayed", attempt=table.c.attempt + 1))


def mark_open(connection: Connection, identifier: str, reason: str, error: str) -> None:
    """Note that a dead letter has been handed in again and could not be used again, and why."""
    table = schema.dead_letters
    changed = {"state": "open", "attempt": table.c.attempt + 1, "reason": reason, "error": error}
    connection.execute(update(table).where(table.c.id == identifier).values(**changed))


def _letter(row: Row[Any]) -> DeadLetter:
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    fields["headers"] = json.loads(fields["headers"])
    del fields["state"]
    return DeadLetter.model_validate(fields)
