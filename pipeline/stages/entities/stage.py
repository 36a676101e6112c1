"""The stage that tags names: who, where, which organisation."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from pipeline.messages import Entity, EntityType, Event
from pipeline.settings import EntitiesSettings
from pipeline.stages.entities.caseless import CaselessNames
from pipeline.stages.entities.document import Document
from pipeline.stages.entities.events import is_event
from pipeline.stages.entities.gazetteer import gazetteer
from pipeline.stages.entities.joining import Cluster, join
from pipeline.stages.entities.lexicon import stem_of
from pipeline.stages.entities.linking import Linker
from pipeline.stages.entities.lists import NameLists
from pipeline.stages.entities.metonyms import mark_metonyms
from pipeline.stages.entities.name import Name, ids_of
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.salience import salience
from pipeline.stages.entities.span import Label, Span
from pipeline.stages.entities.taggers import tagger_for
from pipeline.stages.entities.tokens import ABBREVIATIONS

_TYPES = {
    Label.PERSON: EntityType.PERSON,
    Label.ORGANISATION: EntityType.ORGANISATION,
    Label.PLACE: EntityType.PLACE,
    Label.PEOPLE: EntityType.GROUP,
}
_SHOUTED = 4
_ENTITIES = TypeAdapter(list[Entity])


class EntitiesStage:
    """Fills ``event.entities``. Keeps nothing of one dispatch for the next."""

    name = "entities"

    def __init__(self, settings: EntitiesSettings) -> None:
        self._gazetteer = gazetteer()
        self._linker = Linker(self._gazetteer)
        self._caseless = CaselessNames(self._gazetteer, self._linker)
        self._lists = NameLists(settings.lists)
        self._spacy = None
        if settings.spacy_model is not None:
            from pipeline.stages.entities.spacy_tagger import SpacyTagger

            self._spacy = SpacyTagger(settings.spacy_model)
        else:
            tagger_for("en")
        # The gazetteer never goes away: without this the collector walks it on every full pass.
        gc.freeze()

    def process(self, events: Sequence[Event]) -> list[Event]:
        """Tag each event by its detected language, else by the declared one."""
        self._lists.refresh()
        return [event.model_copy(update={"entities": self.tag(event)}) for event in events]

    def tag(self, event: Event) -> list[Entity]:
        """Find the entities of one event, the most salient first."""
        document = Document(event.dispatch)
        language = (event.language.tag if event.language is not None else event.dispatch.language) or "und"
        names = self._names(document.text, language)
        entities = [_entity(cluster, document) for cluster in join(names, document.text)]
        chosen = sorted((entity for entity in entities if not _is_sender(entity, document)), key=lambda entity: -entity["salience"])
        return _ENTITIES.validate_python(chosen)

    def _names(self, text: str, language: str) -> list[Name]:
        reading, spans = (self._spacy or tagger_for(language)).tag(text)
        names = [name for span in spans if (name := _name(reading, span)) is not None]
        listed = self._lists.find(reading.cased_text, language)
        names = _apart(names, _apart(self._caseless.find(text), listed))
        self._linker.link(text, names)
        for name in names:
            if name.link is not None and name.link.key[0] in ("body", "list"):
                name.type = name.link.type
        mark_metonyms(reading, names, self._gazetteer, self._linker)
        return names


def _is_sender(entity: dict[str, Any], document: Document) -> bool:
    """Whether an organisation stands in the dateline alone: the agency that sends is not what the dispatch is about."""
    is_organisation = entity["type"] is EntityType.ORGANISATION
    return is_organisation and all(document.in_dateline(mention) for mention in entity["mentions"])


def _name(reading: Reading, span: Span) -> Name | None:
    start, end = reading.starts[span.first], reading.ends[span.end - 1]
    last = reading.written[span.end - 1]
    closes_line = span.end == len(reading.words) or reading.words[span.end].is_line_end
    if closes_line and last[-1] == "." and last[:-1] in ABBREVIATIONS:
        end -= 1
    surface = _natural(reading.cased_text[start:end], is_place=span.label is Label.PLACE)
    stem = stem_of(surface)
    if stem != surface and gazetteer().kinds(surface) is None and gazetteer().kinds(stem) is not None:
        surface, end = stem, start + len(stem)
    type_ = _TYPES.get(span.label)
    if type_ is None:
        if not is_event(surface, reading):
            return None
        type_ = EntityType.EVENT
    return Name(start, end, surface, type_, span.confidence)


def _natural(surface: str, *, is_place: bool) -> str:
    """Write a dateline's "SAN JOSÉ" as the registers write it; acronyms and what no register knows stay."""
    known = gazetteer().places if is_place else gazetteer().kinds  # ROMA is a brand as well
    if surface.isupper() and len(surface) >= _SHOUTED and not known(surface):
        capital = surface.title()
        if known(capital) and len(capital) == len(surface):
            return capital
    return surface


def _apart(names: list[Name], winners: list[Name]) -> list[Name]:
    """Names and winners together, in order, without the names that touch a winner."""
    if not winners:
        return names
    taken = {place for winner in winners for place in range(winner.start, winner.end)}
    free = [name for name in names if taken.isdisjoint(range(name.start, name.end))]
    return sorted(free + winners, key=lambda name: name.start)


def _entity(cluster: Cluster, document: Document) -> dict[str, Any]:
    """Fields of an ``Entity``; all of a dispatch are validated in one go."""
    names = sorted(cluster.names, key=lambda name: name.start)
    link = next((name.link for name in names if name.link is not None), None)
    sure = max(name.confidence for name in names)
    return {
        "type": cluster.type,
        "name": cluster.canonical,
        "ids": link.ids if link else ids_of(),
        "country": link.country if link else None,
        "mentions": [document.mention(name.start, name.end) for name in names],
        "salience": salience(len(names), names[0].start, document.headline_end, len(document.text)),
        "confidence": round(sure * (link.confidence if link else 1.0), 3),
        "metonym": link.metonym if link else False,
    }
