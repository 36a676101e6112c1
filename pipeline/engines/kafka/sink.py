"""The sink: finished events, copies and dead letters into the store, and raw bytes where an archive wants them."""

from __future__ import annotations

from sqlalchemy import Connection as Database

from pipeline.engines.condition import Condition
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.decoding import Batch
from pipeline.engines.kafka.storing import StoringReader
from pipeline.store.archive import keep_raw
from pipeline.store.database import Store
from pipeline.store.dead_letters import write_dead_letters
from pipeline.store.events import write_events
from pipeline.store.feeds import FeedBook
from pipeline.topology import DEAD_LETTERS, DUPLICATES, ENRICHED, RAW

#: Alerts do not come through the store. A dispatch that comes alone is stored at once, of many the next ones a moment later.
_PAUSE_SECONDS = 0.1


def sink(connection: Connection, condition: Condition, store: Store, feeds: FeedBook, *, keeps_raw: bool = False) -> StoringReader:
    """Build the sink; with ``keeps_raw`` it reads ``wire.raw`` too, for `wirefeed archive`."""

    def write(database: Database, batch: Batch) -> None:
        write_events(database, batch.events)
        feeds.note(database, batch.events)
        write_dead_letters(database, batch.letters)
        keep_raw(database, batch.items)

    topics = (ENRICHED, DUPLICATES, DEAD_LETTERS, *((RAW,) if keeps_raw else ()))
    return StoringReader("sink", topics, connection, condition, store, write, pause_seconds=_PAUSE_SECONDS)
