"""Items from locations on a command line, for commands that keep no positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.messages import DeadLetter, RawItem
from pipeline.sources.open import open_source
from pipeline.sources.source import SourceError, Unreadable


def read_items(locations: Sequence[str], max_item_bytes: int) -> Iterator[RawItem | str]:
    """Yield the items of each location, and a line for a person for each thing that could not be read.

    Raises SourceError where the only location cannot be opened.
    """
    for location in locations:
        try:
            source = open_source(location, max_item_bytes=max_item_bytes)
        except SourceError as error:
            if len(locations) == 1:
                raise
            yield str(error)
            continue
        for reading in source.read({}):
            if isinstance(reading, Unreadable):
                yield f"{reading.name}: {reading.reason}"
            elif isinstance(reading.item, DeadLetter):
                yield f"{reading.item.name}: {reading.item.reason}"
            else:
                yield reading.item
