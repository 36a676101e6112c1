"""The language of an item."""

from __future__ import annotations

from pydantic import Field

from pipeline.messages.message import Message, Score


class Alternative(Message):
    """A language that could not be told apart from the best one."""

    tag: str
    confidence: Score


class LanguagePart(Message):
    """A stretch of the text in one language."""

    tag: str
    start: int
    end: int
    share: Score = Field(description="Share of the text's letters.")


class Language(Message):
    """The language of the item, not of the feed."""

    tag: str = Field(description="BCP-47; und = undetermined, zxx = no language.")
    confidence: Score
    declared: str | None = None
    agrees: bool | None = Field(default=None, description="Whether the declared language is the detected one.")
    script: str | None = Field(default=None, description="ISO 15924.")
    alternatives: list[Alternative] = []
    parts: list[LanguagePart] = []
