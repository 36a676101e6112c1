"""Metrics of the Kafka engine, counted per batch; labels are names of stages, topics and kinds of errors, never wire text."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

RECORDS = Counter("wirefeed_records_processed", "Records that a stage has finished with.", ["stage"])
BYTES = Counter("wirefeed_record_bytes_processed", "Bytes of values that a stage has finished with.", ["stage"])
BATCH_SECONDS = Histogram(
    "wirefeed_batch_seconds",
    "Time from taking a batch to its acknowledgement.",
    ["stage"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
DELIVERED = Counter("wirefeed_records_delivered", "Records that a stage has delivered.", ["stage", "topic"])
RETRIES = Counter("wirefeed_delivery_retries", "Deliveries that had to be tried again.", ["stage"])
OLDEST = Gauge("wirefeed_oldest_unprocessed_seconds", "Age of the oldest record that waits for a stage.", ["stage"])
EVENT_AGE = Histogram(
    "wirefeed_event_age_seconds",
    "Time from the reception of a dispatch to the end of a stage.",
    ["stage"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
RESTORED = Gauge("wirefeed_deduplicate_restored_verdicts", "Verdicts from which deduplication's state was rebuilt.")
RESTORE_SECONDS = Gauge("wirefeed_deduplicate_restore_seconds", "Time that rebuilding took.")
