"""Where a name begins and ends: titles stay out, what belongs to it is taken in."""

from __future__ import annotations

import re

from pipeline.stages.entities.gazetteer import Gazetteer
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import NAMED, Label, Span
from pipeline.stages.entities.vocabulary import words

#: Titles that are written before a name and are no part of it.
TITLES_BEFORE = frozenset(
    words(
        "Mr Mr. Mrs Mrs. Ms Ms. Dr Dr. President Minister Premier Chancellor Senator Sen. Rep. Representative"
        " Brigadier Major Lieutenant Marshal Commander Corporal Deputy"
        " Lieutenant-Colonel Lieutenant-General Major-General Brigadier-General Vice-Admiral Vice-President Vice-Premier"
        " Congressman Governor Gov. Secretary Gen. Lt. Col. Colonel Maj. Capt. Captain Sgt. Sergeant Admiral Adm."
        " Justice Pope Cardinal Archbishop Bishop Rev. Ayatollah Ambassador Professor Prof. Chairman Spokesman Coach"
        " King Queen Prince Princess Judge Herr Frau Papa Presidente Ministro Bundeskanzler Bundeskanzlerin Präsident"
        " Mme Foreign Prime Defence Defense"
    )
)
#: What a company's name ends in and nothing else does.
COMPANY_ENDS = frozenset(words("Inc Inc. Corp Corp. Ltd Ltd. Plc plc PLC GmbH ASA Oyj SpA LLC Bhd Pty KGaA"))
_ABBREVIATED_FORMS = frozenset(words("Inc. Corp. Co. Ltd. Bros. Cos."))
#: Syllables of Korean and Chinese given names that are also English words: "Moon Jae-in", but not "a Trump-backed man".
_SYLLABLES = frozenset(
    words(
        "back beak chin dong gun gum hang ho hong hung hun in jin kin lung man mi min moon sang se sin song suk sun sung won woo"
        " young"
    )
)
#: The rest of a town's name behind its first hyphen, "Mazar-i-Sharif", "Sars-la-Buissiere"; other words are "-based" or "-led".
_REST_OF_TOWN = re.compile(
    r"(?:(?:i|en|sur|sous|l[aeè]s?|lez|de|du|des|aux?|os|a[lmn]|der|upon|on|y|d[aeo]s?)-){1,3}[^\W\d_]{2,30}"
)
#: Behind a number, of which it is a word of its own: "58th" is "58" and "th".
_ORDINAL_ENDS = frozenset(words("st nd rd th"))
#: Bodies of which a state has several, told by their number.
_NUMBERED = frozenset(words("Division Army Brigade Regiment Battalion Corps Fleet Squadron Wing Circuit District Court"))
#: What "National" bodies that bear their people's name end in.
_NATIONAL = COMPANY_ENDS | frozenset(words("Co Bank Airlines Railways Congress Party Front Union Federation Foundation Committee"))
_SIDES = ("pro-", "anti-", "ex-", "non-")
_LONGEST_SYLLABLE = 6
_LONGEST_SMALL_WORD = 3
#: Particles that stand between the parts of a name and mean nothing else between two persons.
_PARTICLES = frozenset(words("da do dos das bin ibn bint von van"))
#: Class of ``training/entities/casing.py``.
_NEARLY_ALWAYS_SMALL = 3
#: Kinds of the gazetteer that are bodies.
BODY_KINDS = frozenset(("IG", "CM", "BR", "CB"))


def leave_title_out(reading: Reading, span: Span) -> None:
    """Part the titles from a person, "President Kovač"."""
    while span.end - span.first > 1 and reading.words[span.first].text in TITLES_BEFORE:
        span.first += 1


def take_number_in(reading: Reading, body: Span) -> None:
    """Keep "5th Infantry Division" and "9th U.S. Circuit Court of Appeals" whole: a number is no candidate for a name."""
    words, first = reading.words, body.first
    if first < 2 or words[first - 1].text not in _ORDINAL_ENDS or not words[first - 2].is_number:
        return
    joined = reading.ends[first - 2] == reading.starts[first - 1]
    if joined and any(word.text in _NUMBERED for word in words[first : body.end]):
        body.first -= 2


def take_hyphens_in(reading: Reading, span: Span) -> None:
    """Keep "Mazar-i-Sharif" whole: behind a small letter it is cut off as if it were the one of "Geneva-based"."""
    if span.end + 1 >= len(reading.words) or reading.words[span.end].text != "-":
        return
    rest, end = reading.words[span.end + 1].text, reading.ends[span.end - 1]
    joined = (reading.starts[span.end], reading.starts[span.end + 1]) == (end, end + 1)
    if joined and _REST_OF_TOWN.fullmatch(rest) and rest.rpartition("-")[2][0].isupper():
        span.end += 2


def take_people_in(reading: Reading, body: Span, gazetteer: Gazetteer) -> None:
    """Keep "Nigerian National Petroleum Corp" whole, but not "the Nigerian National Assembly"."""
    words, first = reading.words, body.first
    if words[first].text != "National" or first == 0 or words[body.end - 1].text not in _NATIONAL:
        return
    if words[first - 1].text in gazetteer.peoples:
        body.first -= 1


