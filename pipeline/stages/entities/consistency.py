"""One name, one type: what a dispatch says clearly in one place settles the places where it is brief."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise

from pipeline.stages.entities.acronyms import spell_out
from pipeline.stages.entities.companies import beginnings, claim_one, claim_several, is_ticker, whole_companies
from pipeline.stages.entities.edges import (
    BODY_KINDS,
    join_known,
    join_particles,
    leave_article_out,
    leave_full_stop_out,
    leave_side_out,
    leave_title_out,
    take_company_end_in,
    take_hyphens_in,
    take_known_in,
    take_number_in,
    take_people_in,
    take_possessive_in,
    take_small_word_in,
    take_syllable_in,
)
from pipeline.stages.entities.gazetteer import Gazetteer
from pipeline.stages.entities.partnerships import join_partners
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.scenes import mark_scenes
from pipeline.stages.entities.span import NAMED, Label, Span
from pipeline.stages.entities.vocabulary import words

#: Confidence of a name that was found only because it is tagged elsewhere in the dispatch.
_REPEATED = 0.7
#: Words that the tables of the wires are full of and that never are a name by themselves.
_NO_NAMES = frozenset(
    words(
        "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec January February March April June July August September"
        " October November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Wed Thu Fri Sat"
        " Sun GMT UTC EST EDT CST CET CEST BST AM PM Mr Mr. Mrs Mrs. Ms Ms. Dr Dr. Sr Sra Mme Herr Frau Princess Prince"
        " Queen President Minister The A I He She It We They You But And In On At Of For If As This That These Those"
        " Qtr QTR Cts CTS Shr SHR Revs REVS DLS DLR DLRS MLN BLN PCT CIF FOB GDP GNP CPI PPI"
    )
)
#: American states and Canadian provinces as the agencies' stylebooks shorten them behind a town.
_STATES = frozenset(
    words(
        "Ala. Ariz. Ark. Calif. Colo. Conn. Del. Fla. Ga. Ill. Ind. Kan. Ky. La. Md. Mass. Mich. Minn. Mo. Mont. Neb. Nev. N.H."
        " N.J. N.M. N.Y. N.C. N.D. Okla. Ore. Pa. R.I. S.C. S.D. Tenn. Vt. Va. Wash. W.Va. Wis. Wyo. D.C."
        " Alta. B.C. Ont. Que. Sask."
    )
)
#: A town before one of these is where something was signed.
_TREATIES = frozenset(words("Convention Treaty Accord Accords Agreement Protocol Summit"))
#: A ship is often called after a person.
_VESSELS = frozenset(words("carrier tanker ferry freighter trawler frigate destroyer supertanker yacht submarine bulker"))
#: A type of aircraft, vehicle or weapon; "G-7" is a body.
_MODEL_NUMBER = re.compile(r"(?!G-\d)[A-Za-z]{1,4}-\d+[A-Za-z]{0,2}")
_WITHIN = frozenset(words("in near en em à"))
_WAYS = frozenset(words("to from of via"))
_OF_TOWNS = frozenset(words("court police airport harbour harbor stock bourse port suburb metro subway"))
#: What ends in one of these stands or lies somewhere.
_LANDMARKS = frozenset(words("Airport Airfield River Island Islands Peninsula Strait Straits Canal Mountains Desert Province"))
_SIDES = frozenset(words("West East"))
_CLUBS_LIKE_TOWNS = frozenset(("US", "CA"))
_PERSON_OR_BODY = frozenset((Label.PERSON, Label.ORGANISATION))
_LARGE_TOWN = frozenset(("C1", "C2", "CA"))


def settle(reading: Reading, spans: list[Span], gazetteer: Gazetteer) -> list[Span]:
    """Correct types over the whole dispatch and tag repeats; spans in order, disjoint. Changes the spans given."""
    spans = _with_exact_edges(reading, spans, gazetteer)
    with_nato = any(reading.surface(span.first, span.end) == "NATO" for span in spans)
    if with_nato:
        spans = [span for span in spans if not _is_the_alliance(reading, span.end - 1)]
    spans = whole_companies(reading, spans, gazetteer)
    spans = _whole_names(reading, spans, gazetteer)
    spans = join_partners(reading, spans, _full_names(reading, spans)[0])
    spans, scenes = mark_scenes(reading, spans)
    spans, acronyms = spell_out(reading, spans)
    short, shortest = beginnings(reading, spans, gazetteer)
    spans = claim_several(reading, spans, short)
    surnames, bracketed = _full_names(reading, spans)
    acronyms |= bracketed
    clubs_are_named = reading.sportiness > 0
    for span in spans:
        _by_register(reading, span, surnames, gazetteer)
        if not clubs_are_named and span.label == Label.ORGANISATION and _is_town(reading, span, gazetteer):
            span.label = Label.PLACE
    for span in spans:
        if span.label == Label.PERSON and _is_vessel(reading, span):
            span.label = Label.OTHER
        if span.end - span.first == 1:
            _by_full_name(reading, span, surnames, acronyms, gazetteer)
    _majority(reading, [span for span in spans if span.first not in scenes], gazetteer)
    spans = claim_one(reading, spans, shortest - surnames - _given_names(reading, spans))
    _places_beside_places(reading, spans, gazetteer)
    spans.extend(_missed_bodies(reading, spans, gazetteer, with_nato=with_nato))
    spans.extend(span for span in _repeats(reading, spans, surnames, acronyms) if not is_ticker(reading, span))
    for span in spans:
        leave_full_stop_out(reading, span)
    return join_known(reading, sorted(spans, key=lambda span: span.first), gazetteer)


def _with_exact_edges(reading: Reading, spans: list[Span], gazetteer: Gazetteer) -> list[Span]:
    spans = [span for span in spans if not _is_no_name(reading, span)]
    for span in spans:
        _mend_edges(reading, span)
        take_possessive_in(reading, span, gazetteer)
    spans = join_particles(reading, spans)
    taken = {span.first for span in spans}
    for span in spans:
        if span.label == Label.ORGANISATION:
            leave_article_out(reading, span, gazetteer)
        if span.end not in taken:
            take_company_end_in(reading, span)
    return spans


def _whole_names(reading: Reading, spans: list[Span], gazetteer: Gazetteer) -> list[Span]:
    """Spans with names that are known whole, go on behind a hyphen or begin before, without what stands inside them."""
    names, has_hyphens = reading.names, "-" in reading.text
    grown = False
    for span in spans:
        first, end = span.first, span.end
        if first in names:
            take_known_in(reading, span)
        if has_hyphens:
            take_hyphens_in(reading, span)
        if span.label == Label.ORGANISATION:
            take_people_in(reading, span, gazetteer)
            take_number_in(reading, span)
        grown = grown or span.first != first or span.end != end
    if not grown:
        return spans
    whole: list[Span] = []
    for span in spans:
        if whole and span.first < whole[-1].end:
            if span.end <= whole[-1].end:
                continue
            span.first = whole.pop().first
        whole.append(span)
    return whole


def _mend_edges(reading: Reading, span: Span) -> None:
    if span.end - span.first > 1:
        leave_side_out(reading, span)
    if span.label == Label.PERSON:
        leave_title_out(reading, span)
        take_syllable_in(reading, span)
        take_small_word_in(reading, span)


def _by_register(reading: Reading, span: Span, surnames: set[str], gazetteer: Gazetteer) -> None:
    """Correct the type of a country, a people, a certain body and a town "in" which something is; a person may be called Jordan."""
    surface, several = reading.surface(span.first, span.end), span.end - span.first > 1
    if surface in gazetteer.countries:
        if span.label == Label.PERSON and surface in surnames:
            return
        is_people = span.label == Label.PEOPLE and surface in gazetteer.peoples
        span.label = Label.PEOPLE if is_people else Label.PLACE
    elif surface in _STATES or (several and span.label in NAMED and reading.words[span.end - 1].text in _LANDMARKS):
        span.label = Label.PLACE
    elif _is_half_of_people(reading, span, gazetteer) or (surface in gazetteer.demonyms and (span.label == Label.PLACE or several)):
        span.label = Label.PEOPLE
    elif span.label in NAMED and _is_landmark(surface, gazetteer):
        span.label = Label.PLACE
    elif span.label in NAMED and gazetteer.is_certain_body(surface):
        span.label = Label.ORGANISATION
    elif span.label == Label.PLACE and reading.words[span.end - 1].text in _TREATIES:
        span.label = Label.OTHER
    elif span.label == Label.ORGANISATION and _is_town_within(reading, span, gazetteer.kinds(surface)):
        span.label = Label.PLACE


def _by_full_name(reading: Reading, span: Span, surnames: set[str], acronyms: set[str], gazetteer: Gazetteer) -> None:
    """Give a name of one word the type of what the dispatch names in full by it; a model number is none of them."""
    word = reading.words[span.first].text
    shouted = reading.capitals is not None and reading.capitals[span.first] and reading.written[span.first] in acronyms
    if span.label in NAMED and _MODEL_NUMBER.fullmatch(word):
        span.label = Label.OTHER
    elif word in acronyms or shouted:
        span.label = Label.ORGANISATION
    elif (
        word in surnames
        and word not in gazetteer.countries
        and word not in gazetteer.peoples
        and not _is_town_within(reading, span, gazetteer.kinds(word))
    ):
        span.label = Label.PERSON


def _is_half_of_people(reading: Reading, span: Span, gazetteer: Gazetteer) -> bool:
    """Whether a name is "West German" or the like, which no list has."""
    if span.end - span.first != 2 or reading.words[span.first].text not in _SIDES:
        return False
    return reading.words[span.first + 1].text in gazetteer.peoples


def _is_landmark(surface: str, gazetteer: Gazetteer) -> bool:
    """Whether a name is that of a place which the press calls a body by: the White House, Wall Street."""
    metonym = gazetteer.metonyms.get(surface)
    return metonym is not None and metonym.kind == "place"


def _is_town_within(reading: Reading, span: Span, kinds: str | None) -> bool:
    within = span.first > 0 and reading.words[span.first - 1].lower in _WITHIN
    return within and not _LARGE_TOWN.isdisjoint((kinds or "").split())


def _is_town(reading: Reading, span: Span, gazetteer: Gazetteer) -> bool:
    """Whether a name of several words is that of a large town, or one of a single word before what a town has.

    In North America, whose clubs go by the name of theirs, only where somebody goes there or comes from there.
    """
    if span.end - span.first == 1 and (span.end == len(reading.words) or reading.words[span.end].text not in _OF_TOWNS):
        return False
    surface = reading.surface(span.first, span.end)
    kinds = (gazetteer.kinds(surface) or "").split()
    if _LARGE_TOWN.isdisjoint(kinds) or not BODY_KINDS.isdisjoint(kinds):
        return False
    if span.end - span.first == 1 or (
        span.first > 0 and reading.words[span.first - 1].lower in _WAYS and not reading.layouts[span.first]
    ):
        return True
    return all(place.country not in _CLUBS_LIKE_TOWNS for place in gazetteer.places(surface)[:1])


def _is_no_name(reading: Reading, span: Span) -> bool:
    if span.end - span.first == 1:
        if reading.words[span.first].text in _NO_NAMES:
            return True
    elif reading.words[span.first].text == "Gross" and reading.words[span.end - 1].text == "Product":
        return True
    return is_ticker(reading, span)


def _full_names(reading: Reading, spans: list[Span]) -> tuple[set[str], set[str]]:
    """Family names of persons named in full, and the acronyms given in brackets behind an organisation."""
    texts = reading.words
    surnames: set[str] = set()
    acronyms: set[str] = set()
    for span in spans:
        if span.end - span.first == 1:
            continue
        if span.label == Label.PERSON:
            surnames.add(texts[span.end - 1].text)
        elif span.label == Label.ORGANISATION and span.end + 2 < len(texts):
            opening, acronym, closing = (texts[span.end + step].text for step in range(3))
            if opening == "(" and closing == ")" and acronym.isupper():
                acronyms.add(acronym)
    return surnames, acronyms


def _given_names(reading: Reading, spans: list[Span]) -> set[str]:
    """First words of the persons named in full."""
    return {reading.words[span.first].text for span in spans if span.label == Label.PERSON and span.end - span.first > 1}


def _is_vessel(reading: Reading, span: Span) -> bool:
    return span.first > 0 and reading.words[span.first - 1].text in _VESSELS


def _majority(reading: Reading, spans: list[Span], gazetteer: Gazetteer) -> None:
    named: defaultdict[str, list[Span]] = defaultdict(list)
    for span in spans:
        named[reading.surface(span.first, span.end)].append(span)
    for surface, same in named.items():
        if len(same) == 1 or len(votes := Counter(span.label for span in same)) == 1:
            continue
        (winner, most), (other, second) = votes.most_common(2)
        if most == second and ({winner, other} == _PERSON_OR_BODY or gazetteer.kinds(surface) is None):
            winner, most = _surer(same), most + 1
        if most > second:
            for span in same:
                span.label = winner


def _surer(spans: list[Span]) -> Label:
    """The label of which the tagger is surer in sum, so that a name that no list knows is not two entities."""
    sums: Counter[Label] = Counter()
    for span in spans:
        sums[span.label] += span.confidence  # type: ignore[assignment]
    return max(sums, key=lambda label: (sums[label], label))


def _repeats(reading: Reading, spans: list[Span], surnames: set[str], acronyms: set[str]) -> list[Span]:
    known: dict[tuple[str, ...], Label] = {}
    texts = [word.text for word in reading.words]
    for span in spans:
        if span.label in NAMED:
            known[tuple(texts[span.first : span.end])] = span.label
    for surname in surnames:
        known.setdefault((surname,), Label.PERSON)
    known.update(((acronym,), Label.ORGANISATION) for acronym in acronyms)
    by_first: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in sorted(known, key=len, reverse=True):
        by_first[name[0]].append(name)
    taken = {index for span in spans for index in range(span.first, span.end)}
    found: list[Span] = []
    for start, end in reading.segments:
        for index in range(start, end):
            if index in taken:
                continue
            for name in by_first.get(texts[index], ()):
                places = range(index, index + len(name))
                if places.stop <= end and tuple(texts[index : places.stop]) == name and taken.isdisjoint(places):
                    found.append(Span(index, places.stop, known[name], _REPEATED))
                    taken.update(places)
                    break
    return found


def _places_beside_places(reading: Reading, spans: list[Span], gazetteer: Gazetteer) -> None:
    """A known town right before ", Costa Rica" or ", Texas" is a place, whatever it looked like."""
    for span, after in pairwise(spans):
        if span.label == Label.ORGANISATION and after.first == span.end + 1 and reading.words[span.end].text == ",":
            country = reading.surface(after.first, after.end)
            known = country in gazetteer.countries or country in gazetteer.states
            if known and gazetteer.places(reading.surface(span.first, span.end)):
                span.label = Label.PLACE


def _is_the_alliance(reading: Reading, index: int) -> bool:
    return reading.words[index].text == "Alliance" and index > 0 and reading.words[index - 1].lower == "the"


def _missed_bodies(reading: Reading, spans: list[Span], gazetteer: Gazetteer, *, with_nato: bool) -> list[Span]:
    """Bodies that are known by an id and by no other meaning, and "the Alliance" beside NATO."""
    taken = {index for span in spans for index in range(span.first, span.end)}
    found = []
    for index in reading.candidates:
        if index in taken:
            continue
        end = index + 1
        while reading.names.get(end, ("B",))[0] == "I":
            end += 1
        surface = reading.surface(index, end)
        alliance = with_nato and _is_the_alliance(reading, index)
        landmark = _is_landmark(surface, gazetteer)
        state = surface in _STATES and index > 0 and reading.words[index - 1].text == ","
        if (alliance or landmark or state or gazetteer.is_certain_body(surface)) and taken.isdisjoint(range(index, end)):
            found.append(Span(index, end, Label.PLACE if landmark or state else Label.ORGANISATION, _REPEATED))
            taken.update(range(index, end))
    return found
