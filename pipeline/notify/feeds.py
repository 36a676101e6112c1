"""Operators are told of holes in numbered feeds and of unusual silence; the same is measured for Prometheus."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from pipeline.notify import measures
from pipeline.notify.operators import tell_operators
from pipeline.notify.outbox import Entry
from pipeline.notify.subscribers import Subscribers
from pipeline.settings import NotifySettings
from pipeline.store.feeds import read_feeds, review

# What this process has measured last.
_MEASURED: set[tuple[str, str]] = set()


def review_feeds(connection: Connection, subscribers: Subscribers, settings: NotifySettings, now: datetime) -> list[Entry]:
    """Look at the feeds, and write what operators are to be told of them into the outbox."""
    grace, shortest = timedelta(minutes=settings.gap_grace_minutes), timedelta(minutes=settings.silence_minutes)
    findings = review(connection, now, grace, shortest)
    _measure(connection)
    return [
        entry
        for each in findings
        for entry in tell_operators(
            connection, subscribers, f"feed:{each.provider}:{each.service}:{each.cause}", each.text, now, severity=4
        )
    ]


def _measure(connection: Connection) -> None:
    """Say how feeds stand; of one that was forgotten, nothing."""
    found = {(feed["provider"], feed["service"]): feed for feed in read_feeds(connection)}
    for labels, feed in found.items():
        measures.FEED_MISSING.labels(*labels).set(feed["missing"])
        measures.FEED_GAPS.labels(*labels).set(len(feed["gaps"]))
        measures.FEED_SILENT.labels(*labels).set(feed["silent_since"] is not None)
        measures.FEED_LAST.labels(*labels).set(feed["last_received_at"].timestamp())
    for labels in _MEASURED - found.keys():
        for gauge in (measures.FEED_MISSING, measures.FEED_GAPS, measures.FEED_SILENT, measures.FEED_LAST):
            gauge.remove(*labels)
    _MEASURED.clear()
    _MEASURED.update(found)
