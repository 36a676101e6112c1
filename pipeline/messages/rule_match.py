"""What a rule says of an event."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from pipeline.messages.message import Message, Sha256


class Kind(StrEnum):
    """Which way a rule points."""

    ESCALATION = "escalation"
    DE_ESCALATION = "de-escalation"


class Match(Message):
    """Words that made a rule match, as they stand in the original field."""

    field: str = Field(description="Field of the dispatch: headline or text.")
    start: int = Field(description="Characters (code points) from the beginning of the field.")
    end: int = Field(description="Characters (code points) from the beginning of the field to behind the words.")
    text: str = Field(description="The words, as they stand there.")


Severity = Annotated[int, Field(ge=1, le=5, description="1 info, 2 watch, 3 elevated, 4 high, 5 critical.")]


class RuleMatch(Message):
    """One rule that matched an event."""

    rule: str = Field(description="Id of the rule, which never changes.")
    rule_sha256: Sha256 = Field(description="SHA-256 of the rule as it was in force, in hexadecimal.")
    severity: Severity
    kind: Kind
    title: str = Field(description="Name of the rule for people.")
    tags: list[str] = Field(default=[], description="Codes of the event's kind, as vocabulary and code: plover:ASSAULT.")
    unconfirmed: bool = Field(default=False, description="Denied, negated or hypothetical in the text.")
    matches: list[Match] = Field(description="Words that the rule found, in order.")
