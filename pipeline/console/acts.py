"""What people do: acknowledge, silence, ask for a replay. Each act and its audit commit together."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from pipeline.console.rows import Acknowledgement, ActPage, ActRow, NewSilence, SilenceRow
from pipeline.messages import format_time
from pipeline.notify import silences
from pipeline.notify.silences import Silence, acknowledge, expire_silence, new_silence_id
from pipeline.store import console_schema, schema
from pipeline.store.dead_letters import obstacle_of, read_dead_letter
from pipeline.store.upsert import upsert


@dataclass(frozen=True)
class Actor:
    """Who acts, and from where."""

    name: str
    address: str


def record(connection: Connection, actor: Actor, now: datetime, act: str, subject: str, detail: str = "") -> None:
    """Note a write in the audit."""
    row = {"at": now, "actor": actor.name, "address": actor.address, "act": act, "subject": subject, "detail": detail}
    connection.execute(console_schema.acts.insert(), [row])


def acknowledge_story(connection: Connection, story_id: str, actor: Actor, now: datetime) -> Acknowledgement | None:
    """Note that somebody deals with a story: its reminders end. None where the story is unknown."""
    stories = schema.stories
    row = connection.execute(select(stories.c.id, stories.c.severity).where(stories.c.id == story_id)).first()
    if row is None:
        return None
    noted = Acknowledgement(story_id=story_id, author=actor.name, severity=row.severity or 0, at=now)
    table = console_schema.acknowledgements
    upsert(connection, table, ["story_id"], [noted.model_dump()])
    acknowledge(connection, story_id, actor.name, now)
    record(connection, actor, now, "acknowledge", story_id, f"severity {noted.severity}")
    return noted


def add_silence(connection: Connection, wanted: NewSilence, actor: Actor, now: datetime) -> SilenceRow:
    """Hold back alerts that fit; raises ValueError where no condition is given."""
    conditions = wanted.model_dump(include={"subscriber", "story_id", "rule", "provider", "country"})
    if not any(conditions.values()):
        raise ValueError("a silence needs a condition: a subscriber, story, rule, agency or country")
    silence = Silence(
        id=new_silence_id(),
        author=actor.name,
        reason=wanted.reason,
        starts_at=now,
        ends_at=now + timedelta(hours=wanted.hours),
        **{name: value or None for name, value in conditions.items()},
    )
    silences.add_silence(connection, silence, now)
    record(connection, actor, now, "silence", silence.id, f"until {format_time(silence.ends_at)}: {silence.reason}")
    return SilenceRow.model_validate(asdict(silence))


def end_silence(connection: Connection, identifier: str, actor: Actor, now: datetime) -> bool:
    """End a silence; False where no such silence holds."""
    ended = expire_silence(connection, identifier, actor.name, now)
    if ended:
        record(connection, actor, now, "end silence", identifier)
    return ended


def request_replay(connection: Connection, identifier: str, actor: Actor, now: datetime) -> str | None:
    """Ask the engine or the notifier to take up a dead letter again; return its state, None where it is unknown.

    Raises ValueError, with the remedy, for one that they cannot take up.
    """
    letter, table = read_dead_letter(connection, identifier), schema.dead_letters
    if letter is None:
        return None
    obstacle = obstacle_of(letter)
    if obstacle is not None:
        raise ValueError(obstacle)
    connection.execute(update(table).where(table.c.id == identifier).values(state="requested"))
    record(connection, actor, now, "replay", identifier)
    return "requested"


def read_acts(connection: Connection, *, before: int | None = None, limit: int = 100) -> ActPage:
    """Read a page of the audit."""
    table = console_schema.acts
    query = select(table).order_by(table.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.seq < before)
    items = [ActRow.model_validate(dict(row)) for row in connection.execute(query).mappings()]
    return ActPage(items=items, next=items[-1].seq if len(items) == limit else None)
