"""Head and foot of a telex as Italian agencies send it: a line in the manner of IPTC 7901 or ANSA's three, initials and time below.

``ADN0123 7 POL 0 ADN POL NAZ`` is service, sequence, priority, category, words and products. ANSA writes ``ZCZC4711/SXA``, a
line for its own machines, and ``R POL S0A QBXB`` with the rank and the category; Italpress ``POL --/T``.
"""

from __future__ import annotations

import re
from datetime import datetime

from pipeline.stages.parse.calendar_names import month_of
from pipeline.stages.parse.draft import Draft
from pipeline.stages.parse.formats.dateline import read_dateline
from pipeline.stages.parse.formats.dtg import date_time_group
from pipeline.stages.parse.profile import Profiles
from pipeline.stages.parse.words import urgency

_NUMBERED = re.compile(r"\s{0,4}(\d{2,6})/([A-Z]{2,4})\b")
_HEADED = re.compile(r"\s{0,9}([A-Z]{2,4})[ -]?(\d{3,5}) {1,4}([1-8]) {1,4}([A-Z]{1,3}) {1,4}\d{1,5}\b[^\n]{0,60}")
_MACHINE = re.compile(r"[A-Z]{2,4}\d{3,6}_[A-Z0-9]{2,4}_[A-Z]{2,5}\s*")
_SORTED = re.compile(r"([A-Z]{3}) --/[A-Z]\s*")
_RANKED = re.compile(r"([FBURD]) ([A-Z]{3}) [A-Z0-9]{2,4} [A-Z]{3,5}\s*")
_RANKS = {"F": 1, "B": 2, "U": 3, "R": 4, "D": 5}
_DAY = r"(?P<{0}day>\d{{1,2}})[-.](?P<{0}month>[^\W\d_]{{3}}|\d{{2}})[-.](?P<{0}year>\d{{4}}|\d\d)"
_CLOCK = r"(?P<{0}hour>\d\d):(?P<{0}minute>\d\d)"
_DATED = re.compile(
    rf"\s*(?:{_DAY.format('a')}\s+{_CLOCK.format('a')}|{_CLOCK.format('b')}\s+{_DAY.format('b')})\s*(?:МСК|N{{3,4}})?\s*"
)
_GROUPED = re.compile(r"\s*(?P<signed>[A-Za-z]{2,3}(?:[-/][A-Za-z]{2,3}){1,3} )?\d{6}Z? [^\W\d_]{3,10} \d{2,4}\s*(?:N{3,4})?\s*")
_PUBLISHED = re.compile(r"\s*ISSN [\d -]{8,12}\s*")
#: ``(Abc/Adnkronos)``, ``Abc/Xyz (Segue)``, ``ABC-DEF/GHI``.
_INITIALS = re.compile(
    r"\s*\(?(?:[A-Z][a-z]{2}|[A-Z]{3}|[a-z]{3})(?:[-/] ?(?:[A-Z]?[a-z]{2,3}|[A-Z]{2,3}|[A-Z][a-z]{3,12})){1,3}\)?"
    r"(?: \((?:[Ss]egue|SEGUE)\))?\s*|\s{4,}[A-Z]{2,4}\s*"
)
#: A slugline above a headline: one word in capitals of several parts.
_SLUG = re.compile(r"[^\W\d_a-zß-ÿ]{2,24}(?:[-/][^\W_a-zß-ÿ]{2,24}){1,4}")
#: Initials of one editor, below a blank line.
_ONE = re.compile(r"[A-Z]{3}\s*")
#: Lines of the longest headline, and characters of the longest dateline with what follows it.
_LONGEST_HEADLINE, _REACH = 6, 160
#: Lines at the end of a message among which its time stands.
_FOOT = 6


def read_number(rest: str, draft: Draft) -> bool:
    """Read what stands behind ZCZC; False where it is neither a header nor ANSA's number."""
    if (numbered := _NUMBERED.match(rest)) is not None:
        draft.put("sequence", numbered[1], "ZCZC line")
        draft.put("service", numbered[2], "ZCZC line")
        return True
    return _read_header(rest, draft, "ZCZC line")


