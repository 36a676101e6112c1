"""Telex messages between ``ZCZC`` and ``NNNN``, with fields in one of three customs or none.

``AN#26945219`` lines name fields by two letters (AAP's newsbites); lines that begin with a sign (``^`` headline, ``:`` keyword,
``=`` take, ``$`` category, ``+`` subject, ``*T`` table) name them by it; else the text is a headline and paragraphs.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import islice

from pipeline.stages.parse.calendar_names import month_of
from pipeline.stages.parse.draft import Broken, Draft
from pipeline.stages.parse.encoding import decode, repair
from pipeline.stages.parse.formats.dateline import split_dateline
from pipeline.stages.parse.formats.dtg import date_time_group
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.iptc_notes import split_signoff
from pipeline.stages.parse.formats.telex_frame import read_foot, read_head, read_number, split_headline
from pipeline.stages.parse.formats.wrapped import reflow
from pipeline.stages.parse.profile import Profiles
from pipeline.stages.parse.signoff import agency_of_signoff
from pipeline.stages.parse.times import parse_time

_START = re.compile(rb"^[\x00-\x09\x0b-\x20\x7f]{0,12}ZCZC(?![A-Za-z])([^\r\n]{0,200})\r?\n?", re.IGNORECASE | re.MULTILINE)
_END = re.compile(rb"^[ \t]*N{4}[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_LETTERED = re.compile(r"([A-Z]{2})#(.*)", re.DOTALL)
_SIGNED = re.compile(r"([$:=^*&+#@%~])(.*)")
#: Racing desks route a message by a line of its own and head it ``:POTTED :Headline`` or ``RACING : Headline``.
_ROUTING = re.compile(r"YY [A-Z]{3}\b[^\n]{0,80}\n")
_HEADED = re.compile(r":?(?P<slug>[A-Z]{3,12}) ?: ?(?P<headline>\w[^\n]{2,100})\n")
#: A place alone in parentheses, and characters of the longest category.
_PLACE = re.compile(r"\(([^\W\d_][^()]{1,40})\)")
_LONGEST_CATEGORY = 4
#: Blank lines that may part two fields.
_BLANK_LINES = 4
_NUMBER = re.compile(r"\b([A-Za-z]{1,5})[ -]?(\d{2,6})\b")
_DATE = re.compile(r"(\d{1,2})\.? ([^\W\d_]{3,10})\.? (\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_LONGEST_HEADLINE = 200
#: A line that holds a date-time group and nothing else.
_TIME = re.compile(r"\W{0,9}\d{6}\s{1,9}(?:[A-Za-z]{1,4}\s{1,9})?[^\W\d_]{3,10}\.?\s{1,9}\d{2,4}\W{0,9}")
#: Characters of a line that holds a date-time group and nothing else.
_LONGEST_TIME = 30
_NAMES = {
    "TI": "headline", "AN": "item_id", "BY": "byline", "KY": "slugline", "SO": "rights", "LA": "language", "DL": "dateline",
}  # fmt: skip


def claims(content: Content) -> bool:
    """Whether bytes begin with the start signal, control characters aside."""
    return _START.match(content.start) is not None


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Read every message of a file; the end signal may be missing."""
    data = content.data
    if not _START.match(data):  # a byte order mark or blank lines stand before
        data = data.removeprefix(BOM_UTF8).lstrip()
    found = list(_START.finditer(data))
    senders: dict[str | None, str] = {}  # by service: a kill often says no more than a number
    for start, end in zip(found, [*(match.start() for match in found[1:]), len(data)], strict=True):
        raw = data[start.start() : end]
        body = _END.split(data[start.end() : end], maxsplit=1)[0]
        text = repair(decode(body)).replace("\r\n", "\n").replace("\r", "\n")
        if not re.search(r"\w", text):
            yield Broken(raw, "telex message without text between ZCZC and NNNN")
            continue
        draft = Draft("zczc_text", raw)
        _read_number(decode(start[1]), draft)
        _read(text.lstrip("\n"), draft, content.profiles)
        sender = next((word for word in decode(start[1]).split() if content.profiles.find(word)), None)
        draft.put("provider", sender, "ZCZC line")
        signed = agency_of_signoff(text.rstrip().rpartition("\n")[2], content.profiles)
        draft.put("provider", (signed.names or [signed.name])[0] if signed else None, "sign-off")
        if draft.provider:
            senders[draft.service] = draft.provider
        elif draft.service in senders:
            draft.put("provider", senders[draft.service], "the service's other messages")
        yield draft


def _read_number(rest: str, draft: Draft) -> None:
    if not read_number(rest, draft) and (number := _NUMBER.search(rest)) is not None:
        draft.put("service", number[1], "ZCZC line")
        draft.put("sequence", number[2], "ZCZC line")


def _is_headline(paragraph: str, profiles: Profiles) -> bool:
    short = len(paragraph) <= _LONGEST_HEADLINE and "(" not in paragraph and not paragraph.endswith(".")
    return short and split_dateline(paragraph, profiles)[0] is None


