"""Where a report says in so many words that a name is a place: its dateline, and "In Chicago," at the head of a sentence.

Nearly every American city is also the short name of its clubs, so that what a dispatch of sport says elsewhere proves nothing here.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pipeline.stages.entities.lexicon import LINE_END
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import Label, Span
from pipeline.stages.entities.vocabulary import words

_SURE = 0.9
_HEADS = frozenset(words("In At"))
_TOWNS = frozenset(("C1", "C2", "C3", "CA", "ST"))
_PLACES = _TOWNS | {"CO", "RG"}
_AGENCIES = frozenset(words("EFE Efe dpa DPA AFP AP Reuters Reuter APA ANSA Ansa Lusa Belga Xinhua TASS Itar-Tass UPI"))
_DASHES = frozenset(words("- -- _ – —"))
#: English writes "May 5": the month comes before its number.
_MONTHS = frozenset(words("Jan Feb Mar March Apr April May Jun June Jul July Aug Sep Sept Oct Nov Dec")) | frozenset(
    words("January February August September October November December")
)
#: A dateline has no more words than these, date and agency counted.
_LONGEST = 14
_SHORTEST_WITH_DATE, _YEAR_DIGITS, _OPENING = 6, 4, 4


def mark_scenes(reading: Reading, spans: list[Span]) -> tuple[list[Span], set[int]]:
    """Spans with those of the datelines made exact, and the first words of all that are places beyond doubt."""
    places: set[int] = set()
    words = reading.words
    line_ends = np.flatnonzero(reading.bits & LINE_END).tolist()
    for before, end in pairwise((-1, *line_ends, len(words))):
        start = _behind_agency(reading, before + 1, end)
        if start == end or not words[start].candidate:
            continue
        if start > before + 1:
            head = _before_dash(reading, start, end)
        else:
            head = _with_date(reading, start, end) or _with_agency(reading, start, end)
        found = _places(reading, start, head) if head else []
        if found:
            spans = [span for span in spans if not start <= span.first < head] + found
            places.update(span.first for span in found)
    for span in spans:
        if _is_scene(reading, span):
            span.label = Label.PLACE
            places.add(span.first)
    return sorted(spans, key=lambda span: span.first), places


def _with_date(reading: Reading, start: int, end: int) -> int:
    """End of what stands before the date in a line such as "NAMUR, Belgium 1996-11-25"; 0 for another line."""
    if not _SHORTEST_WITH_DATE <= end - start <= _LONGEST or not reading.written[start].isupper():
        return 0
    year, dash, month, second_dash, day = (word.text for word in reading.words[end - 5 : end])
    is_date = dash == second_dash == "-" and year.isdigit() and month.isdigit() and day.isdigit()
    return end - 5 if is_date and len(year) == _YEAR_DIGITS else 0


def _with_agency(reading: Reading, start: int, end: int) -> int:
    """End of the places of "Milán (Italia), 27 may (EFE).-" or "Hamburg (dpa) - "; 0 for another line.

    An agency that is not known counts behind a known town at the head of the line, as in "GENF (Alpinpress) - Die".
    """
    words = reading.words
    for index in range(start + 1, min(end, start + _LONGEST) - 3):
        if words[index].text == "(" and words[index + 2].text == ")" and _is_agency(reading, start, index):
            behind = index + 3 + (words[index + 3].text == "." and index + 4 < end)
            return _without_date(reading, start, index) if words[behind].text in _DASHES else 0
    return 0


def _behind_agency(reading: Reading, start: int, end: int) -> int:
    """Start of the line behind an agency that opens it, as in "(ANSA) - GINEVRA, 01 DIC -"."""
    if start + _OPENING >= end:
        return start
    opening, agency, closing, dash = (word.text for word in reading.words[start : start + _OPENING])
    opens = opening == "(" and agency in _AGENCIES and closing == ")" and dash in _DASHES
    return start + _OPENING if opens else start


def _before_dash(reading: Reading, start: int, end: int) -> int:
    """End of the places before the dash that ends a dateline; 0 where none does."""
    dashes = (index for index in range(start + 1, min(end, start + _LONGEST)) if reading.words[index].text in _DASHES)
    dash = next(dashes, None)
    return 0 if dash is None else _without_date(reading, start, dash)


def _without_date(reading: Reading, start: int, end: int) -> int:
    """End of what stands before a date."""
    words = reading.words
    head = next((place for place in range(start, end) if words[place].is_number), end)
    while head > start and (words[head - 1].text == "," or words[head - 1].text.rstrip(".") in _MONTHS):
        head -= 1
    return head


def _is_agency(reading: Reading, start: int, bracket: int) -> bool:
    word = reading.words[bracket + 1]
    return word.text in _AGENCIES or (word.candidate and _PLACES.isdisjoint(word.kinds) and _is_town(reading, start))


def _is_town(reading: Reading, start: int) -> bool:
    """Whether a line opens with a known town."""
    kinds = reading.names[start][1] if start in reading.names else reading.words[start].kinds
    return not _TOWNS.isdisjoint(kinds)


def _places(reading: Reading, start: int, end: int) -> list[Span]:
    """One place before each comma or bracket; none where something else than names stands there."""
    found: list[Span] = []
    first = start
    for index in range(start, end + 1):
        if index == end or reading.words[index].text in (",", "(", ")"):
            if first < index:
                found.append(Span(first, index, Label.PLACE, _SURE))
            first = index + 1
    words = reading.words
    exact = all(words[place.first].candidate and words[place.end - 1].candidate for place in found)
    inner = (words[index] for place in found for index in range(place.first, place.end))
    return found if exact and all(word.candidate or word.connector for word in inner) else []


def _is_scene(reading: Reading, span: Span) -> bool:
    words, first = reading.words, span.first
    if span.label not in (Label.PLACE, Label.ORGANISATION) or not first or span.end >= len(words):
        return False
    if words[first - 1].text not in _HEADS or words[span.end].text not in (",", ":"):
        return False
    kinds = reading.names[first][1] if first in reading.names and span.end - first > 1 else words[first].kinds
    return not _TOWNS.isdisjoint(kinds)
