"""Where a report says in so many words that a name is a place: its dateline, and "In Chicago," at the head of a sentence.

Nearly every American city is also the short name of its clubs, so that what a dispatch of sport says elsewhere proves nothing here.
"""

from __future__ import annotations

from itertools import pairwise

from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import Label, Span
from pipeline.stages.entities.vocabulary import words

_SURE = 0.9
_HEADS = frozenset(words("In At"))
_TOWNS = frozenset(("C1", "C2", "C3", "CA", "ST"))
_LONGEST_DATELINE = 12
_YEAR_DIGITS = 4


def mark_scenes(reading: Reading, spans: list[Span]) -> tuple[list[Span], set[int]]:
    """Spans with those of the datelines made exact, and the first words of all that are places beyond doubt."""
    places: set[int] = set()
    words = reading.words
    line_ends = [index for index, word in enumerate(words) if word.is_line_end]
    for before, end in pairwise((-1, *line_ends, len(words))):
        found = _of_dateline(reading, before + 1, end)
        if found:
            spans = [span for span in spans if not before < span.first < end] + found
            places.update(span.first for span in found)
    for span in spans:
        if _is_scene(reading, span):
            span.label = Label.PLACE
            places.add(span.first)
    return sorted(spans, key=lambda span: span.first), places


def _of_dateline(reading: Reading, start: int, end: int) -> list[Span]:
    """Town and region of a line such as "NAMUR, Belgium 1996-11-25"."""
    if not 6 <= end - start <= _LONGEST_DATELINE or not reading.written[start].isupper():
        return []
    *head, year, dash, month, second_dash, day = (word.text for word in reading.words[start:end])
    is_date = dash == second_dash == "-" and year.isdigit() and month.isdigit() and day.isdigit()
    if not is_date or len(year) != _YEAR_DIGITS:
        return []
    comma = head.index(",") if "," in head else len(head)
    parts = ((start, start + comma), (start + comma + 1, start + len(head)))
    return [Span(first, last, Label.PLACE, _SURE) for first, last in parts if first < last and reading.words[last - 1].candidate]


def _is_scene(reading: Reading, span: Span) -> bool:
    words, first = reading.words, span.first
    if span.label not in (Label.PLACE, Label.ORGANISATION) or not first or span.end >= len(words):
        return False
    if words[first - 1].text not in _HEADS or words[span.end].text not in (",", ":"):
        return False
    kinds = reading.names[first][1] if first in reading.names and span.end - first > 1 else words[first].kinds
    return not _TOWNS.isdisjoint(kinds)
