"""What a company is called: in full, with its legal form or its share's ticker, and from then on by the first words of that."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from pipeline.stages.entities.edges import COMPANY_ENDS
from pipeline.stages.entities.gazetteer import Gazetteer
from pipeline.stages.entities.lexicon import LINE_END, Word
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import Label, Span
from pipeline.stages.entities.vocabulary import SAID, words

#: Legal forms that have other meanings too.
_OTHER_FORMS = frozenset(words("Co Co. Cos AG SA S.A. NV N.V. AB BV B.V. Oy AS A/S KK KG SE"))
_SURE_FORMS = COMPANY_ENDS | frozenset(words("Co Co. INC CORP LTD PLC CO"))
_FORMS = _SURE_FORMS | _OTHER_FORMS
#: Of them, those that say so where nothing else follows at once.
_CAPITAL_FORMS = frozenset(words("AG SA NV BV AB"))
#: What else the name of a firm ends in, so that its first words alone stand for it.
TRADES = frozenset(
    words(
        "Trust Group Holding Holdings Brothers Bros Bros. Associates Partners Partnership Industries Enterprises Airlines Airways"
        " Motors Stores Foods Systems Technologies Electronics Laboratories Pharmaceuticals Chemicals Petroleum Resources Insurance"
        " Securities Bancorp Bancshares Financial Investments Properties Communications Broadcasting International Service Services"
    )
)
#: A share on its exchange, as Reuters writes it behind the company: ``<KLM.AS>``, ``(KLM.AS)``.
_TICKER = re.compile(r"<[A-Z0-9]{1,6}(?:\.[A-Z]{1,2})?>|\([A-Z0-9]{1,6}\.[A-Z]{1,2}\)")
_WITHIN = frozenset(words("in near at from"))
#: Kinds of the gazetteer: large places, whose name is no short one of a company unless it is also a firm's.
_PLACES = frozenset(("CO", "C1", "C2", "CA", "ST", "RG"))
_FIRMS = frozenset(("IG", "CM", "BR"))
#: Class of ``training/entities/casing.py``.
_MOSTLY_SMALL = 2
#: A first word that is shorter is too often something else.
_LEAST_FIRST_WORD = 4
#: Words that stand before the name of a company and are no part of it.
_NOT_WITHIN = frozenset(
    words("The U.S. UK U.K. US EU And But Mr Mrs Der Die Das Ein Eine El La Los Las Le Les Il Lo O Os As Um Uma")
)
_LONGEST = 8
#: A headline begins with a company's name of so many words at most, but not with these.
_LONGEST_HEAD = 6
_NO_HEADS = frozenset(words("FORMER EX NEW U.S. US UK U.K. CORRECTED CORRECTION UPDATE REPEAT"))
#: Bodies whose names the taggers break off before: "Student Loan [Marketing Association]", "[Census] Bureau".
_BODIES = frozenset(
    words(
        "Association Administration Agency Authority Board Bureau Commission Committee Council Federation Institute Institution"
        " Department Corporation Company Foundation Society"
    )
)
#: What a firm's further partners are called behind "and".
_AND = frozenset(("and", "&"))
_PARTNERS = frozenset(words("Co Co. Company Sons Cie"))
_LAST_WORDS = _FORMS | TRADES | _BODIES | _PARTNERS
#: Confidence of a name that no tagger has found.
_FOUND = 0.7

Name = tuple[str, ...]


def is_form(word: Word) -> bool:
    """Whether a word is a company's legal form, in a headline in capitals too."""
    return word.text in _FORMS


def is_ticker(reading: Reading, span: Span) -> bool:
    """Whether a name is what an exchange calls a share by."""
    before = reading.starts[span.first] - 1
    return before >= 0 and reading.text[before] in "<(" and _TICKER.match(reading.text, before) is not None


