"""Cursors of pages that are ordered by a time and an id."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from fastapi import HTTPException
from sqlalchemy import ColumnElement, and_, or_

from pipeline.messages import format_time


def cursor_after(moment: datetime, identifier: str) -> str:
    """Name the place behind a row.

    >>> read_cursor(cursor_after(datetime(2026, 3, 1, tzinfo=UTC), "a"))
    (datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc), 'a')
    """
    return base64.urlsafe_b64encode(json.dumps([format_time(moment), identifier]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """Read a cursor; refuses with 422 what is none."""
    try:
        moment, identifier = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(moment).astimezone(UTC), str(identifier)
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise HTTPException(422, "the cursor is none of ours; begin without one") from None


def behind(cursor: str, moment: Any, identifier: Any) -> ColumnElement[bool]:
    """Rows behind a cursor where the newest comes first and ids ascend within a moment."""
    at, last = read_cursor(cursor)
    return or_(moment < at, and_(moment == at, identifier > last))
