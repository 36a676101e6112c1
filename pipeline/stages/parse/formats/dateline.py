"""The dateline that opens a text: ``CITY, Month D (AGENCY) - `` and what agencies of all languages make of it.

A date is told by its shape, a number beside one word, so that months of every language are; a place by its length and its
capitals, or by a script that has none; an agency by the profiles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.stages.parse.profile import Profile, Profiles

#: Characters within which a dateline ends.
_REACH = 220
#: Words of the longest place, as "Port Vila, Republic of Vanuatu"; where the agency is known, of two cities.
_LONGEST_PLACE, _LONGEST_OF_KNOWN = 6, 9
#: Words of a place that may stand before an agency and a text without any sign between.
_SHORT_PLACE = 3
_CREDITS = re.compile(
    r"[(（]\s*(?P<bracketed>[^\W\d_][^()（）\n]{0,40}?)\s*[)）]|/(?P<slashed>[^\W\d_][\w .&-]{1,40}(?:/[\w .&-]{2,40}){0,2})/"
)
_SEPARATOR = re.compile(r"[ \t]*[.,]?\s*(?:[-–—―_=|]{1,3}|:|：)\s*|(?<=/)\.?\s+")
#: PAP's: 10.03. Warszawa (PAP) -
_DAY_FIRST = re.compile(r"\d{1,2}\.\d{1,2}\.(?:\d{4})?\s*")
_DASH = re.compile(r"\s[-–—]{1,2}\s+")
_BEHIND_DASH = re.compile(r"([^\W\d_][\w -]{1,20})\.\s+")
_LEADING = re.compile(r"[(（]\s*(?P<credit>[^\W\d_][^()（）\n]{1,30}?)\s*[)）]\s*[-–—]?\s*")
_PLACE_FIRST = re.compile(r"(?P<head>[^\W\d_][^()\n]{1,70}?)(?:\s+[-–—]|\.-)\s*(?=\S)")
_CHINESE = re.compile(
    r"[【（(]?(?P<credit>新华社|新華社|中新社|中新网|中央社)[^\d\s【】（）()]{0,24}(?:\d{1,2}月)?(?:\d{1,2}日)?[^\d\s【】（）()]{0,4}[电電]"
    r"(?:[】）)]|\s*[（(][^（）()]{1,40}[）)])?\s*"
)
_JAPANESE = re.compile(r"[【（](?P<place>[^】）\s]{1,14}?)\s?(?P<credit>共同|時事|ロイター)[】）]\s*")
_MONTH_BESIDE_DAY = (
    r"(?:\d{1,2}(?:\.|st|nd|rd|th|er|º)?[ ]?(?:de\s|of\s|d['’])?[^\W\d_]{3,12}\.?(?:,?\s(?:de\s|del\s)?\d{4}\b)?(?:\s?(?:г|р|r)\.)?"
    r"|(?:\d{4}\.\s)?[^\W\d_]{3,12}\.?\s\d{1,2}(?:\.|st|nd|rd|th)?(?:,?\s\d{4}\b)?"
    r"|\d{1,2}[./-]\d{1,2}(?:[./-](?:\d{2,4}\b)?)?|\d{4}-\d\d-\d\d)"
)
_DATE = re.compile(
    rf"(?:^|[\s,.|])(?:(?:le|el|on|den|am|il)\s)?{_MONTH_BESIDE_DAY}(?:,\s?[^\W\d_]{{3,12}})?(?:,?\s\d{{1,2}}[:.h]\d\d(?:\s?(?:GMT|UTC|[AP]M))?)?[\s,.|–—-]*$",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"[^a-zß-ÿ]{2,}")
_TIMESTAMP = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T ]\d\d:?\d\d[\d:.]*\s?(?:Z|GMT|UTC)?(?:[+-]\d\d:?\d\d)?)?")
_SENTENCE = re.compile(r"[!?;\"“”„«»]|(?<=[a-zß-ÿ]{4})[.:]\s")
_BYLINES = frozenset(("by", "von", "par", "por", "door", "od"))
#: What joins the names of a place in small letters.
_JOINING = frozenset(
    [
        "de",
        "la",
        "le",
        "les",
        "el",
        "los",
        "las",
        "del",
        "der",
        "den",
        "dem",
        "des",
        "di",
        "du",
        "da",
        "do",
        "dos",
        "das",
        "van",
        "von",
        "und",
        "and",
        "et",
        "y",
        "e",
        "i",
        "o",
        "of",
        "the",
        "sur",
        "sous",
        "bei",
        "im",
        "in",
        "am",
        "an",
        "al",
        "près",
        "near",
    ]
)


@dataclass(frozen=True)
class Dateline:
    """What opens a text."""

    written: str | None
    """The dateline as it stands; None where an agency opens the text without place and date."""
    credit: str
    """Agency as it stands."""
    profile: Profile | None
    rest: str
    """The text behind it."""
    dated: bool = False
    """Whether it names a day."""


def split_dateline(text: str, profiles: Profiles) -> tuple[str | None, str | None, str]:
    """Cut a paragraph into its dateline, the agency's credit in it, and the rest; None where it opens without one."""
    found = read_dateline(text, profiles)
    return (None, None, text) if found is None else (found.written, found.credit, found.rest)


