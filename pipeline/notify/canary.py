"""A canary through the whole chain, and the alarm when it does not arrive.

Whoever watches a deployment feeds `canary_line` into a source now and then, such as a watched folder; its arrival here proves
that everything before works. It is never stored, shown or told to anyone as news.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from pipeline.messages import CANARY_PROVIDER as PROVIDER
from pipeline.messages import Dispatch, Event, Source, dispatch_id, format_time
from pipeline.notify import measures
from pipeline.notify.operators import tell_operators
from pipeline.notify.outbox import Entry
from pipeline.notify.subscribers import Subscribers
from pipeline.store import outbox_schema as schema
from pipeline.store.upsert import Row, insert_missing, upsert


def canary_line(now: datetime) -> bytes:
    """Write a canary as a line of Wirefeed's own JSON lines.

    >>> import json; from datetime import UTC
    >>> json.loads(canary_line(datetime(2026, 3, 1, tzinfo=UTC)))["item_id"]
    '2026-03-01T00:00:00Z'
    """
    at = format_time(now)
    text = f"Canary of {at}."
    digest = hashlib.sha256(text.encode()).hexdigest()
    dispatch = Dispatch(
        id=dispatch_id(PROVIDER, at, "", digest), provider=PROVIDER, item_id=at, headline="Canary", text=text, received_at=now,
        published_at=now, format="canary", source=Source(feed="canary", name="canary", position=at), raw_sha256=digest,
    )  # fmt: skip
    return dispatch.to_json() + b"\n"


def is_canary(event: Event) -> bool:
    """Whether an event is a canary and no news."""
    return event.dispatch.provider == PROVIDER


def note_canaries(connection: Connection, events: Sequence[Event], now: datetime) -> None:
    """Remember that canaries have arrived."""
    if events:
        upsert(connection, schema.canaries, ["name"], [_seen(now)])


def watch(connection: Connection, now: datetime) -> None:
    """Start the clock where no canary has been seen yet."""
    table = schema.canaries
    insert_missing(connection, table, ["name"], [_seen(now)])
    seen = connection.execute(select(table.c.seen_at).where(table.c.name == PROVIDER)).scalar_one()
    measures.CANARY_SEEN.set(seen.timestamp())


def _seen(now: datetime) -> Row:
    return {"name": PROVIDER, "seen_at": now, "alarmed_at": None}


def alarm_due(connection: Connection, patience: timedelta) -> datetime | None:
    """When the alarm goes off; None where it has, or nothing is watched."""
    table = schema.canaries
    row = connection.execute(select(table.c.seen_at).where(table.c.name == PROVIDER, table.c.alarmed_at.is_(None))).first()
    return row.seen_at + patience if row else None


def raise_alarm(connection: Connection, subscribers: Subscribers, now: datetime, patience: timedelta) -> list[Entry]:
    """Write a message to every operator where the canary is overdue."""
    due = alarm_due(connection, patience)
    if due is None or due > now:
        return []
    table = schema.canaries
    connection.execute(update(table).where(table.c.name == PROVIDER).values(alarmed_at=now))
    missing = due - patience
    why = f"no canary has come through the chain since {missing:%Y-%m-%d %H:%M:%S} UTC; see whether sources and stages run"
    return tell_operators(connection, subscribers, f"canary:{format_time(missing)}", why, now)