def whole_companies(reading: Reading, spans: list[Span], gazetteer: Gazetteer) -> list[Span]:
    """Spans with what stands in one run before a legal form, or before a ticker, made one company.

    "[Brozu Tin Dredging Malaysia Bhd]" whatever the tagger found inside; "[Brozu] <BRZ>".
    """
    by_end = {span.end: span for span in spans}
    named = {index: span for span in spans for index in range(span.first, span.end)}
    tickers = {match.start() - (reading.text[match.start() - 1] == " ") for match in _TICKER.finditer(reading.text)}
    found = {span.first: span for span in _heads(reading, tickers)}
    for index in reading.candidates:
        end = index + 1
        listed = reading.ends[index] in tickers
        if not listed and reading.words[index].text not in _LAST_WORDS:
            continue
        if any(end <= head.end and head.first <= index for head in found.values()):
            continue
        span = by_end.get(end)
        if not listed and not _closes_company(reading, index, span):
            continue
        first = _partner_before(reading, index, named) if span is None else span.first
        by_word = not listed and reading.words[index].text in _BODIES
        while first > 0 and end - first < _LONGEST and _belongs(reading, first - 1, named.get(first - 1), gazetteer, by_word):
            first -= 1
        if first == index and not listed:
            continue
        before = named.get(first - 1)
        if by_word and before is not None and before.label == Label.PLACE:  # "Chicago Police Department" is a town's
            continue
        if any(other.first < first < other.end or other.first < end < other.end for other in spans):
            continue
        inside = [other.confidence for other in spans if first <= other.first and other.end <= end]
        found[first] = Span(first, end, Label.ORGANISATION, min(inside, default=_FOUND))
    return _put(found.values(), spans)


def _heads(reading: Reading, tickers: set[int]) -> list[Span]:
    """Companies that headlines in capitals begin with, by legal form or ticker: "BROZU INDUSTRIES INC", "BROZU <BRZ>"."""
    if reading.capitals is None:
        return []
    found: list[Span] = []
    for start in (0, *(np.flatnonzero(reading.bits & LINE_END) + 1).tolist()):
        if start >= len(reading.words) or not reading.capitals[start]:
            continue
        for index in range(start, min(start + _LONGEST_HEAD, len(reading.words))):
            written = reading.written[index]
            if not reading.capitals[index] or not written[0].isalpha() or written in _NO_HEADS:
                break
            listed = reading.ends[index] in tickers
            small = index > start and (reading.words[start].seen_small or 0) >= _MOSTLY_SMALL
            if (index > start and written in _SURE_FORMS) or (listed and not small):
                found.append(Span(start, index + 1, Label.ORGANISATION, _FOUND))
                break
    return found


def _closes_company(reading: Reading, index: int, span: Span | None) -> bool:
    """Whether a word is the last of a company's name, by its legal form or, in what a tagger takes for a body, by its trade."""
    word = reading.words[index]
    if index == 0 or (span is not None and span.label == Label.PERSON):
        return False
    if span is None and word.text in _PARTNERS and reading.words[index - 1].text in _AND:
        return True
    if not reading.words[index - 1].candidate:
        return False
    if span is None:
        after = reading.words[index + 1] if index + 1 < len(reading.words) else None
        ends_run = after is None or not (after.candidate or after.is_small)
        return word.text in _SURE_FORMS or word.text in _BODIES or (word.text in _CAPITAL_FORMS and ends_run)
    return is_form(word) or (span.label == Label.ORGANISATION and (word.text in TRADES or word.text in _BODIES))


def _partner_before(reading: Reading, index: int, named: dict[int, Span]) -> int:
    """First word of what stands before "and Co"; the word itself where it stands alone."""
    if reading.words[index].text not in _PARTNERS or reading.words[index - 1].text not in _AND or index < 2:
        return index
    before = named.get(index - 2)
    if before is not None and before.label != Label.PEOPLE:
        return before.first
    return index - 2 if reading.words[index - 2].candidate else index


def _belongs(reading: Reading, index: int, span: Span | None, gazetteer: Gazetteer, by_word: bool) -> bool:
    """Whether a word belongs to the name behind it; where only a common noun says so, nothing that is known to be another's."""
    word = reading.words[index]
    if span is None and reading.capital_nouns:
        return False
    if by_word and span is not None and (span.label == Label.PERSON or gazetteer.kinds(reading.surface(span.first, span.end))):
        return False
    if not word.candidate or word.title or word.text in _NOT_WITHIN or any(char.isdigit() for char in word.text):
        return False
    if word.text in gazetteer.peoples or word.text in gazetteer.demonyms:
        return False
    return not (reading.opens_sentence[index] and (word.seen_small or 0) >= _MOSTLY_SMALL)


