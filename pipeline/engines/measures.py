"""Metrics that both engines export; labels are names of feeds and fixed words, never wire text."""

from __future__ import annotations

import time
from collections import Counter as Counts
from collections.abc import Iterable

from prometheus_client import Counter, Gauge

from pipeline.messages import DeadLetter, Event, RawItem

ITEMS = Counter("wirefeed_items_received", "Items that a feed has handed out.", ["feed"])
LAST_ITEM = Gauge("wirefeed_feed_last_item_timestamp_seconds", "When a feed last handed out an item.", ["feed"])
EVENTS = Counter("wirefeed_events_stored", "Events that have been stored, copies included.", ["relation"])
LANGUAGES = Counter("wirefeed_languages_detected", "Stored events by detected language; und = undetermined.", ["language"])
DEAD_LETTERS = Counter("wirefeed_dead_letters", "Items and records that became dead letters.", ["stage", "error"])
FAIL_OPEN = Counter("wirefeed_stage_failures", "Events that went on without the section of a stage that failed.", ["stage"])
WAITING = Gauge("wirefeed_waiting", "1 while a part waits for something that is down.", ["part"])
RULES_BROKEN = Gauge("wirefeed_rules_broken", "1 while the changed rules cannot be used.")
ALERTS = Counter("wirefeed_alerts_raised", "Stored events that matched a rule, by severity and kind.", ["severity", "kind"])


def received(items: Iterable[RawItem | DeadLetter]) -> None:
    """Count what feeds have handed out."""
    for feed, number in Counts(item.feed for item in items).items():
        ITEMS.labels(feed).inc(number)
        LAST_ITEM.labels(feed).set(time.time())


def failed(letters: Iterable[DeadLetter], events: Iterable[Event]) -> None:
    """Count dead letters, and the stages that failed on events."""
    for letter in letters:
        DEAD_LETTERS.labels(letter.stage, letter.error or "ParseError").inc()
    for event in events:
        for error in event.errors:
            FAIL_OPEN.labels(error.stage).inc()


def stored(events: Iterable[Event]) -> None:
    """Count events that have been stored."""
    for event in events:
        if event.story is not None:
            EVENTS.labels(event.story.relation.value).inc()
        if event.language is not None:
            LANGUAGES.labels(event.language.tag).inc()
        for severity, kind in {(str(each.severity), each.kind.value) for each in event.alerts or ()}:
            ALERTS.labels(severity, kind).inc()