def take_known_in(reading: Reading, span: Span) -> None:
    """Keep "Bank of Japan" whole, which is known by that name."""
    mark, kinds = reading.names.get(span.first, ("", ()))
    if mark == "B" and "IG" in kinds and span.label in NAMED:
        end = span.first + 1
        while reading.names.get(end, ("",))[0] == "I":
            end += 1
        if end > span.end:
            span.end, span.label = end, Label.ORGANISATION


def leave_side_out(reading: Reading, span: Span) -> None:
    """Part what it is for or against from "pro-Israeli South Lebanon Army"."""
    if reading.words[span.first].text.startswith(_SIDES):
        span.first += 1


def take_syllable_in(reading: Reading, span: Span) -> None:
    """Keep "Lee Jae-myung" whole: the small half of a given name is cut off as if it were the one of "Seoul-based"."""
    if span.end - span.first == 1 or span.end + 1 >= len(reading.words):
        return
    mark, tail = reading.words[span.end], reading.words[span.end + 1]
    head, end = reading.words[span.end - 1], reading.ends[span.end - 1]
    if mark.text != "-" or (reading.starts[span.end], reading.starts[span.end + 1]) != (end, end + 1):
        return
    short = len(head.text) <= _LONGEST_SYLLABLE and len(tail.text) <= _LONGEST_SYLLABLE
    if short and tail.is_small and (not tail.seen_small or tail.text in _SYLLABLES):
        span.end += 2


def take_small_word_in(reading: Reading, span: Span) -> None:
    """Keep "President To Lam" whole: a word that is else small belongs to it where it is large behind a title or a small word."""
    if span.end - span.first > 1 or span.first < 2:
        return
    before, word = reading.words[span.first - 2], reading.words[span.first - 1]
    if word.shape == "Xx" and len(word.text) <= _LONGEST_SMALL_WORD and word.seen_small == _NEARLY_ALWAYS_SMALL:
        span.first -= before.title or before.is_small


def leave_article_out(reading: Reading, span: Span, gazetteer: Gazetteer) -> None:
    """Part "The" from "The Central Bank", which is known without it, but not from "The Times"."""
    if span.end - span.first == 1 or reading.words[span.first].text != "The":
        return
    whole, bare = (gazetteer.kinds(reading.surface(first, span.end)) for first in (span.first, span.first + 1))
    span.first += whole is None and bare is not None


def take_company_end_in(reading: Reading, span: Span) -> None:
    """Keep "Lubrizol Corp" whole, and a company what a town's name opens: "Sheffield Iron Ltd"."""
    if span.label in NAMED and span.end < len(reading.words) and reading.words[span.end].text in COMPANY_ENDS:
        span.end += 1
        span.label = Label.ORGANISATION


def leave_full_stop_out(reading: Reading, span: Span) -> None:
    """End "Lubrizol Corp." before the full stop that also ends the sentence; the reading's own end of the word moves."""
    last = span.end - 1
    after = reading.words[span.end] if span.end < len(reading.words) else None
    opens = after is not None and after.candidate and after.seen_small == _NEARLY_ALWAYS_SMALL
    if (after is None or after.is_line_end or opens) and reading.words[last].text in _ABBREVIATED_FORMS:
        reading.ends[last] = reading.starts[last] + len(reading.words[last].text) - 1


def take_possessive_in(reading: Reading, span: Span, gazetteer: Gazetteer) -> None:
    """Keep "Moody's" whole, which is known by that name alone."""
    if span.end < len(reading.words) and reading.words[span.end].text in ("'s", "\N{RIGHT SINGLE QUOTATION MARK}s", "'S"):
        kinds = (gazetteer.kinds(f"{reading.surface(span.first, span.end)}'s") or "").split()
        bare = gazetteer.kinds(reading.surface(span.first, span.end))
        if not BODY_KINDS.isdisjoint(kinds) and bare in (None, "C3"):
            span.end += 1
            span.label = Label.ORGANISATION


def join_particles(reading: Reading, spans: list[Span]) -> list[Span]:
    """Keep "João Guimarães da Conceição" whole where the tagger finds a full name, a particle and a family name.

    The family name may look like a town's, but not in a language in which the particle is a word: "João Silva da Petrobras".
    """
    joined: list[Span] = []
    for span in spans:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.label == Label.PERSON
            and (span.label == Label.PERSON or (span.label in NAMED and not reading.elisions))
            and before.end + 1 == span.first
            and before.end - before.first > 1
            and span.end - span.first == 1
            and reading.words[before.end].text in _PARTICLES
        ):
            before.end = span.end
            before.confidence = min(before.confidence, span.confidence)
        else:
            joined.append(span)
    return joined


def join_known(reading: Reading, spans: list[Span], gazetteer: Gazetteer) -> list[Span]:
    """Keep "Los Angeles Kings" whole where the tagger takes it for the city's club and a second one."""
    joined: list[Span] = []
    for span in spans:
        before = joined[-1] if joined else None
        if before is not None and before.end == span.first and Label.ORGANISATION in (before.label, span.label):
            kinds = (gazetteer.kinds(reading.surface(before.first, span.end)) or "").split()
            if not BODY_KINDS.isdisjoint(kinds):
                before.end, before.label = span.end, Label.ORGANISATION
                before.confidence = min(before.confidence, span.confidence)
                continue
        joined.append(span)
    return joined
