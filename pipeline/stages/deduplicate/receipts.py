"""What was decided about each reception, so that a redelivered record gets the same verdict again.

A record read again after a crash must not become a copy of itself, however much received time an archive puts between two
records; so verdicts are forgotten by number, not by time.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pipeline.messages import Verdict
from pipeline.stages.deduplicate.items import ItemKey


@dataclass(frozen=True, slots=True)
class Sent:
    """A dispatch as it may be the original of a copy."""

    item: ItemKey
    story: UUID
    embargoed_until: datetime | None


def _packed(verdict: Verdict) -> bytes:
    return zlib.compress(verdict.model_dump_json(exclude={"fingerprint"}, exclude_defaults=True).encode(), 1)


class Receipts:
    """The newest ``capacity`` verdicts by receipt, and the dispatches they were about."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._verdicts: dict[bytes, bytes] = {}
        self._sent: dict[bytes, Sent] = {}

    def __contains__(self, receipt: UUID) -> bool:
        return receipt.bytes in self._verdicts

    def get(self, receipt: UUID) -> Verdict | None:
        """Find the verdict of a reception, without its fingerprint; None where it follows from the dispatch.

        Raises KeyError where there is none.
        """
        known = self._verdicts[receipt.bytes]
        return Verdict.model_validate_json(zlib.decompress(known)) if known else None

    def put(self, verdict: Verdict, *, follows: bool) -> None:
        """Remember a verdict; only that there is one, where it ``follows`` from the dispatch, as most do."""
        self._verdicts[verdict.receipt.bytes] = b"" if follows else _packed(verdict)
        if len(self._verdicts) > self._capacity:
            del self._verdicts[next(iter(self._verdicts))]
        sent = Sent((verdict.provider, verdict.item_id), verdict.story.id, verdict.embargoed_until)
        self._sent.setdefault(verdict.dispatch_id.bytes, sent)
        if len(self._sent) > self._capacity:
            del self._sent[next(iter(self._sent))]

    def sent(self, dispatch: UUID) -> Sent | None:
        """Find the dispatch of that id; None where it was never seen."""
        return self._sent.get(dispatch.bytes)
