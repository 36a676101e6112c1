"""Keeping the tail of latencies short: what Python does now and then, and for long."""

from __future__ import annotations

import gc
import sys

#: The event loop and the thread in which a stage works off a large batch take turns; Python's own value is 5 ms.
_SWITCH_SECONDS = 0.0005
#: Looking through so many takes under a millisecond; 700, Python's own value, does it for every dispatch.
_YOUNG_OBJECTS = 10_000


def keep_pace() -> None:
    """Take what stands (models, gazetteer, rules, deduplication's state) out of the garbage collector's sight.

    A full collection over it takes some hundred milliseconds, in which no alert leaves. Call it once more whenever much has
    been loaded.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 100)
