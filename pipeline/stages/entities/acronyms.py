"""Bodies and the acronyms that a dispatch gives them: "Sugar Regulation Administration (SRA)", and "IDA" from then on."""

from __future__ import annotations

from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import Label, Span
from pipeline.stages.entities.vocabulary import words

_LEAST, _MOST = 3, 9
#: What ends in one of these has an acronym and is no body.
_THINGS = frozenset(
    words(
        "Rate Rates Index Act Bill Law Plan Programme Program Project Syndrome Virus Disease Disorder Test Missile Missiles System"
        " Product Standard Time Treaty Tax Fund Device Scheme Report Certificate Certificates"
    )
)


def spell_out(reading: Reading, spans: list[Span]) -> tuple[list[Span], set[str]]:
    """Spans with each body that stands before its acronym in brackets made whole, and the acronyms of all bodies."""
    acronyms: set[str] = set()
    words = reading.words
    for index in reading.candidates:
        acronym = words[index].text
        if not _LEAST <= len(acronym) <= _MOST or not acronym.isupper() or not acronym.isalpha():
            continue
        if index < 2 or index + 1 >= len(words) or words[index - 1].text != "(" or words[index + 1].text != ")":
            continue
        first = _first_word(reading, index - 1, acronym)
        if first is None or words[index - 2].text in _THINGS:
            continue
        before = next((span for span in spans if span.first < first < span.end), None)
        whole = next((span for span in spans if (span.first, span.end) == (first, index - 1)), None)
        if before is not None or (whole is not None and whole.label != Label.OTHER):
            continue
        inside = [span for span in spans if first <= span.first < index - 1]
        confidence = min((span.confidence for span in inside), default=0.7)
        spans = [span for span in spans if span not in inside]
        spans.append(Span(first, index - 1, Label.ORGANISATION, confidence))
        acronyms.add(acronym)
    for span in spans:
        if span.label == Label.ORGANISATION and span.end - span.first >= _LEAST and words[span.end - 1].text not in _THINGS:
            acronyms.add(initials(reading, span))
    return sorted(spans, key=lambda span: span.first), acronyms


def initials(reading: Reading, span: Span) -> str:
    """First letters of the large words of a name."""
    return "".join(word.text[0] for word in reading.words[span.first : span.end] if word.candidate)


def _first_word(reading: Reading, end: int, acronym: str) -> int | None:
    """Where the words begin whose first letters make the acronym; small words between them may give one, or none."""
    wanted = list(acronym)
    index = end
    while wanted:
        index -= 1
        word = reading.words[index] if index >= 0 else None
        if word is None or not (word.candidate or word.connector):
            return None
        if word.text[0].upper() == wanted[-1] and (word.candidate or len(wanted) > 1):
            wanted.pop()
        elif word.candidate:
            return None
    return index if reading.words[index].candidate else None
