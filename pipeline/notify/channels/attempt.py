"""What an attempt at an endpoint came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Outcome(Enum):
    """Kinds of result."""

    DELIVERED = "delivered"
    RETRY = "retry"
    """The endpoint may take it later."""
    REFUSED = "refused"
    """The endpoint will never take this message."""
    GONE = "gone"
    """The endpoint will never take any message."""


@dataclass(frozen=True)
class Attempt:
    """Result of one attempt; ``after`` is how long the endpoint asks to be left alone."""

    outcome: Outcome
    detail: str
    after: timedelta | None = None
