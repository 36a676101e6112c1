"""Messages that have waited too long to be sent: after a restore of an old database nobody is paged for last week."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, or_, select, update

from pipeline.notify.audit import record_entries
from pipeline.notify.delivery import DeliveryReport
from pipeline.notify.outbox import State, entry_of
from pipeline.notify.policy import EXEMPT
from pipeline.store import outbox_schema as schema


def expire(connection: Connection, now: datetime, max_age: timedelta, report: DeliveryReport) -> int:
    """Expire what was published more than ``max_age`` ago and never tried, and what has been due for longer than that.

    Retractions have no age; what an operator sends again is due from then on.
    """
    table = schema.outbox
    limit = now - max_age
    embargoed = and_(table.c.embargoed_until.is_not(None), table.c.embargoed_until >= limit)
    old = or_(and_(table.c.attempt == 0, table.c.published_at < limit, ~embargoed), table.c.due_at < limit)
    due = (table.c.state == State.QUEUED.value, table.c.due_at <= now, table.c.reason.not_in(sorted(EXEMPT)))
    rows = connection.execute(select(table).where(*due, old).order_by(table.c.seq).with_for_update(skip_locked=True)).all()
    entries = [entry_of(row) for row in rows]
    for entry in entries:
        entry.state, entry.detail = State.EXPIRED, f"planned at {entry.created_at:%Y-%m-%d %H:%M} UTC and not sent in time"
        change = update(table).where(table.c.key == entry.key)
        connection.execute(change.values(state=entry.state.value, detail=entry.detail, updated_at=now))
    record_entries(connection, entries, now)
    report.expired += len(entries)
    return len(entries)
