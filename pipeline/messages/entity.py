"""Who, where, which organisation."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from pipeline.messages.message import Message, Score


class EntityType(StrEnum):
    """What kind of thing a name stands for."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    GROUP = "group"
    EVENT = "event"


class EntityIds(Message):
    """Identifiers in open registers; absent where no openly licensed source gives one."""

    geonames: int | None = None
    iso3166: str | None = None
    wikidata: str | None = None


class Mention(Message):
    """Where an entity is named: code points of ``headline``, ``text`` or ``dateline``."""

    field: str
    start: int
    end: int


class Entity(Message):
    """Who, where, which organisation."""

    type: EntityType
    name: str
    ids: EntityIds = EntityIds()
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")
    mentions: list[Mention]
    salience: Score
    confidence: Score
    metonym: bool = Field(default=False, description="The name stands for something else: Kremlin for Russia's government.")
