"""A name found in a document, on its way to becoming an entity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pipeline.messages import EntityIds, EntityType

#: Build the ids of a name, or give those that were built before: a row of results has as many of them as numbers.
ids_of = lru_cache(maxsize=8192)(EntityIds)


class Link(NamedTuple):
    """What a name was linked to. Two names with the same ``key`` are one entity."""

    key: tuple[str, ...]
    name: str
    ids: EntityIds
    country: str | None
    confidence: float
    type: EntityType
    metonym: bool = False


@dataclass(slots=True)
class Name:
    """A name in the document's text: ``start`` and ``end`` in code points, ``surface`` in natural letters."""

    start: int
    end: int
    surface: str
    type: EntityType
    confidence: float
    link: Link | None = None
