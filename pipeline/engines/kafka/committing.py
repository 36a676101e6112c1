"""A batch and the offsets behind it, in one transaction; or record by record, where the database refuses something in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection as Database

from pipeline.engines.kafka.decoding import Batch, Decoded
from pipeline.engines.kafka.offsets import Place, write_offsets
from pipeline.store.database import Store, is_trouble

Write = Callable[[Database, Batch], None]


class Committing:
    """Writes what one reader has read, by a function that changes nothing when the same comes again."""

    def __init__(self, reader: str, store: Store, write: Write) -> None:
        self._reader = reader
        self._store = store
        self._write = write

    def commit(self, batch: Batch, places: Sequence[Place]) -> bool:
        """Write a batch and the places behind it."""
        with self._store.writing() as database:
            self._write(database, batch)
            write_offsets(database, self._reader, places)
        return True

    def commit_each(self, decoded: Sequence[Decoded]) -> list[tuple[Decoded, Exception]]:
        """Write messages each for itself, and no place; return those that are refused, and why."""
        refused: list[tuple[Decoded, Exception]] = []
        for each in decoded:
            try:
                self.commit(Batch.of([each]), ())
            except Exception as error:
                if is_trouble(error):
                    raise
                refused.append((each, error))
        return refused