def beginnings(reading: Reading, spans: Sequence[Span], gazetteer: Gazetteer) -> tuple[set[Name], set[str]]:
    """What companies named in full are called for short: names of several words, and first words that may stand for all."""
    several: set[Name] = set()
    one: set[str] = set()
    for span in spans:
        if span.label != Label.ORGANISATION or span.end - span.first < 2:
            continue
        core = reading.words[span.first : span.end]
        while len(core) > 1 and (is_form(core[-1]) or not core[-1].candidate):
            core = core[:-1]
        is_shouted = reading.capitals is not None and reading.capitals[span.first]
        texts = tuple(word.text.capitalize() if is_shouted and word.is_small else word.text for word in core)
        if len(core) == span.end - span.first:
            if texts[-1] not in TRADES:
                continue
        elif len(core) > 1:
            several.add(texts)
        elif not _is_people_or_country(texts[0], gazetteer):
            one.add(texts[0])
        for size in range(2, len(texts)):
            if core[size - 1].candidate and gazetteer.kinds(" ".join(texts[:size])) is None:
                several.add(texts[:size])
        if len(texts) > 1 and _stands_for_all(core[0], gazetteer):
            one.add(texts[0])
    return several, one


def _is_people_or_country(text: str, gazetteer: Gazetteer) -> bool:
    return text in gazetteer.countries or text in gazetteer.peoples or text in gazetteer.demonyms or text in gazetteer.states


def _stands_for_all(word: Word, gazetteer: Gazetteer) -> bool:
    """Whether the first word of a company's name is enough to call it by: no large town, no common word."""
    if len(word.text) < _LEAST_FIRST_WORD or word.organisation_word or _is_people_or_country(word.text, gazetteer):
        return False
    if not _PLACES.isdisjoint(word.kinds) and _FIRMS.isdisjoint(word.kinds):
        return False
    return (word.seen_small or 0) < _MOSTLY_SMALL


def claim_several(reading: Reading, spans: list[Span], names: set[Name]) -> list[Span]:
    """Spans with every one of these names tagged as a company, unless it is part of a longer name."""
    if not names:
        return spans
    by_first: defaultdict[str, list[Name]] = defaultdict(list)
    for name in sorted(names, key=len, reverse=True):
        by_first[name[0]].append(name)
    texts = [word.text for word in reading.words]
    covering = {index: span for span in spans for index in range(span.first, span.end)}
    found: list[Span] = []
    free = 0
    for index in reading.candidates:
        if index < free:
            continue
        for name in by_first.get(texts[index], ()):
            end = index + len(name)
            inside = [covering[place] for place in range(index, end) if place in covering]
            if tuple(texts[index:end]) == name and all(index <= span.first and _ends_in(span, end) for span in inside):
                confidence = min((span.confidence for span in inside), default=_FOUND)
                free = max((end, *(span.end for span in inside)))
                found.append(Span(index, free, Label.ORGANISATION, confidence))
                break
    return _put(found, spans)


def _ends_in(span: Span, end: int) -> bool:
    """Whether a name ends where a company's does, or is the rest of the company: "Computer [Power Inc]"."""
    return span.end <= end or span.label == Label.ORGANISATION


def claim_one(reading: Reading, spans: list[Span], names: set[str]) -> list[Span]:
    """Spans with every one of these words tagged as a company, unless it is part of a longer name or somebody's."""
    if not names:
        return spans
    covering = {index: span for span in spans for index in range(span.first, span.end)}
    found: list[Span] = []
    for index in reading.candidates:
        if reading.words[index].text in names and _is_the_company(reading, index, covering.get(index)):
            confidence = covering[index].confidence if index in covering else _FOUND
            found.append(Span(index, index + 1, Label.ORGANISATION, confidence))
    return _put([span for span in found if not is_ticker(reading, span)], spans)


def _is_the_company(reading: Reading, index: int, span: Span | None) -> bool:
    words = reading.words
    before = words[index - 1] if index else None
    if before is not None and (before.title or (before.given and before.candidate)):
        return False
    if span is not None:
        if span.end - span.first > 1:
            return False
        return not (span.label == Label.PLACE and before is not None and before.lower in _WITHIN)
    if reading.opens_sentence[index] and (words[index].seen_small or 0) >= _MOSTLY_SMALL:
        after = words[index + 1] if index + 1 < len(words) else None
        return after is not None and (after.text in SAID or after.text == "'s")
    return True


def _put(found: Collection[Span], spans: list[Span]) -> list[Span]:
    """Spans with those found in place of what lies within them."""
    if not found:
        return spans
    covered = {index for span in found for index in range(span.first, span.end)}
    return sorted([*(span for span in spans if span.first not in covered), *found], key=lambda span: span.first)