def _routed(text: str, draft: Draft) -> str:
    """The text below the line that routes it and the line that heads it."""
    routing = _ROUTING.match(text)
    if routing is None:
        return text
    headed = _HEADED.match(text, routing.end())
    if headed is None:
        return text[routing.end() :]
    draft.put("slugline", headed["slug"], "line below the routing")
    draft.put("headline", headed["headline"], "line below the routing")
    return text[headed.end() :]


def _read(text: str, draft: Draft, profiles: Profiles) -> None:
    text = _routed(text, draft)
    if _LETTERED.match(text):
        found = _read_lettered(text, draft)
    elif _SIGNED.match(text) and not text.partition("\n")[0].endswith(" ="):
        found = _read_signed(text, draft)
    else:
        lines = read_foot(read_head(text.split("\n"), draft), draft)
        lines = [line for line in lines if not _TIME.fullmatch(line) or date_time_group(line) is None]
        lines = split_headline(lines, draft, profiles)
        found = [each for each in reflow("\n".join(lines)) if len(each) > _LONGEST_TIME or date_time_group(each) is None]
        if draft.headline is None and len(found) > 1 and _is_headline(found[0], profiles):
            draft.put("headline", found.pop(0), "first paragraph")
    found = split_signoff(found, draft)
    if found:
        dateline, credit, found[0] = split_dateline(found[0], profiles)
        draft.put("dateline", dateline, "start of the text")
        known = next((name for name in re.split(r"[/ ]", credit or "") if name and profiles.by_dateline(name)), None)
        draft.put("provider", known, "dateline")
    draft.put("text", "\n\n".join(filter(None, found)), "message")
    draft.put("published_at", date_time_group(text[:300] + "\n" + text[-300:]), "date-time group")


def _read_lettered(text: str, draft: Draft) -> list[str]:
    fields: dict[str, str] = {}
    name = ""
    for line in text.split("\n"):
        if name != "TX" and (field := _LETTERED.match(line)) is not None:
            name = field[1]
            fields[name] = field[2].strip()
        elif name:
            fields[name] = f"{fields[name]}\n{line}".strip("\n")
    for code, field_name in _NAMES.items():
        draft.put(field_name, " ".join(fields.get(code, "").split()), f"{code}#")
    draft.put("sequence", fields.get("AN"), "AN#")
    draft.put("provider", fields.get("KN"), "KN#")
    draft.put("published_at", parse_time(fields.get("PD")) or _date(fields.get("PD", "")), "PD#")
    draft.put("keywords", [word for code in ("KY", "CO") for word in fields.get(code, "").split()], "KY# and CO#")
    return reflow(fields.get("TX", "")) or reflow(fields.get("AB", ""))


def _date(text: str) -> object:
    found = _DATE.search(text)
    month = month_of(found[2]) if found else None
    if found is None or month is None:
        return None
    return parse_time(f"{found[3]}-{month:02}-{int(found[1]):02}T{int(found[4] or 0):02}:{found[5] or '00'}:{found[6] or '00'}")


def _below(lines: list[str], at: int) -> str:
    """The next line that says something, near by."""
    return next((line for line in islice(lines, at + 1, at + _BLANK_LINES) if line.strip()), "")


def _read_signed(text: str, draft: Draft) -> list[str]:
    lines = text.split("\n")
    signs: dict[str, str] = {}
    at = 0
    while at < len(lines):
        field = _SIGNED.match(lines[at])
        if field is None and (lines[at].strip() or (signs and not _SIGNED.match(_below(lines, at)))):
            break
        if field and (field[2].strip() or field[1] == ":"):  # an empty keyword is one; what follows it is the issuer
            signs.setdefault(field[1], field[2].strip())
        at += 1
    category = signs.get("$", "")
    told = len(category) > _LONGEST_CATEGORY
    place = _PLACE.fullmatch(signs.get(":", ""))
    headline, slug, take = ("^", ":", "=") if "^" in signs else ("$", "#", "=") if told else (":", "#", "@")
    if place is not None:
        draft.put("dateline", place[1], ": line")
        signs.pop(":")
    if re.search(r"[^\W\d_]", signs.get(headline, "")):
        draft.put("headline", signs.get(headline), f"{headline} line")
    draft.put("slugline", " ".join(filter(None, (signs.get(slug), signs.get(take)))), f"{slug} and {take} lines")
    codes = (signs.get("+"), None if told else category, signs.get("*", "").lstrip("TX"))
    draft.put("subjects", [code for code in codes if code], "+, $ and * lines")
    draft.put("service", signs.get("~") or signs.get("%") or signs.get("&"), "~, % or & line")
    if signs.get("*", "").upper().startswith("T"):
        return ["\n".join(line.rstrip() for line in lines[at:] if line.strip())]
    return reflow("\n".join(lines[at:]))
