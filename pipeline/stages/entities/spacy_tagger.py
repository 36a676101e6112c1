"""A spaCy pipeline from a local path in place of the shipped tagger (extra ``wirefeed[spacy]``)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from pathlib import Path
from typing import Any

from pipeline.settings import SettingsError
from pipeline.stages.entities.gazetteer import gazetteer
from pipeline.stages.entities.lexicon import Lexicon
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import Label, Span

_LABELS = {
    "PER": Label.PERSON, "PERSON": Label.PERSON, "ORG": Label.ORGANISATION, "LOC": Label.PLACE, "GPE": Label.PLACE,
    "FAC": Label.PLACE, "NORP": Label.PEOPLE, "MISC": Label.OTHER, "EVENT": Label.OTHER,
}  # fmt: skip
#: spaCy's named entity recogniser gives no probabilities.
_CONFIDENCE = 0.8


class SpacyTagger:
    """The same interface as the shipped taggers.

    Raises SettingsError where spaCy is not installed or the path holds no pipeline with entity recognition.
    """

    def __init__(self, path: Path) -> None:
        try:
            import spacy
        except ImportError as error:
            raise SettingsError(
                f"entities.spacy_model is {path}, but spaCy is not installed; install wirefeed[spacy] or leave the setting out"
            ) from error
        try:
            self._pipeline: Any = spacy.load(path)
        except (OSError, ValueError) as error:
            raise SettingsError(f"entities.spacy_model {path} cannot be loaded: {error}") from error
        if not self._pipeline.has_pipe("ner"):
            raise SettingsError(f"entities.spacy_model {path} has no component 'ner'; name a pipeline that recognises entities")
        self._lexicon = Lexicon(gazetteer(), {})

    def tag(self, text: str) -> tuple[Reading, list[Span]]:
        """Find names; spaCy's spans are widened to whole words of ours."""
        if self._lexicon.is_full:
            self._lexicon.clear()
        reading = Reading(text, self._lexicon)
        spans: list[Span] = []
        for entity in self._pipeline(reading.cased_text).ents:
            label = _LABELS.get(entity.label_)
            first = bisect_right(reading.starts, entity.start_char) - 1
            end = bisect_left(reading.ends, entity.end_char) + 1
            if label is not None and first >= 0 and first < end <= len(reading.words) and (not spans or spans[-1].end <= first):
                spans.append(Span(first, end, label, _CONFIDENCE))
        return reading, spans
