"""Embargoes that stand only in an editor's note or in the first lines of a text."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo

from pipeline.stages.parse.calendar_names import MONTHS, month_of, weekday_of
from pipeline.stages.parse.times import parse_time

_WORD = re.compile(
    r"\b(?:EMBARG(?:O\w*|AD[AO]S?)|SPERRFRIST|NOT FOR (?:RELEASE|PUBLICATION|BROADCAST|USE)|HOLD FOR RELEASE|(?:FOR|TO BE) (?:RELEASED?|PUBLICATION|USED?)\b|"
    r"do not (?:publish|use|release)|ne pas (?:publier|diffuser)|no (?:publicar|difundir)|nicht veröffentlichen)|эмбарго|禁运|حظر النشر",
    re.IGNORECASE,
)
#: What makes the word an instruction: an embargo on oil is news. Capitals or a colon at the start, or a word of time behind it.
_INSTRUCTION = re.compile(
    r"""
    ^\W*(?:(?:(?i:notes?|eds|editors|attention|strictly|under|achtung|please\ note)|[A-Z]{2,12})\W+){0,3}
        (?:EMBARG(?:O[A-ZÉ]*|AD[AO]S?)\b(?!\s+(?:ON|OVER|AGAINST|SUR|CONTRE|GEGEN|SOBRE|CONTRA)\b)|(?i:embarg(?:o\w*|ad[ao]s?))\s*[:=\d])
    |(?i:\bembarg(?:o\w*|ad[ao]s?)\W{0,3}(?:(?:is|lifts|lifted|ends|expires|for\s+release|for\s+publication)\s+)?
        (?:until|untill|till|til|bis|jusqu\w*|hasta|até|fino|tot|do(?=\s+(?:godz|\d))|до)\b)
    |(?i:\bfor\ release,?\s+(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|\d))
    |(?i:\bembargo\w*\W{0,3}(?:(?:is|lifts|ends|expires)\s+)?
        (?:at|on|to|for|f[oö]r)\s+(?:\d|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)))
    |(?i:\bsperrfrist)
    |(?i:\bnot\ for\ (?:release|publication|broadcast|use)\ (?:before|until|prior|till))
    |(?i:\bhold\ for\ release)
    |(?i:\b(?:for|to\ be)\ (?:released?|publication|used?)\ (?:at|on|after|from|not\ before)\b)
    |(?i:\bdo\ not\ (?:publish|use|release)\ (?:before|until))
    |(?i:\bne\ pas\ (?:publier|diffuser)\ avant)
    |(?i:\bno\ (?:publicar|difundir)\ (?:antes|hasta))
    |(?i:\bnicht\ (?:vor|veröffentlichen\ vor|veröffentlichen\ bis)\b)
    |(?i:эмбарго\s*(?:до|:))
    |حظر\ النشر\s*(?:حتى|:)
    |禁运\s*(?:至|到|[:：])
    """,
    re.VERBOSE,
)
#: An instruction that opens a line and names an end, be it "until delivery" or a day that cannot be read.
_UNTIL = re.compile(
    r"\W*(?:(?i:(?:strictly |under )?embarg(?:o|oed|oe|oé|ado|ada)\W{1,3}(?:until|till|til|bis|jusqu\w*|hasta|até|fino|tot)\b)"
    r"|(?i:sperrfrist\W{1,3}bis\b)|(?i:эмбарго\s+до\b)|禁运[至到]|حظر النشر\s+حتى)"
)
#: Every instruction holds one of these; looking for them first is quick.
_STEMS = (
    "embarg",
    "sperrfrist",
    "release",
    "publi",
    "for use",
    "be used",
    "do not use",
    "diffuser",
    "difundir",
    "nicht v",
    "эмбарго",
    "禁运",
    "حظر",
)
_SMALL_WORD = re.compile(r"[a-zß-ÿ]{3}")
_LIFTED = re.compile(
    r"\b(?:no embargo|embargo (?:is |has been )?lifted|kein\w* sperrfrist|sans embargo|sin embargo)\b", re.IGNORECASE
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:?\d\d(?::?\d\d)?\s*(?:Z|[+-]\d\d:?\d\d)?")
#: ``6:00``, ``6h00``, ``6 p.m.``, ``0600 GMT``; an hour alone only behind a word that announces it.
_CLOCK = re.compile(
    r"(?<![\d.,])(\d{1,2})(?:[:.h](\d\d)|(?=\s*(?:[ap]\.?m|uhr|h\b))|(?<=\d\d)(\d\d)(?=\s*(?:GMT|UTC|hrs|hours|[A-Z]{3,4}\b)))",
    re.IGNORECASE,
)
_BARE_CLOCK = re.compile(
    r"(?<![\d.,:])(?:(?!19|20)([01]\d|2[0-3])([0-5]\d)|(?<=alle )(\d{1,2})|(?<=ore )(\d{1,2})|(?<=kl )(\d{1,2})|(?<=kl\. )(\d{1,2})"
    r"|(?<=klo )(\d{1,2})|(?<=las )(\d{1,2})|(?<=às )(\d{1,2})|(?<=godz\. )(\d{1,2}))(?![\d:/.]\d|\d)",
    re.IGNORECASE,
)
_HALF = re.compile(r"^\s*([ap])\.?m", re.IGNORECASE)
_ZONE = re.compile(r"\b(GMT|UTC|BST|CET|CEST|MEZ|MESZ|EST|EDT|CST|CDT|MST|MDT|PST|PDT|JST|AEST|AEDT|MSK)\b")
_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)\s*$")
_ZONE_HOURS = {
    "GMT": 0, "UTC": 0, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "MSK": 3, "JST": 9, "AEST": 10, "AEDT": 11,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:de\s+|of\s+)?([^\W\d]{3,10})\.?(?:,?\s+(?:de\s+)?(\d{4}))?", re.IGNORECASE
)
_MONTH_DAY = re.compile(r"\b([^\W\d]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?(?!\d|[:.h]\d)", re.IGNORECASE)
#: 2026年3月5日20时30分, 3月5日晚上8点.
_CHINESE = re.compile(
    r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号](?:\s*(?P<half>上午|下午|晚上)?(?P<hour>\d{1,2})[时時点點:：](?P<minute>\d{1,2})?)?"
)
_NUMERIC = re.compile(r"\b(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d\d))?(?!\d)")
_REACH = 200


def puts_embargo(text: str, *, prose: bool = False) -> bool:
    """Whether a note puts an embargo on the dispatch, rather than telling of one in the news.

    In ``prose``, a headline or a first line, the words must come first; a note may be polite before.

    >>> puts_embargo("Sperrfrist bis 19.00 Uhr"), puts_embargo("The oil embargo was discussed. Sin embargo, no.")
    (True, False)
    >>> puts_embargo("EU keeps arms embargo until 5 March", prose=True)
    False
    """
    if not may_put(text):
        return False
    for line in _LIFTED.sub("", text).split("\n"):
        match = _INSTRUCTION.search(line)
        if match and not (prose and _SMALL_WORD.search(line[: match.start()])):
            return True
    return False


def names_an_end(text: str) -> bool:
    """Whether a line opens with an embargo until something, even where no time can be read.

    >>> names_an_end("EMBARGOED UNTIL DELIVERY"), names_an_end("禁运至另行通知"), names_an_end("美国对伊朗禁运至年底")
    (True, True, False)
    """
    return any(_UNTIL.match(line) for line in text.split("\n"))


def may_put(text: str) -> bool:
    """Whether a text holds a word that every instruction holds one of; quick to tell."""
    folded = text.lower()
    for stem in _STEMS:  # noqa: SIM110 - a generator takes as long as all the searches
        if stem in folded:
            return True
    return False


def embargo_time(note: str, published: datetime | None, zone: tzinfo) -> datetime | None:
    """Read until when a note puts an embargo; None where it names no time.

    A day without a year is the next such day after ``published``; a clock time without a day is the next such time, on the
    weekday where one is named; a time without a zone is in ``zone``, the provider's.
    """
    found = _WORD.search(note)
    if found is None:
        return None
    stretch = note[max(0, found.start() - 60) : found.end() + _REACH]
    iso = _ISO.search(stretch)
    if iso:
        moment = parse_time(iso.group().replace(" ", "T", 1))
        return None if moment is None else latest(moment, zone)
    return _spelt_out(note[found.start() : found.end() + _REACH], published, zone)


def spelt_time(text: str) -> datetime | None:
    """Read a day with its year, and a clock time where there is one, spelt out in any of the wires' languages; naive without a zone.

    >>> spelt_time("Tuesday, September 3, 2024 14:30 GMT").isoformat(), spelt_time("3 septembre 2024").isoformat()
    ('2024-09-03T14:30:00+00:00', '2024-09-03T00:00:00')
    >>> spelt_time("Seg, 24 Set 2018 20:11:00 -0300").isoformat()
    '2018-09-24T20:11:00-03:00'
    """
    found = _date(text, None, short=True) if re.search(r"\d{4}", text) else None
    if found is None:
        return None
    (year, month, day), rest = found
    hour, minute = _clock(rest) or (0, 0)
    named, offset = _ZONE.search(text), _OFFSET.search(text)
    hours = _ZONE_HOURS[named.group()] if named else int(f"{offset[1]}{offset[2]}") if offset else 0
    minutes = int(f"{offset[1]}{offset[3]}") if offset and not named else 0
    zone = timezone(timedelta(hours=hours, minutes=minutes)) if named or offset else None
    try:
        return datetime(year, month, day, hour, minute, tzinfo=zone)
    except ValueError:
        return None


def _spelt_out(text: str, published: datetime | None, zone: tzinfo) -> datetime | None:
    if (chinese := _CHINESE.search(text)) is not None:
        hour = int(chinese["hour"] or 0)
        hour += 12 if chinese["half"] in ("下午", "晚上") and hour < 12 else 0
        on = _with_year(int(chinese["day"]), int(chinese["month"]), chinese["year"], published)
        text = f"{on[0]:04}-{on[1]:02}-{on[2]:02}T{hour:02}:{int(chinese['minute'] or 0):02}"
        moment = parse_time(text)
        return None if moment is None else latest(moment, zone)
    day = _date(text, published)
    clock = _clock(day[1] if day else text)
    if (named := _ZONE.search(text)) is not None:
        zone = timezone(timedelta(hours=_ZONE_HOURS[named.group()]))
    try:
        if day is not None:
            return latest(datetime(*day[0], *(clock or (0, 0))), zone)  # noqa: DTZ001 - that is where its zone comes from
        if clock is None or published is None:
            return None
        reference = published.astimezone(zone) if published.tzinfo else published.replace(tzinfo=zone)
        moment = reference.replace(hour=clock[0], minute=clock[1], second=0, microsecond=0)
        weekday = weekday_of(text)
        while moment < reference or weekday not in (None, moment.weekday()):
            moment += timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return latest(moment.replace(tzinfo=None), zone)


def latest(moment: datetime, zone: tzinfo) -> datetime:
    """The moment in the zone, unless it has one: of the two that a change of the clocks makes of it the later, so that none is early.

    >>> from zoneinfo import ZoneInfo
    >>> latest(datetime(2026, 10, 25, 2, 30), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-10-25T02:30:00+01:00'
    """
    if moment.tzinfo is not None:
        return moment
    return max((moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1)), key=datetime.timestamp)


def _clock(text: str) -> tuple[int, int] | None:
    match = _CLOCK.search(text)
    if match is None:
        bare = _BARE_CLOCK.search(text)
        if bare:
            hour, minute, *alone = bare.groups()
            return (int(hour), int(minute)) if hour else next((int(each), 0) for each in alone if each)
        if re.search(r"\bnoon\b", text, re.IGNORECASE):
            return 12, 0
        return (0, 0) if re.search(r"\b(?:midnight|00h01)\b", text, re.IGNORECASE) else None
    hour, minute = int(match[1]), int(match[2] or match[3] or 0)
    half = _HALF.match(text[match.end() :])
    if half:
        hour = hour % 12 + (12 if half[1].lower() == "p" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None


def _date(text: str, published: datetime | None, *, short: bool = False) -> tuple[tuple[int, int, int], str] | None:
    """Find a date; return it with the text without it. ``short`` names of months of all languages are words in prose."""
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for match in pattern.finditer(text):
            number = MONTHS.get(match[month].lower()) or (month_of(match[month]) if short else None)
            if number:
                return _with_year(int(match[day]), number, match[3], published), text[: match.start()] + text[match.end() :]
    for match in _NUMERIC.finditer(text):
        if (
            1 <= int(match[2]) <= 12
            and 1 <= int(match[1]) <= 31
            and (match[3] or "/" in match.group() or match.group().count(".") > 1)
        ):
            return _with_year(int(match[1]), int(match[2]), match[3], published), text[: match.start()] + text[match.end() :]
    return None


def _with_year(day: int, month: int, year: str | None, published: datetime | None) -> tuple[int, int, int]:
    if year:
        return (int(year) + (2000 if len(year) == 2 else 0), month, day)
    reference = published or datetime.now().astimezone()
    half_year = 6
    return (reference.year + (month + half_year < reference.month), month, day)
