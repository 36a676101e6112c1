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

    geonames: int | None = Field(default=None, description="GeoNames id.")
    iso3166: str | None = Field(default=None, description="ISO 3166-1 alpha-2 of a country, ISO 3166-2 of a part of one.")
    wikidata: str | None = Field(default=None, description="Wikidata item: Q and digits.")


class Mention(Message):
    """Where an entity is named: code points of ``headline``, ``text`` or ``dateline``."""

    field: str = Field(description="Field of the dispatch: headline, text or dateline.")
    start: int = Field(description="Characters (code points) from the beginning of the field.")
    end: int = Field(description="Characters (code points) from the beginning of the field to behind the name.")


class Entity(Message):
    """Who, where, which organisation."""

    type: EntityType
    name: str = Field(description="Name in full, as the texts write it or as the register has it.")
    ids: EntityIds = EntityIds()
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")
    mentions: list[Mention] = Field(description="Where it is named, in order.")
    salience: Score = Field(description="How much the dispatch is about it, 0 to 1.")
    confidence: Score = Field(description="How sure the tagger is, 0 to 1.")
    metonym: bool = Field(default=False, description="The name stands for something else: Kremlin for Russia's government.")
