"""Silences and acknowledgements: what a person does about alerts, with author, reason and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, bindparam, or_, select, update

from pipeline.notify.audit import record_act
from pipeline.notify.outbox import HeldFor, State
from pipeline.store import outbox_schema as schema

_ALL = select(schema.silences).order_by(schema.silences.c.starts_at)
_LASTING = _ALL.where(schema.silences.c.ends_at > bindparam("now", type_=schema.silences.c.ends_at.type))


@dataclass(frozen=True)
class Silence:
    """While it holds, alerts that fit every condition given wait; retractions do not."""

    id: str
    author: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    subscriber: str | None = None
    story_id: str | None = None
    rule: str | None = None
    provider: str | None = None
    country: str | None = None

    def covers(
        self,
        *,
        subscriber: str,
        story_id: str | None,
        rules: Sequence[tuple[str, str]],
        provider: str | None,
        countries: Sequence[str],
    ) -> bool:
        """Whether it holds for a message; ``rules`` are ids and titles, and a rule must be the only one that matched."""
        return (
            self.subscriber in (None, subscriber)
            and self.story_id in (None, story_id)
            and self.provider in (None, provider)
            and (self.country is None or self.country in countries)
            and (self.rule is None or (bool(rules) and all(self.rule in rule for rule in rules)))
        )


def add_silence(connection: Connection, silence: Silence, now: datetime) -> None:
    """Store a silence."""
    row = {name: getattr(silence, name) for name in silence.__dataclass_fields__}
    connection.execute(schema.silences.insert(), [{**row, "created_at": now}])
    until = f"silence {silence.id} until {silence.ends_at:%Y-%m-%d %H:%M} UTC: {silence.reason}"
    record_act(connection, now, silence.author, "silenced", until, subscriber=silence.subscriber or "", story_id=silence.story_id)


def new_silence_id() -> str:
    """Name a new silence."""
    return str(uuid4())


def read_silences(connection: Connection, now: datetime, *, past: bool = False) -> list[Silence]:
    """Read the silences that hold or will hold, or all of them."""
    names = Silence.__dataclass_fields__
    rows = connection.execute(_ALL) if past else connection.execute(_LASTING, {"now": now})
    return [Silence(**{name: getattr(row, name) for name in names}) for row in rows]


def expire_silence(connection: Connection, identifier: str, author: str, now: datetime) -> bool:
    """End a silence; what it held is decided anew. False where no such silence holds."""
    table = schema.silences
    ended = connection.execute(update(table).where(table.c.id == identifier, table.c.ends_at > now).values(ends_at=now))
    if not ended.rowcount:
        return False
    held = schema.outbox
    waiting = (held.c.state == State.HELD.value, held.c.held_for == HeldFor.SILENCE.value)
    connection.execute(update(held).where(*waiting).values(due_at=now, updated_at=now))
    record_act(connection, now, author, "expired", f"silence {identifier} ended")
    return True


def acknowledge(connection: Connection, story: str, author: str, now: datetime, *, subscriber: str | None = None) -> list[str]:
    """Note that somebody deals with a story: reminders end. Return the subscribers for whom it was open.

    ``story`` is the id of a story or of a message.
    """
    table, sent = schema.told, schema.outbox
    story_id = connection.execute(select(sent.c.story_id).where(sent.c.key == story)).scalar() or story
    chosen = [table.c.story_id == story_id, or_(table.c.acknowledged_at.is_(None), table.c.remind_at.is_not(None))]
    if subscriber is not None:
        chosen.append(table.c.subscriber == subscriber)
    names = list(connection.execute(select(table.c.subscriber).where(*chosen).with_for_update()).scalars())
    if names:
        values = {"acknowledged_at": now, "acknowledged_by": author, "remind_at": None, "updated_at": now}
        connection.execute(update(table).where(*chosen).values(**values))
        for name in names:
            record_act(connection, now, author, "acknowledged", f"acknowledged by {author}", subscriber=name, story_id=story_id)
    return names
