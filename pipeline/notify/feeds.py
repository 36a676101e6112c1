"""Operators are told of holes in numbered feeds and of unusual silence; the same is measured for Prometheus."""

from __future__ import annotations

from datetime import datetime, timedelta

from prometheus_client import Gauge
from sqlalchemy import Connection

from pipeline.notify.operators import tell_operators
from pipeline.notify.outbox import Entry
from pipeline.notify.subscribers import Subscribers
from pipeline.settings import NotifySettings
from pipeline.store.feeds import read_feeds, review

_FEED = ("provider", "service")
_MISSING = Gauge("wirefeed_feed_missing_dispatches", "Numbers of a feed that have not come, those within grace included.", _FEED)
_GAPS = Gauge("wirefeed_feed_open_gaps", "Holes in a feed's numbers that are open.", _FEED)
_SILENT = Gauge("wirefeed_feed_silent", "1 while a feed is silent at an hour at which it usually is not.", _FEED)
_LAST = Gauge("wirefeed_feed_last_received_timestamp_seconds", "When the last item of a feed was received.", _FEED)


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
    for feed in read_feeds(connection):
        labels = feed["provider"], feed["service"]
        _MISSING.labels(*labels).set(feed["missing"])
        _GAPS.labels(*labels).set(len(feed["gaps"]))
        _SILENT.labels(*labels).set(feed["silent_since"] is not None)
        _LAST.labels(*labels).set(feed["last_received_at"].timestamp())
