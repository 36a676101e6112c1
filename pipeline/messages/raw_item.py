"""Bytes as received."""

from __future__ import annotations

import hashlib

from pipeline.messages.dead_letter import DeadLetter
from pipeline.messages.identifiers import deterministic_id
from pipeline.messages.message import Bytes, Message, Time


class RawItem(Message):
    """Value and headers of ``wire.raw``: bytes as received."""

    payload: Bytes
    feed: str
    name: str
    position: str
    received_at: Time
    declared_format: str | None = None
    declared_provider: str | None = None
    declared_language: str | None = None

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the payload."""
        return hashlib.sha256(self.payload).hexdigest()

    def dead_letter(self, stage: str, reason: str, error: str = "", *, keep: int | None = None) -> DeadLetter:
        """Turn this item into a dead letter; ``keep`` cuts the payload to that many bytes."""
        return DeadLetter(
            id=deterministic_id("dead-letter", self.feed, self.position, stage),
            stage=stage,
            reason=reason,
            error=error,
            feed=self.feed,
            name=self.name,
            position=self.position,
            received_at=self.received_at,
            size=len(self.payload),
            sha256=self.sha256,
            payload=self.payload if keep is None else self.payload[:keep],
        )
