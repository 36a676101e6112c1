"""What a tagger is made to say of a text, settled."""

from pipeline.stages.entities.consistency import settle
from pipeline.stages.entities.gazetteer import gazetteer
from pipeline.stages.entities.lexicon import Lexicon
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import Label, Span

PERSON, BODY, PLACE = Label.PERSON, Label.ORGANISATION, Label.PLACE


def settled(text: str, *tagged: tuple[str, Label, float], capital_nouns: bool = False) -> list[tuple[str, Label]]:
    """Names of a text after what a tagger is made to say of them, in order."""
    reading = Reading(text, Lexicon(gazetteer(), {}, capital_nouns=capital_nouns))
    spans, position = [], 0
    for surface, label, confidence in tagged:
        position = text.index(surface, position)
        first, last = reading.starts.index(position), reading.ends.index(position + len(surface))
        spans.append(Span(first, last + 1, label, confidence))
        position += len(surface)
    return [(reading.surface(span.first, span.end), span.label) for span in settle(reading, spans, gazetteer())]