def read_head(lines: list[str], draft: Draft) -> list[str]:
    """The lines below the head."""
    at = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    if at < len(lines) and _read_header(lines[at], draft, "first line"):
        return lines[at + 1 :]
    if at < len(lines) and (category := _SORTED.fullmatch(lines[at])) is not None:
        draft.put("subjects", [category[1]], "category")
        return lines[at + 1 :]
    if at < len(lines) and _MACHINE.fullmatch(lines[at]):
        at += 1
        if at < len(lines) and (ranked := _RANKED.fullmatch(lines[at])) is not None:
            draft.put("urgency", _RANKS[ranked[1]], "rank")
            draft.put("subjects", [ranked[2]], "category")
            at += 1
        return lines[at:]
    return lines


def _read_header(line: str, draft: Draft, where: str) -> bool:
    header = _HEADED.fullmatch(line.rstrip())
    if header is None:
        return False
    draft.put("service", header[1], where)
    draft.put("sequence", header[2], where)
    draft.put("urgency", int(header[3]), where)
    draft.put("subjects", [header[4]], where)
    return True


def read_foot(lines: list[str], draft: Draft) -> list[str]:
    """The lines above the foot: initials, a periodical's number, the time."""
    end = len(lines)
    for _ in range(_FOOT):
        last = lines[end - 1] if end else ""
        if dated := _DATED.fullmatch(last):
            draft.put("published_at", _moment(dated), "last lines")
        elif grouped := _GROUPED.fullmatch(last):
            draft.put("published_at", date_time_group(last), "last lines")
            draft.put("signoff", grouped["signed"], "last lines")
        elif draft.published_at and (_INITIALS.fullmatch(last) or (_ONE.fullmatch(last) and not lines[end - 2].strip())):
            signed = last.strip()
            draft.put("signoff", signed.strip(" ()") if signed.startswith("(") else signed, "last lines")
        elif last.strip() and not _PUBLISHED.fullmatch(last):
            break
        if not end:
            break
        end -= 1
    return lines[:end] if draft.published_at else lines


def _moment(dated: re.Match[str]) -> datetime | None:
    day, month, year, hour, minute = (dated[f"a{name}"] or dated[f"b{name}"] for name in ("day", "month", "year", "hour", "minute"))
    number = int(month) if month.isdecimal() else month_of(month)
    try:
        return datetime(int(year) + (2000 if len(year) == 2 else 0), number or 0, int(day), int(hour), int(minute))  # noqa: DTZ001 - in the agency's zone
    except ValueError:
        return None


def split_headline(lines: list[str], draft: Draft, profiles: Profiles) -> list[str]:
    """The lines below a headline that stands directly above the dateline or ends in `` =``."""
    begin = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    for at in range(begin, min(begin + _LONGEST_HEADLINE, len(lines))):
        if at > begin and (found := read_dateline(" ".join(lines[at : at + 2])[:_REACH].strip(), profiles)) and found.profile:
            titles = _below_tags(lines[begin:at], draft)
            draft.put("headline", " ".join(" ".join(titles).split()).strip("= "), "lines above the dateline")
            return lines[at:]
        if lines[at].rstrip().endswith(" ="):
            draft.put("headline", " ".join(" ".join(lines[begin : at + 1]).split()).strip("= "), "lines that end in =")
            return lines[at + 1 :]
    return lines


def _below_tags(lines: list[str], draft: Draft) -> list[str]:
    """The lines of a headline below a word of urgency and a slugline, which take a line each."""
    titles = [text for line in lines if (text := line.strip())]
    if len(titles) > 1 and titles[0].isupper() and (level := urgency(titles[0])) is not None and len(titles[0].split()) == 1:
        draft.put("urgency", level, "line above the headline")
        titles = titles[1:]
    if len(titles) > 1 and _SLUG.fullmatch(titles[0]):
        draft.put("slugline", titles[0], "line above the headline")
        titles = titles[1:]
    return titles