def read_dateline(text: str, profiles: Profiles) -> Dateline | None:
    r"""Read the dateline that opens a text; None where there is none.

    >>> from pipeline.stages.parse.profile import load_profiles
    >>> known = load_profiles()
    >>> read_dateline("ROSCOE, South Dakota (AP) _ Robert went broke.", known).written
    'ROSCOE, South Dakota (AP)'
    >>> read_dateline("МОСКВА, 3 марта. /ТАСС/. Порт закрыт.", known).rest
    'Порт закрыт.'
    >>> read_dateline("(ANSA) - ROMA, 1 LUG - Il porto", known).written
    '(ANSA) - ROMA, 1 LUG'
    >>> read_dateline("SEOUL, Nov 26 AFP - Samsung", known).written
    'SEOUL, Nov 26 AFP'
    >>> read_dateline("10.03. Warszawa (PAP) - Port", known).written
    '10.03. Warszawa (PAP)'
    >>> read_dateline("新华社北京3月3日电 港口关闭。", known).rest
    '港口关闭。'
    >>> read_dateline("The party (SPD) said no.", known)
    """
    start = text[:_REACH]
    opening = start.lstrip()
    if not opening or not (
        "(" in start
        or "/" in start
        or "（" in start
        or "【" in start
        or " - " in start
        or "–" in start
        or "—" in start
        or "电" in start
        or "電" in start
    ):
        return None
    lead = len(start) - len(opening)
    found = (
        _east_asian(start, profiles)
        or _leading(start, lead, profiles)
        or _credited(start, lead, profiles)
        or _bare(start, profiles)
    )
    if found is None:
        return None
    end, written, credit, profile = found
    return Dateline(written, credit, profile, text[end:].strip(), _is_dated(written or "", credit))


def _is_dated(written: str, credit: str) -> bool:
    return _DATE.search(written.replace(credit, "").strip(" ()（）/-–—,.")) is not None


_Found = tuple[int, str | None, str, Profile | None]


def _credited(start: str, lead: int, profiles: Profiles) -> _Found | None:
    """``PLACE, DATE (AGENCY) - `` or ``/AGENCY/``; where the first parentheses hold no agency, a later pair may."""
    candidates = list(_CREDITS.finditer(start))[:3]
    known = next(((each, profile) for each in candidates if (profile := agency(_credit(each), profiles)) is not None), None)
    match, profile = known or (candidates[0] if candidates else None, None)
    if match is None or match.start() == lead:
        return None
    head = start[lead : match.start()].strip(" ,.|–—-\t")
    day = _DAY_FIRST.match(head) if head[:1].isdigit() else None
    date = day or _DATE.search(head)
    place = head[day.end() :] if day else head[: date.start()].strip(" ,.|–—-") if date else head
    after = _SEPARATOR.match(start, match.end())
    behind = start[after.end() if after else match.end() :].lstrip()
    capital = bool(behind) and not behind[0].islower()
    if profile is None and (match["slashed"] or not ((capital and (after or date)) or (after and date))):
        return None
    if not _is_place(place, known=profile is not None, dated=date is not None):
        return None
    # "Agence France-Presse (AFP) Chairman": a name and its short form.
    if not behind and not date and any(word[:1].islower() for word in place.split()):
        return None
    short = capital and len(place.split()) <= _SHORT_PLACE and profiles.find(place) is None
    if not (after or date or place.isupper() or match["slashed"] or not behind or short):
        return None
    return (after.end() if after else match.end()), start[lead : match.end()].strip(), _credit(match), profile


