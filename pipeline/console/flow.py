"""How much comes in: by feed, by hour and language, by severity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, func, select, type_coerce

from pipeline.console.rows import FeedRow, SeverityRow, VolumeRow
from pipeline.store import schema

_DAY = timedelta(hours=24)
#: Minutes without a dispatch that are silence in no feed.
LEAST_SILENCE = 10.0


def newest(connection: Connection) -> datetime | None:
    """When the newest dispatch was received: charts end there, so that an archive shows something too."""
    table = schema.dispatches
    return connection.execute(select(table.c.received_at).order_by(table.c.received_at.desc()).limit(1)).scalar()


def read_feeds(connection: Connection, now: datetime) -> list[FeedRow]:
    """Read how feeds flow, the most silent first.

    A feed counts as silent after twice its longest gap of the day, so that a feed that sleeps at night is not reported for it.
    """
    table = schema.dispatches
    end = newest(connection)
    if end is None:
        return []
    since = end - _DAY
    query = select(table.c.feed, table.c.received_at).where(table.c.received_at > since).order_by(table.c.feed, table.c.received_at)
    times: dict[str, list[datetime]] = {}
    for feed, moment in connection.execute(query):
        times.setdefault(feed, []).append(moment)
    for feed, last in connection.execute(select(table.c.feed, func.max(table.c.received_at)).group_by(table.c.feed)):
        times.setdefault(feed, [last])
    rows = [_feed(feed, moments, since, now) for feed, moments in times.items()]
    return sorted(rows, key=lambda row: (-row.silent, -row.silent_minutes, row.feed))


def _feed(feed: str, moments: Sequence[datetime], since: datetime, now: datetime) -> FeedRow:
    by_hour = [0] * 24
    recent = [moment for moment in moments if moment > since]
    for moment in recent:
        by_hour[min(23, int((moment - since) / timedelta(hours=1)))] += 1
    gap = max(((after - before).total_seconds() / 60 for before, after in pairwise(recent)), default=0.0)
    silent = max(0.0, (now - moments[-1]).total_seconds() / 60)
    flowed = max(1.0, (moments[-1] - moments[0]).total_seconds() / 3600)
    return FeedRow(
        feed=feed,
        dispatches=len(recent),
        an_hour=round(len(recent) / flowed, 2),
        by_hour=by_hour,
        longest_gap_minutes=round(gap, 1),
        last_received_at=moments[-1],
        silent_minutes=round(silent, 1),
        silent=silent > max(LEAST_SILENCE, 2 * gap),
    )


def _hour(connection: Connection) -> ColumnElement[str]:
    """The hour as text: 2026-03-01T12."""
    column = schema.dispatches.c.received_at
    if connection.dialect.name == "sqlite":
        return func.substr(type_coerce(column, Text), 1, 13)
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24')


def _moment(hour: str) -> datetime:
    return datetime.fromisoformat(f"{hour}:00:00").replace(tzinfo=UTC)


def read_volume(connection: Connection, limits: Sequence[Any], hours: int) -> list[VolumeRow]:
    """Count dispatches by hour and language."""
    table, end, hour = schema.dispatches, newest(connection), _hour(connection)
    if end is None:
        return []
    query = (
        select(hour, table.c.language, func.count())
        .where(table.c.received_at > end - timedelta(hours=hours), *limits)
        .group_by(hour, table.c.language)
        .order_by(hour, table.c.language)
    )
    rows = connection.execute(query).all()
    return [VolumeRow(hour=_moment(at), language=tag or "und", dispatches=number) for at, tag, number in rows]


def read_severities(connection: Connection, limits: Sequence[Any], hours: int) -> list[SeverityRow]:
    """Count dispatches that raised alerts by hour and highest severity."""
    table, end, hour = schema.dispatches, newest(connection), _hour(connection)
    if end is None:
        return []
    query = (
        select(hour, table.c.severity, func.count())
        .where(table.c.received_at > end - timedelta(hours=hours), table.c.severity.is_not(None), *limits)
        .group_by(hour, table.c.severity)
        .order_by(hour, table.c.severity)
    )
    return [SeverityRow(hour=_moment(at), severity=severity, dispatches=n) for at, severity, n in connection.execute(query).all()]
