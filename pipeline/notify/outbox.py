"""The outbox: one row a message and channel, from planning to delivery."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row


class State(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    RETRACTED = "retracted"


class HeldFor(StrEnum):
    """What a held message waits for."""

    EMBARGO = "embargo"
    INACTIVE = "inactive"
    QUIET = "quiet"
    SILENCE = "silence"
    DIGEST = "digest"
    RATE = "rate"


WAITING = frozenset({State.QUEUED, State.HELD})


@dataclass
class Entry:
    """A row of the outbox, without what is said."""

    key: str
    subscriber: str
    channel: str
    endpoint: str
    reason: str
    cause: str
    state: State
    created_at: datetime
    story_id: str | None = None
    dispatch_id: str | None = None
    provider: str | None = None
    item_id: str | None = None
    severity: int | None = None
    priority: int = 1
    held_for: HeldFor | None = None
    detail: str | None = None
    due_at: datetime | None = None
    published_at: datetime | None = None
    embargoed_until: datetime | None = None
    attempt: int = 0
    cancelled: bool = False
    lease_owner: str | None = None
    leased_until: datetime | None = None
    seq: int | None = field(default=None, compare=False)
    updated_at: datetime | None = field(default=None, compare=False)

    @property
    def unsent(self) -> bool:
        """Whether no receiver can have it."""
        return self.state in WAITING and self.attempt == 0

    @property
    def may_be_known(self) -> bool:
        """Whether the receiver has it, or may have: an attempt of unknown outcome counts as delivered."""
        return self.attempt > 0

    def columns(self) -> dict[str, Any]:
        """Values of the row."""
        return {name: getattr(self, name) for name in _FIELDS if name != "seq"}


_FIELDS = tuple(field.name for field in fields(Entry))


def entry_of(row: Row[Any]) -> Entry:
    """Read a row."""
    values = {name: getattr(row, name) for name in _FIELDS}
    values["state"] = State(values["state"])
    values["held_for"] = HeldFor(values["held_for"]) if values["held_for"] else None
    return Entry(**values)


def idempotency_key(story: str | None, subscriber: str, channel: str, reason: str, cause: str) -> str:
    """Name a message to a channel: the same on every attempt and every planning.

    >>> len(idempotency_key("s", "desk", "webhook", "first", "d"))
    64
    """
    parts = json.dumps([story, subscriber, channel, reason, cause], ensure_ascii=False)
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
