"""A stretch of words that a tagger takes for one name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """What the taggers tell apart; peoples and miscellany are what the training corpora call NORP and MISC."""

    PERSON = "PER"
    ORGANISATION = "ORG"
    PLACE = "LOC"
    PEOPLE = "NORP"
    OTHER = "MISC"

    __hash__ = str.__hash__  # that of an Enum is a call into Python, and labels are looked up all the time


#: What is named, rather than derived from a name.
NAMED = frozenset((Label.PERSON, Label.ORGANISATION, Label.PLACE))


@dataclass(slots=True)
class Span:
    """Words from first to before end; ``confidence`` in 0…1."""

    first: int
    end: int
    label: Label
    confidence: float
