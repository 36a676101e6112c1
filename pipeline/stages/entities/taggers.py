"""Which tagger reads which language, and what a language gets."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from pipeline.stages.entities.consistency import settle
from pipeline.stages.entities.crf import SegmentCrf
from pipeline.stages.entities.gazetteer import gazetteer
from pipeline.stages.entities.lexicon import Lexicon
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.rules import tag as tag_by_rules
from pipeline.stages.entities.span import Span
from pipeline.stages.entities.vocabulary import words
from pipeline.stages.entities.weights import Weights

#: Language → the model that was trained for it or stands nearest to it.
MODELS = {
    "en": "en", "es": "romance", "pt": "romance", "fr": "romance", "it": "romance", "ca": "romance", "gl": "romance", "de": "de",
    "lb": "de", "nl": "en", "af": "en", "sv": "en", "da": "en", "nb": "en", "no": "en", "nn": "en",
}  # fmt: skip
#: Models of languages that write every noun with a capital.
_CAPITAL_NOUNS = frozenset(("de",))
#: Languages with capitals that have no model: names known to the gazetteer, and persons behind titles and given names.
_BY_RULES = frozenset(
    words("ru uk be bg sr mk el tr az pl cs sk hu ro hr bs sl sq fi et lv lt is ga cy id ms vi sw tl eu kk ky mn hy")
)
_CASELESS = frozenset(words("ar fa ur ps he hi mr ne bn ta te th km lo my ka am zh ja ko yue"))
_STATISTICAL = "persons, organisations, places, peoples: statistical; countries, cities, bodies: linked"
_TITLES = "countries, cities, bodies: by gazetteer, linked; persons by titles and given names"
_GAZETTEER = "countries, large cities, bodies: by gazetteer, linked"


def language_support() -> dict[str, str]:
    """Language → what entity tagging gives it, for ``wirefeed doctor --languages``.

    >>> language_support()["ar"]
    'countries, large cities, bodies: by gazetteer, linked'
    """
    support = dict.fromkeys(MODELS, _STATISTICAL)
    support.update(dict.fromkeys(_BY_RULES, _TITLES))
    support.update(dict.fromkeys(_CASELESS, _GAZETTEER))
    return dict(sorted(support.items()))


class Tagger:
    """Reads a text in one language family and finds its names."""

    def __init__(self, weights: Weights | None, *, capital_nouns: bool = False) -> None:
        casing, elisions = (weights.casing, weights.elisions) if weights else ({}, False)
        self._lexicon = Lexicon(gazetteer(), casing, elisions=elisions, capital_nouns=capital_nouns)
        self._crf = SegmentCrf(weights) if weights else None

    def tag(self, text: str) -> tuple[Reading, list[Span]]:
        """Find names; spans in order, disjoint."""
        if self._lexicon.is_full:
            if self._crf is not None:
                self._crf.forget()
            self._lexicon.clear()
        reading = Reading(text, self._lexicon)
        spans = self._crf.tag(reading) if self._crf else tag_by_rules(reading, self._lexicon.casing)
        return reading, settle(reading, spans, gazetteer())


@cache
def tagger(model: str) -> Tagger:
    """Return the tagger of a model, read once a process; "rules" has no weights."""
    if model == "rules":
        return Tagger(None)
    packed = files("pipeline.stages.entities") / "data" / f"{model}.crf"
    return Tagger(Weights.unpack(packed.read_bytes()) if packed.is_file() else None, capital_nouns=model in _CAPITAL_NOUNS)


def tagger_for(language: str) -> Tagger:
    """Return the tagger for a BCP-47 tag; a language that is not known is read as English, which knows most names."""
    base = language.replace("_", "-").partition("-")[0].casefold()
    model = "rules" if base in _BY_RULES or base in _CASELESS else MODELS.get(base, "en")
    return tagger(model)
