"""Words that other stories of the window have, too: they say nothing about the story that they stand in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from pipeline.stages.deduplicate.record import Record
from pipeline.stages.deduplicate.shingles import Array64, shingles
from pipeline.stages.deduplicate.window import Holders, Window

_LEAST_STORIES = 3
"""Other stories that hold the same words make them boilerplate."""


class Boilerplate:
    """Whether words of a new text stand in stories of the window other than the one that it is compared with."""

    def __init__(self, window: Window, record: Record, holders: Holders, story: int) -> None:
        self._window, self._record, self._holders, self._story = window, record, holders, story
        self._common: list[tuple[int, bool]] | None = None

    def __call__(self, start: int, end: int) -> bool:
        """Whether most of the keys between two places of the text are held by enough other stories."""
        if self._common is None:
            self._common = list(self._placed())
        common = [is_common for place, is_common in self._common if start <= place < end]
        return bool(common) and 2 * sum(common) >= len(common)

    def _placed(self) -> Iterator[tuple[int, bool]]:
        """Place of each key of the text, and whether other stories have it, too."""
        keys = self._record.keys
        common = self._commons(len(keys.all))
        yield from zip(keys.places.tolist(), common[keys.sketch :], strict=True)
        sketch = dict(zip(keys.all[: keys.sketch].tolist(), common, strict=False))
        for place, key in enumerate(shingles(self._record.words).tolist()):
            if key in sketch:
                yield place, sketch[key]

    def _commons(self, count: int) -> list[bool]:
        """Whether each key is held by enough other stories."""
        held, keys = self._window.live(self._holders, count)
        ends = keys.searchsorted(np.arange(count + 1))
        return [self._is_common(held[first:last]) for first, last in itertools.pairwise(ends)]

    def _is_common(self, entries: Array64) -> bool:
        if len(entries) < _LEAST_STORIES:
            return False
        stories = set(self._window.stories[self._window.slots(entries)].tolist()) - {self._story}
        return len(stories) >= _LEAST_STORIES
