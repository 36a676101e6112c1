"""The verdict of deduplication on an event."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from pipeline.messages.message import Message, Score


class Relation(StrEnum):
    """How a dispatch stands to its story."""

    NEW = "new"
    DUPLICATE = "duplicate"
    UPDATE = "update"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


class Changes(Message):
    """What an update or a correction changed against the dispatch it follows."""

    numbers_added: list[str] = Field(default=[], description="Numbers that only the newer text has, as written.")
    numbers_removed: list[str] = Field(default=[], description="Numbers that only the older text has, as written.")
    names_added: list[str] = Field(default=[], description="Names that only the newer text has, as written.")
    names_removed: list[str] = Field(default=[], description="Names that only the older text has, as written.")
    sentences_added: list[str] = Field(default=[], description="Sentences that only the newer text has.")
    sentences_removed: list[str] = Field(default=[], description="Sentences that only the older text has.")


class Story(Message):
    """The verdict of deduplication: story, relation and why."""

    id: UUID = Field(description="The story, under which corrections, updates and other agencies' versions stand.")
    relation: Relation
    of: UUID | None = Field(default=None, description="Dispatch that this one copies, follows, corrects or withdraws.")
    current: bool = Field(default=True, description="False for an older revision that came late or an item already withdrawn.")
    similarity: Score | None = Field(default=None, description="Share of the text in common with `of`; null = not compared.")
    reason: str = Field(description="Why, for a person.")
    changes: Changes | None = Field(default=None, description="Against `of`; null where nothing was compared.")
    providers: list[str] = Field(default=[], description="Agencies that have reported the story so far, in order of arrival.")
    withdrawn: bool = Field(default=False, description="Whether every item of the story is withdrawn.")
    withdraws: list[str] = Field(default=[], description="Item ids of the same agency that this dispatch takes back.")
    unresolved: list[UUID] = Field(
        default=[],
        description="Dispatches of the agency that this may withdraw or correct: its words do not tell which, a person must.",
    )
    asks: bool = Field(
        default=False,
        description="Whether a person must find what this withdraws or corrects: its words fit more than one story, or none known.",
    )
