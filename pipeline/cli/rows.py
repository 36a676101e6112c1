"""Rows of the store and counts, as commands print them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def json_line(row: Mapping[str, Any]) -> str:
    """Write a row as one line of JSON.

    >>> json_line({"name": "Zürich", "at": None})
    '{"name": "Zürich", "at": null}'
    """
    return json.dumps(row, default=plain, ensure_ascii=False)


def plain(value: object) -> str:
    """Write a value as text, a time as RFC 3339 in UTC."""
    from pipeline.messages import format_time

    return format_time(value) if isinstance(value, datetime) else str(value)


def counted(number: int, thing: str, things: str = "") -> str:
    """Write how many there are of something.

    >>> counted(1, "dispatch", "dispatches"), counted(0, "channel")
    ('1 dispatch', '0 channels')
    """
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"
