"""The invented crisis: its dispatches, with times counted from the moment of playing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

_TIME = re.compile(rb"\{\{(-?\d+) (iso|compact|day)\}\}")
_FORMATS = {b"iso": "%Y-%m-%dT%H:%M:%SZ", b"compact": "%Y%m%dT%H%M%SZ", b"day": "%Y%m%d"}


def lay_out(folder: Path, now: datetime | None = None) -> Path:
    """Write the dispatches into a folder; ``{{-30 iso}}`` in a sample is the time 30 minutes before ``now``."""
    moment = now or datetime.now(UTC)
    wires = folder / "wires"
    wires.mkdir(parents=True, exist_ok=True)
    for sample in files(__package__).joinpath("samples").iterdir():
        filled = _TIME.sub(
            lambda match: (moment + timedelta(minutes=int(match[1]))).strftime(_FORMATS[match[2]]).encode(), sample.read_bytes()
        )
        (wires / sample.name).write_bytes(filled)
    (folder / "subscribers.yaml").write_text(_SUBSCRIBERS, encoding="utf-8")
    return wires


_SUBSCRIBERS = """\
subscribers:
  - name: desk
    filter: {min_severity: 3}
    channels: [{type: console}]
"""
