"""How much comes in: by feed, by hour and language, by severity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, extract, func, select, type_coerce

from pipeline.console.rows import FeedRow, SeverityRow, VolumeRow
from pipeline.store import schema

_DAY = timedelta(hours=24)


def newest(connection: Connection) -> datetime | None:
    """When the newest dispatch was received: charts end there, so that an archive shows something too."""
    table = schema.dispatches
    return connection.execute(select(table.c.received_at).order_by(table.c.received_at.desc()).limit(1)).scalar()


def read_feeds(connection: Connection, now: datetime) -> list[FeedRow]:
    """Read how feeds flow, first the one that has brought nothing for longest; `pipeline.store.silence` says what is unusual."""
    end = newest(connection)
    if end is None:
        return []
    rows = [_feed(connection, feed, end, now) for feed in _feeds(connection)]
    return sorted(rows, key=lambda row: (-row.silent_minutes, row.feed))


def _feeds(connection: Connection) -> Iterator[str]:
    """Name the feeds, going from one to the next in the index: their dispatches may be millions."""
    column, known = schema.dispatches.c.feed, None
    while True:
        query = select(column).order_by(column).limit(1)
        known = connection.execute(query if known is None else query.where(column > known)).scalar()
        if known is None:
            return
        yield known


def _feed(connection: Connection, feed: str, end: datetime, now: datetime) -> FeedRow:
    moment, hour = schema.dispatches.c.received_at, _hour(connection)
    of_feed, of_day = schema.dispatches.c.feed == feed, moment > end - _DAY
    gaps = select(moment, _minutes_since_last(connection).label("gap")).where(of_feed, of_day).subquery()
    summary = func.count().label("number"), func.min(gaps.c.received_at).label("first"), func.max(gaps.c.gap).label("gap")
    day = connection.execute(select(*summary).select_from(gaps)).one()
    by_hour = connection.execute(select(hour, func.count()).where(of_feed, of_day).group_by(hour))
    hours: dict[str, int] = {at: number for at, number in by_hour}  # noqa: C416 - rows are no tuples to the type checker
    last = connection.execute(select(moment).where(of_feed).order_by(moment.desc()).limit(1)).scalar_one()
    gap, silent = float(day.gap or 0), max(0.0, (now - last).total_seconds() / 60)
    flowed = max(1.0, (last - (day.first or last)).total_seconds() / 3600)
    return FeedRow(
        feed=feed,
        dispatches=day.number,
        an_hour=round(day.number / flowed, 2),
        by_hour=[hours.get(f"{end - timedelta(hours=ago):%Y-%m-%dT%H}", 0) for ago in range(23, -1, -1)],
        longest_gap_minutes=round(gap, 1),
        last_received_at=last,
        silent_minutes=round(silent, 1),
    )


def _minutes_since_last(connection: Connection) -> ColumnElement[Any]:
    moment = schema.dispatches.c.received_at
    before = func.lag(moment).over(order_by=moment)
    if connection.dialect.name == "sqlite":
        return (func.julianday(moment) - func.julianday(before)) * 1440
    return extract("epoch", moment - before) / 60


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
