"""What the notifier need not keep for ever: first the words, much later who heard them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, select, tuple_, update

from pipeline.notify.outbox import State
from pipeline.settings import NotifySettings
from pipeline.store import outbox_schema as schema
from pipeline.store.outbox_removal import NOTHING
from pipeline.store.schema import offsets

#: Rows of a table at a time, so that nobody waits long for the database.
MOST = 1000
#: How often there is a look.
EVERY = timedelta(hours=1)

_SETTLED = [state.value for state in (State.DELIVERED, State.FAILED, State.SUPPRESSED, State.EXPIRED, State.RETRACTED)]


@dataclass(frozen=True)
class Retention:
    """How long what is kept."""

    words: timedelta
    """What messages said, the audit, silences that are over."""
    knowledge: timedelta
    """Who was told of which story; which receptions were seen."""

    @classmethod
    def of(cls, settings: NotifySettings) -> Retention:
        """Read the settings; nothing goes while it can still be sent, nor knowledge before words."""
        words = max(timedelta(days=settings.keep_days), timedelta(hours=settings.max_age_hours))
        return cls(words, max(timedelta(days=settings.remember_days), words))


def prune(connection: Connection, now: datetime, retention: Retention) -> bool:
    """Remove what is old, some thousand rows at most; return whether there may be more.

    Idempotency outlasts it: a message is forgotten only together with the reception that caused it, long after both are too old
    to be told.
    """
    table = schema.outbox
    settled = table.c.state.in_(_SETTLED)
    wordy = and_(settled, table.c.updated_at < now - retention.words, table.c.content != NOTHING)
    counts = [
        connection.execute(update(table).where(_some(table, table.c.seq, wordy)).values(content=NOTHING)).rowcount,
        _prune_audit(connection, now - retention.words),
        _remove(connection, schema.silences, schema.silences.c.id, schema.silences.c.ends_at < now - retention.words),
    ]
    before = now - retention.knowledge
    counts += [
        _remove(connection, table, table.c.seq, and_(settled, table.c.updated_at < before)),
        _remove(connection, schema.noticed, schema.noticed.c.receipt, schema.noticed.c.at < before),
        _prune_told(connection, before),
    ]
    return max(counts) >= MOST


def _some(table: Table, key: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    chosen: ColumnElement[bool] = key.in_(select(key).select_from(table).where(condition).limit(MOST).scalar_subquery())
    return chosen


def _remove(connection: Connection, table: Table, key: Any, condition: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(_some(table, key, condition))).rowcount


def _prune_audit(connection: Connection, before: datetime) -> int:
    """Remove the audit's oldest rows; never the last one, whose number must not be given out again, nor what Kafka has not got."""
    table = schema.audit
    last = connection.execute(select(func.max(table.c.seq))).scalar()
    published = connection.execute(select(offsets.c.next_offset).where(offsets.c.reader == "audit")).scalar()
    end = last if published is None else min(last or 0, published)
    if end is None:
        return 0
    oldest = connection.execute(select(table.c.seq, table.c.at).where(table.c.seq < end).order_by(table.c.seq).limit(MOST)).all()
    old = [row.seq for row in oldest if row.at < before]
    if not old:
        return 0
    return connection.execute(delete(table).where(table.c.seq >= old[0], table.c.seq <= old[-1], table.c.at < before)).rowcount


def _prune_told(connection: Connection, before: datetime) -> int:
    """Forget who was told of a story once no message about it is left."""
    table, sent = schema.told, schema.outbox
    left = exists().where(sent.c.subscriber == table.c.subscriber, sent.c.story_id == table.c.story_id)
    query = select(table.c.subscriber, table.c.story_id).where(table.c.updated_at < before, table.c.remind_at.is_(None), ~left)
    rows = [tuple(row) for row in connection.execute(query.limit(MOST)).all()]
    if not rows:
        return 0
    return connection.execute(delete(table).where(tuple_(table.c.subscriber, table.c.story_id).in_(rows))).rowcount
