"""The stages in order and the topics between them, with their settings, on one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pipeline.messages import (
    Alert,
    DeadLetter,
    Event,
    ItemState,
    Message,
    Notification,
    ParsedDispatch,
    Position,
    RawItem,
    Verdict,
)

DAY = timedelta(days=1)
#: Headers of a dead letter as KIP-1034 names them: https://cwiki.apache.org/confluence/display/KAFKA/KIP-1034
ERROR_PREFIX = "__streams.errors."
#: What KIP-1034 has no name for.
OWN_PREFIX = "wirefeed_"
#: Marks what `wirefeed replay` hands in and all that follows from it; nobody is notified of it.
REPLAY = OWN_PREFIX + "replay"


@dataclass(frozen=True)
class Topic:
    """One Kafka topic as Wirefeed needs it."""

    name: str
    holds: type[Message]
    key: str | None
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    about: str
    partitions: int | None = None
    """Fixed number of partitions; None = as configured."""
    compacted: bool = False
    retention: timedelta | None = 7 * DAY
    """How long records are kept: longer than the deduplication window plus the longest outage; None = for ever."""

    def config(self, *, replication: int, max_message_bytes: int) -> dict[str, str]:
        """Broker settings of the topic."""
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": "-1" if self.retention is None or self.compacted else str(int(self.retention.total_seconds() * 1000)),
            "min.insync.replicas": str(max(1, replication - 1)),
            "max.message.bytes": str(max_message_bytes),
        }


RAW = Topic("wire.raw", RawItem, "feed", ("ingest",), ("parse", "sink"), "Bytes as received; what is known of them in headers.")
POSITIONS = Topic(
    "wire.positions", Position, "feed", ("ingest",), ("ingest",), "How far each source has been read, written after the data.",
    partitions=1, compacted=True,
)  # fmt: skip
DISPATCHES = Topic(
    "wire.dispatches", ParsedDispatch, None, ("parse",), ("deduplicate",), "Dispatch and fingerprint, in one order.",
    partitions=1,
)  # fmt: skip
VERDICTS = Topic(
    "wire.verdicts", Verdict, None, ("deduplicate",), ("deduplicate",), "Every verdict, logged before it is published.",
    partitions=1,
)  # fmt: skip
ITEMS = Topic(
    "wire.items", ItemState, "provider, item id", ("deduplicate",), ("deduplicate",), "Newest known state of every item.",
    partitions=1, compacted=True,
)  # fmt: skip
STORIES = Topic("wire.stories", Event, "story id", ("deduplicate",), ("language",), "Event with its verdict.")
DUPLICATES = Topic("wire.duplicates", Event, "story id", ("deduplicate",), ("sink", "notifier"), "Copies.")
LANGUAGES = Topic("wire.languages", Event, "story id", ("language",), ("entities",), "Event with its language.")
ENTITIES = Topic("wire.entities", Event, "story id", ("entities",), ("alerts",), "Event with its entities.")
ENRICHED = Topic(
    "wire.enriched", Event, "story id", ("alerts",), ("sink", "notifier", "downstream consumers"), "The finished event.",
    retention=30 * DAY,
)  # fmt: skip
ALERTS = Topic(
    "wire.alerts", Alert, "story id", ("alerts",), ("downstream consumers",), "One message for each event that matches a rule.",
    retention=30 * DAY,
)  # fmt: skip
NOTIFICATIONS = Topic(
    "wire.notifications", Notification, "subscriber", ("notifier",), ("downstream consumers", "audit"),
    "What was sent, held, suppressed or failed.", retention=90 * DAY,
)  # fmt: skip
DEAD_LETTERS = Topic(
    "wire.dead-letters", DeadLetter, None, ("every stage",), ("operators", "sink"),
    "Original bytes untouched, the reason in headers.", retention=90 * DAY,
)  # fmt: skip

TOPICS: tuple[Topic, ...] = (
    RAW, POSITIONS, DISPATCHES, VERDICTS, ITEMS, STORIES, DUPLICATES, LANGUAGES, ENTITIES, ENRICHED, ALERTS, NOTIFICATIONS,
    DEAD_LETTERS,
)  # fmt: skip


@dataclass(frozen=True)
class StageTopics:
    """What one stage reads and where its results go."""

    stage: str
    reads: Topic
    writes: tuple[Topic, ...]


STAGES: tuple[StageTopics, ...] = (
    StageTopics("parse", RAW, (DISPATCHES,)),
    StageTopics("deduplicate", DISPATCHES, (VERDICTS, ITEMS, STORIES, DUPLICATES)),
    StageTopics("language", STORIES, (LANGUAGES,)),
    StageTopics("entities", LANGUAGES, (ENTITIES,)),
    StageTopics("alerts", ENTITIES, (ENRICHED, ALERTS)),
)

STAGE_NAMES: tuple[str, ...] = tuple(stage.stage for stage in STAGES)
