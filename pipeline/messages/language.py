"""The language of an item."""

from __future__ import annotations

from pydantic import Field

from pipeline.messages.message import Message, Score


class Alternative(Message):
    """A language that could not be told apart from the best one."""

    tag: str = Field(description="BCP-47.")
    confidence: Score = Field(description="Probability, 0 to 1.")


class LanguagePart(Message):
    """A stretch of the text in one language."""

    tag: str = Field(description="BCP-47.")
    start: int = Field(description="Characters (code points) from the beginning of the text.")
    end: int = Field(description="Characters (code points) from the beginning of the text to behind the part.")
    share: Score = Field(description="Share of the text's letters.")


class Language(Message):
    """The language of the item, not of the feed."""

    tag: str = Field(description="BCP-47; und = undetermined, zxx = no language.")
    confidence: Score = Field(description="Probability that the tag is right, 0 to 1.")
    declared: str | None = Field(default=None, description="Language that the agency declares, BCP-47.")
    agrees: bool | None = Field(default=None, description="Whether the declared language is the detected one.")
    script: str | None = Field(default=None, description="ISO 15924.")
    alternatives: list[Alternative] = Field(default=[], description="Languages that are nearly as probable.")
    parts: list[LanguagePart] = Field(default=[], description="Stretches in one language each, where there are several.")
