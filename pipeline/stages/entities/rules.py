"""Tag by known names, titles and capitals alone: for languages with capital letters that no model was trained for."""

from __future__ import annotations

from pipeline.stages.entities.lexicon import Word
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import Label, Span
from pipeline.stages.entities.vocabulary import CYRILLIC_TITLES, words

#: A word that is mostly written small is a town only where something says so.
_MOSTLY_SMALL = 2
_KNOWN, _LIKELY, _GUESSED = 0.9, 0.7, 0.5
_LABELS = {"CO": Label.PLACE, "RG": Label.PLACE, "ST": Label.PLACE, "IG": Label.ORGANISATION, "EV": Label.OTHER}
_TOWNS = frozenset(("C1", "C2", "CA"))
_LONGEST_PERSON = 4
_PARTICLES = frozenset(words("bin ibn bint al el de del la di da dos das do du des van von der den zu ter ten af le af e y"))


def tag(reading: Reading, casing: dict[str, int]) -> list[Span]:
    """Find names segment by segment, longest known name first."""
    spans: list[Span] = []
    for start, end in reading.segments:
        index = start
        while index < end:
            span = _known(reading, index, casing) or _person(reading, index, end, casing)
            if span is None:
                index += 1
            else:
                spans.append(span)
                index = span.end
    return spans


def _known(reading: Reading, index: int, casing: dict[str, int]) -> Span | None:
    word = reading.words[index]
    if not word.candidate:
        return None
    name = reading.names.get(index)
    if name is not None and name[0] == "B":
        end = index + 1
        while end < len(reading.words) and reading.names.get(end, ("B",))[0] == "I":
            end += 1
        kinds = name[1]
    else:
        end, kinds = index + 1, word.kinds
    for kind in ("CO", "IG", "RG", "ST", "EV"):
        if kind in kinds:
            return Span(index, end, _LABELS[kind], _KNOWN)
    if word.text in reading.peoples:
        return Span(index, index + 1, Label.PEOPLE, _KNOWN)
    if _TOWNS.intersection(kinds) and not _follows_given_name(reading, index):
        common = casing.get(word.lower, 0) >= _MOSTLY_SMALL or word.given or word.family
        placed = bool(index) and reading.words[index - 1].before_place
        if placed or not common or end - index > 1:
            return Span(index, end, Label.PLACE, _LIKELY)
    return None


def _follows_given_name(reading: Reading, index: int) -> bool:
    return bool(index) and reading.words[index - 1].candidate and reading.words[index - 1].given


def _person(reading: Reading, index: int, end: int, casing: dict[str, int]) -> Span | None:
    words, word = reading.words, reading.words[index]
    if not _may_be_person(word):
        return None
    titled = bool(index) and _is_title(words[index - 1])
    if not titled and not word.given and not _is_cyrillic_pair(reading, index, end):
        return None
    last = index + 1
    while last < min(end, index + _LONGEST_PERSON) and (_may_be_person(words[last]) or _joins(words, last, end)):
        last += 1
    if not titled and last - index == 1:
        return None
    if casing.get(word.lower, 0) >= _MOSTLY_SMALL and not titled:
        return None
    return Span(index, last, Label.PERSON, _LIKELY if titled else _GUESSED)


def _is_cyrillic_pair(reading: Reading, index: int, end: int) -> bool:
    """Cyrillic wires write only the first word of an organisation large: two large words in a row are a person."""
    if index + 1 >= end or reading.opens_sentence[index]:
        return False
    pair = reading.words[index : index + 2]
    return all(word.shape == "Xx" and not word.kinds and "\u0400" <= word.text[0] <= "\u04ff" for word in pair)


def _joins(words: list[Word], index: int, end: int) -> bool:
    return words[index].text in _PARTICLES and index + 1 < end and _may_be_person(words[index + 1])


def _may_be_person(word: Word) -> bool:
    return word.candidate and not word.title and not word.organisation_word and "CO" not in word.kinds and word.shape != "XX"


def _is_title(word: Word) -> bool:
    return word.title or word.lower.startswith(CYRILLIC_TITLES)
