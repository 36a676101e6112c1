"""Sources, and items, from locations on a command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from pipeline.messages import DeadLetter, RawItem
from pipeline.settings import Settings, SourceSettings
from pipeline.sources.open import open_source
from pipeline.sources.source import Source, SourceError, Unreadable


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
        found = False
        for reading in source.read({}):
            found = True
            if isinstance(reading, Unreadable):
                yield f"{reading.name}: {reading.reason}"
            elif isinstance(reading.item, DeadLetter):
                yield f"{reading.item.name}: {reading.item.reason}"
            else:
                yield reading.item
        if not found:
            yield f"{location}: nothing found there; hidden files and those that end in .part or .tmp are passed over"


def open_sources(locations: Sequence[str], settings: Settings, *, follow: bool) -> tuple[list[Source], int]:
    """Open what can be opened of the locations, or else of the configured sources; name and count the rest.

    Raises SourceError where nothing can be opened.
    """
    wanted: list[str | SourceSettings] = [*locations] or [*settings.sources]
    if not wanted:
        raise SourceError("no source: name files, directories or feeds, or configure [[sources]] in wirefeed.toml")
    opened: list[Source] = []
    failures: list[SourceError] = []
    for location in wanted:
        try:
            opened.append(open_source(location, max_item_bytes=settings.parse.max_item_bytes, follow=follow))
        except SourceError as error:
            failures.append(error)
    if not opened:
        raise SourceError("\n  ".join(map(str, failures)))
    for failure in failures:
        print(f"wirefeed: {failure}", file=sys.stderr)
    return opened, len(failures)
