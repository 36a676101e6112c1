"""The archive as a source: raw bytes as they were received, from their feeds and positions, with their times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.failure import NO_PARQUET
from pipeline.messages import Position, RawItem
from pipeline.sources.source import Reading, SourceError, Unreadable

_ROWS = 500


class ParquetSource:
    """Reads the folder ``raw`` of an archive, hour by hour.

    Items keep feed, position and received time, so that what has been read before has the receipt that it had then.
    """

    interval_seconds = 1.0

    def __init__(self, directory: Path, since: datetime | None = None, until: datetime | None = None) -> None:
        """Name an archive and the times of reception to replay; raises SourceError where there is none."""
        try:
            from pyarrow import parquet
        except ImportError as error:
            raise SourceError(f"replay: {NO_PARQUET}") from error
        self._parquet: Any = parquet
        self._folder = directory / "raw"
        if not self._folder.is_dir():
            raise SourceError(f"replay: {directory} is no archive, it has no folder raw; name the one that wirefeed archive wrote")
        self._since = since or datetime.min.replace(tzinfo=UTC)
        self._until = until or datetime.max.replace(tzinfo=UTC)
        self.feed = f"replay:{directory.resolve()}"

    def read(self, saved: Mapping[str, Position]) -> Iterator[Reading | Unreadable]:
        """Yield the items in the order of their hours; a file that was read to its end is passed over."""
        for path in sorted(self._folder.glob("day=*/*.parquet"), key=lambda each: (each.parent.name, each.name)):
            unit = f"{path.parent.name}/{path.name}"
            try:
                yield from self._rows(path, unit, int(saved[unit].position) if unit in saved else 0)
            except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
                yield Unreadable(str(path), f"no Parquet file of an archive: {error}")

    def _rows(self, path: Path, unit: str, begin: int) -> Iterator[Reading]:
        with self._parquet.ParquetFile(path) as file:
            if begin == file.metadata.num_rows:
                return
            number = 0
            for batch in file.iter_batches(batch_size=_ROWS):
                for row in batch.to_pylist():
                    number += 1
                    purged = row["payload"] is None
                    if number > begin and not purged and self._since <= row["received_at"] < self._until:
                        yield Reading(
                            RawItem(**row), Position(feed=self.feed, unit=unit, position=str(number), updated_at=row["received_at"])
                        )

    def confirm(self, position: Position) -> None:
        """Nobody waits."""

    def close(self) -> None:
        """Nothing is held."""
