"""Bytes as received."""

from __future__ import annotations

import hashlib

from pipeline.messages.dead_letter import DeadLetter
from pipeline.messages.identifiers import deterministic_id
from pipeline.messages.message import Bytes, Message, Time

#: What a source may say of its items: fields of theirs, and headers of their records and dead letters by the same names.
DECLARED = ("declared_format", "declared_provider", "declared_language")


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

    @property
    def declared(self) -> dict[str, str]:
        """What the source says of its items, by the names that it has here and as headers."""
        return {name: value for name in DECLARED if (value := getattr(self, name)) is not None}

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
            headers=self.declared,
        )

    @classmethod
    def again(cls, letter: DeadLetter) -> RawItem:
        """The item that a dead letter was made of, to be read once more."""
        declared = {name: letter.headers.get(name) for name in DECLARED}
        return cls(
            payload=letter.payload,
            feed=letter.feed,
            name=letter.name,
            position=letter.position,
            received_at=letter.received_at,
            **declared,
        )
