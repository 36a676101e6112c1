"""What the store tells Prometheus."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from prometheus_client import Gauge

FREE_BYTES = Gauge("wirefeed_store_free_bytes", "Free space where the SQLite file lies; a server's disk is for its own exporter.")


def watch_disk(folder: Path) -> None:
    """Export the free space of a folder, looked up at every scrape."""

    def free() -> float:
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            return math.nan

    FREE_BYTES.set_function(free)
