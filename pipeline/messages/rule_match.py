"""What a rule says of an event."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from pipeline.messages.message import Message


class Kind(StrEnum):
    """Which way a rule points."""

    ESCALATION = "escalation"
    DE_ESCALATION = "de-escalation"


class Match(Message):
    """Words that made a rule match, as they stand in the original field."""

    field: str
    start: int
    end: int
    text: str


Severity = Annotated[int, Field(ge=1, le=5, description="1 info, 2 watch, 3 elevated, 4 high, 5 critical.")]


class RuleMatch(Message):
    """One rule that matched an event."""

    rule: str
    rule_sha256: str
    severity: Severity
    kind: Kind
    title: str
    tags: list[str] = []
    unconfirmed: bool = Field(default=False, description="Denied, negated or hypothetical in the text.")
    matches: list[Match]
