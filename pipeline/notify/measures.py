"""Metrics of the notifier; labels are outcomes, reasons, states and names of feeds, never names of people or wire text."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

ATTEMPTS = Counter("wirefeed_notification_attempts", "Attempts to deliver a message to an endpoint.", ["outcome"])
SETTLED = Counter("wirefeed_notifications_settled", "Messages that reached an end, by what it was.", ["reason", "state"])
DELIVERY_SECONDS = Histogram(
    "wirefeed_notification_delivery_seconds",
    "Time from the planning of a message to its delivery, embargoes and quiet hours included.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400),
)
UNPLANNED = Counter("wirefeed_notification_events_unplanned", "Events of which nobody was told, for they could not be planned.")
CANARY_SEEN = Gauge("wirefeed_canary_seen_timestamp_seconds", "When a canary last came through the whole chain.")
SUBSCRIBERS_BROKEN = Gauge("wirefeed_subscribers_file_broken", "1 while the changed subscribers file cannot be used.")

_FEED = ("provider", "service")
FEED_MISSING = Gauge(
    "wirefeed_feed_missing_dispatches", "Numbers of a feed that have not come, those within grace included.", _FEED
)
FEED_GAPS = Gauge("wirefeed_feed_open_gaps", "Holes in a feed's numbers that are open.", _FEED)
FEED_SILENT = Gauge("wirefeed_feed_silent", "1 while a feed is silent at an hour at which it usually is not.", _FEED)
FEED_LAST = Gauge("wirefeed_feed_last_received_timestamp_seconds", "When the last item of a feed was received.", _FEED)
