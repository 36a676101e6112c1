"""Firms called after several partners, or after a place behind their form: one name where a tagger finds two or three."""

from __future__ import annotations

from pipeline.stages.entities.companies import TRADES, is_form
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import NAMED, Label, Span
from pipeline.stages.entities.vocabulary import words

_FIRMS = frozenset((Label.PERSON, Label.ORGANISATION))
_PARTNERS = frozenset(words("Co Co. Company Sons Cie"))
_AND = frozenset(("and", "&"))
_FORMS_OF_PLACES = frozenset(words("Co Co. Corp Corp. Company Corporation"))
#: What is called after the place that it is for: "Bank of East Asia", "Red Cross Society of Kenya".
_BODIES_OF_PLACES = _FORMS_OF_PLACES | frozenset(words("Bank Society University Association Federation Academy Church"))
#: Class of ``training/entities/casing.py``.
_MOSTLY_SMALL = 2
_MOST_WORDS, _LONGEST = 4, 8
#: Confidence of a firm that no tagger has found.
_FOUND = 0.7


def join_partners(reading: Reading, spans: list[Span], surnames: set[str]) -> list[Span]:
    """Keep whole "Brozu and Quell Group", "Brozu, Quell and Sons Inc", "Dayton Gas and Electric Co" and what ends in a place.

    A family name that somebody in the dispatch bears is no partner: "Brozu and Chrysler Corp". A place belongs to the company
    before it behind "Co of".
    """
    joined: list[Span] = []
    if "&" in reading.text:
        spans = _with_ampersands(reading, spans)
    for index, span in enumerate(spans):
        before = joined[-1] if joined else None
        of_place = before is not None and before.label == Label.ORGANISATION and _is_of_place(reading, before, span)
        if before is not None and of_place and not _is_in_place(reading, span, spans[index + 1 : index + 2]):
            before.end = span.end
            continue
        while joined and _is_partner(reading, joined[-1], span, surnames):
            partner = joined.pop()
            span.first = partner.first
            span.confidence = min(span.confidence, partner.confidence)
        joined.append(span)
    return joined


def _is_of_place(reading: Reading, company: Span, place: Span) -> bool:
    words = reading.words
    if place.label not in (Label.PLACE, Label.ORGANISATION) or place.first != company.end + 1:
        return False
    return words[company.end].text == "of" and words[company.end - 1].text in _BODIES_OF_PLACES


def _is_in_place(reading: Reading, town: Span, after: list[Span]) -> bool:
    """Whether a place is a town before its state or country: "Corp of Austin, Texas"."""
    return bool(after) and after[0].label == Label.PLACE and after[0].first == town.end + 1 and reading.words[town.end].text == ","


def _with_ampersands(reading: Reading, spans: list[Span]) -> list[Span]:
    """Spans with what stands on both sides of "&" made one firm: "Brozu & Quell"."""
    words = reading.words
    marks = [index for index in range(1, len(words) - 1) if words[index].text == "&"]
    covering = {index: span for span in spans for index in range(span.first, span.end)}
    for index in marks:
        if any(not word.candidate or (word.seen_small or 0) >= _MOSTLY_SMALL for word in (words[index - 1], words[index + 1])):
            continue
        before, after = covering.get(index - 1), covering.get(index + 1)
        sides = [span for span in (before, after) if span is not None]
        if (before is not None and before is after) or any(span.label not in NAMED or _is_full_name(span) for span in sides):
            continue
        first, end = before.first if before else index - 1, after.end if after else index + 2
        if end - first <= _LONGEST:
            firm = Span(first, end, Label.ORGANISATION, min((span.confidence for span in sides), default=_FOUND))
            covering.update((inner, firm) for inner in range(first, end))
    return sorted({id(span): span for span in covering.values()}.values(), key=lambda span: span.first)


def _is_full_name(span: Span) -> bool:
    return span.label == Label.PERSON and span.end - span.first > 1


def _is_partner(reading: Reading, partner: Span, firm: Span, surnames: set[str]) -> bool:
    words = reading.words
    if firm.label != Label.ORGANISATION or partner.end + 1 != firm.first:
        return False
    name, mark = words[partner.first].text, words[partner.end].text
    if mark in _AND and words[firm.first].text in _PARTNERS:
        return partner.label in _FIRMS
    if partner.label == Label.ORGANISATION and mark in _AND and words[firm.first].organisation_word:
        return is_form(words[firm.end - 1]) and not is_form(words[partner.end - 1])
    if partner.label != Label.PERSON or partner.end - partner.first > 1 or name in surnames or firm.end - firm.first > _MOST_WORDS:
        return False
    last = words[firm.end - 1]
    if mark in _AND:
        return is_form(last) or last.text in TRADES
    return mark == "," and any(word.text in _AND for word in words[firm.first : firm.end])