def _credit(match: re.Match[str]) -> str:
    return (match["bracketed"] or match["slashed"]).strip()


def _leading(start: str, lead: int, profiles: Profiles) -> _Found | None:
    """``(ANSA) - ROMA, 1 LUG - ``, or an agency alone: ``(Reuters) - ``."""
    match = _LEADING.match(start, lead)
    profile = agency(match["credit"], profiles) if match else None
    if match is None or profile is None:
        return None
    behind = _PLACE_FIRST.match(start, match.end())
    if behind is not None:
        head = behind["head"].strip(" ,.")
        date = _DATE.search(head)
        place = head[: date.start()].strip(" ,.") if date else head
        if (date or _CAPITALS.fullmatch(place) or len(place.split()) < 3) and _is_place(place, known=True, dated=date is not None):
            return behind.end(), start[lead : match.end() + len(behind["head"].rstrip())].strip(), match["credit"], profile
    dashed = start[: match.end()].rstrip().endswith(("-", "–", "—"))
    return (match.end(), None, match["credit"], profile) if dashed else None


def _bare(start: str, profiles: Profiles) -> _Found | None:
    """``PLACE, DATE AGENCY - `` as Kyodo and AAP write, ``МОСКВА, 3 мар - РИА Новости. ``."""
    dash = _DASH.search(start)
    if dash is None:
        return None
    words = start[: dash.start()].split()
    after = _BEHIND_DASH.match(start, dash.end())
    for credit, head, end, stop in (
        *((" ".join(words[-size:]), " ".join(words[:-size]), dash.end(), dash.start()) for size in (1, 2)),
        *(((after[1], " ".join(words), after.end(), after.end(1)),) if after else ()),
    ):
        profile = profiles.by_dateline(credit) if credit else None
        if profile is None:
            continue
        date = _DATE.search(head)
        place = (head[: date.start()] if date else head).strip(" ,.")
        if place and (date or place.isupper()) and _is_place(place, known=True, dated=date is not None):
            return end, start[:stop].strip(), credit, profile
    return None


def _east_asian(start: str, profiles: Profiles) -> _Found | None:
    """``新华社北京3月3日电`` and ``【パリ共同】``."""
    match = _CHINESE.match(start) or _JAPANESE.match(start)
    if match is None:
        return None
    return match.end(), match.group().strip(), match["credit"], agency(match["credit"], profiles)


def agency(credit: str, profiles: Profiles) -> Profile | None:
    """The agency that a credit names, alone or beside others: ``tca/dpa``, ``ats afp``, ``NTB-Reuters``."""
    whole = profiles.by_dateline(credit)
    if whole is not None or len(credit) < 5:  # "AFP", "dpa"
        return whole
    parts = [part for part in re.split(r"[/,;+&]|\s-\s|\s", credit) if part]
    parts += [piece for part in parts if "-" in part for piece in part.split("-")]
    return next((found for part in parts if len(part) > 1 and (found := profiles.by_dateline(part)) is not None), None)


def _is_place(place: str, *, known: bool, dated: bool) -> bool:
    """Whether words are the name of a place, or of two, rather than the beginning of a sentence."""
    if not place:
        return dated
    words = place.replace("/", " / ").split()
    names = [word for word in words if word.strip("(),.").casefold() not in _JOINING and word != "/"]
    if not known and any(any(map(str.isdigit, name)) for name in names):
        return False
    if not names or len(names) > (_LONGEST_OF_KNOWN if known else _LONGEST_PLACE) or _SENTENCE.search(place):
        return False
    first = names[0].lstrip("('’`s-" if names[0].startswith(("'s-", "’s-", "`s-")) else "(")[:1]
    if not first.isalpha() or first.islower() or names[0].casefold() in _BYLINES:
        return False
    small = sum(word.lstrip("('’`")[:1].islower() for word in names[1:])
    return small <= 1 if known else small * 2 <= len(names)


def is_timestamp(text: str) -> bool:
    """Whether what stands for a dateline is a machine's time and no dateline.

    >>> is_timestamp("20170102T222800+0000"), is_timestamp("2014-07-16 15:53:10 GMT+00:00"), is_timestamp("4/4/2018")
    (True, True, False)
    >>> is_timestamp("20200616")
    True
    """
    return _TIMESTAMP.fullmatch(text.strip()) is not None
