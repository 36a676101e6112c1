"""The sink: finished events, copies and dead letters into the store."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection as Database

from pipeline.engines.kafka.condition import Condition
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.storing import StoringReader
from pipeline.messages import DeadLetter, Event
from pipeline.store.database import Store
from pipeline.store.dead_letters import write_dead_letters
from pipeline.store.events import write_events
from pipeline.store.feeds import FeedBook
from pipeline.topology import DEAD_LETTERS, DUPLICATES, ENRICHED

#: Alerts do not come through the store. A dispatch that comes alone is stored at once, of many the next ones a moment later.
_PAUSE_SECONDS = 0.1


def sink(connection: Connection, condition: Condition, store: Store, feeds: FeedBook) -> StoringReader:
    """Build the sink."""

    def write(database: Database, events: Sequence[Event], letters: Sequence[DeadLetter]) -> None:
        write_events(database, events)
        feeds.note(database, events)
        write_dead_letters(database, letters)

    return StoringReader(
        "sink", (ENRICHED, DUPLICATES, DEAD_LETTERS), connection, condition, store, write, pause_seconds=_PAUSE_SECONDS
    )
