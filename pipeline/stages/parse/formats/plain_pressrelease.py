"""Plain-text press releases, as distributors and companies mail or drop them: marks at the top, contacts and SOURCE at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.stages.parse.draft import Draft, ParseError
from pipeline.stages.parse.encoding import decode, repair
from pipeline.stages.parse.formats import plain_text
from pipeline.stages.parse.formats.dateline import agency
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.markup import plain_paragraphs
from pipeline.stages.parse.profile import Profiles
from pipeline.stages.parse.times import parse_time

_KIND = re.compile(
    r"^\W*(?:(?:MEDIA|PRESS|NEWS)\s+RELEASE|PRESSEMITTEILUNG|"
    r"PRESSEMELDUNG|COMMUNIQU[EÉ] DE PRESSE|COMUNICADO DE PRENSA|COMUNICATO STAMPA|"
    r"PERSBERICHT|PRESSMEDDELANDE|PRESSEMELDING|LEHDIST[OÖ]TIEDOTE)\b[\s:#-]*(?P<number>[A-Z]{0,4}\d{3,10})?\W*$",
    re.IGNORECASE,
)
_RELEASE = re.compile(
    r"^\W*(?:FOR IMMEDIATE (?:PUBLICATION|RELEASE)|FOR RELEASE\b.{0,80}|"
    r"(?:STRICTLY )?EMBARGOED?\b.{0,120}|SPERRFRIST\b.{0,120})\W*$",
    re.IGNORECASE,
)
_ORIGIN = re.compile(r"^(?:Source|Issued by|Company)\s*:\s*(?P<name>\S.{1,120})$", re.IGNORECASE)
_SOURCE_LINE = re.compile(r"^SOURCE:?\s+(?P<name>\S.{1,120})$")
_END = re.compile(r"^\W*(?:#\s*#\s*#|-\s*30\s*-|-*\s*ENDS?\s*-*|\(END\))\W*$", re.IGNORECASE)
#: The distributor's mark in a dateline: "AUSTIN, Texas, Feb. 1, 2017 /PRNewswire-AsiaNet/ --", "PARIS--(BUSINESS WIRE)--".
_DATELINE = re.compile(
    r"^(?P<place>[^\W\d_][^()/\n]{1,120}?)[\s,;:–—-]*(?:/(?P<slashed>[A-Za-z][\w .&-]{2,40}(?:/[A-Za-z][\w .&-]{1,40})*)/"
    r"|\((?P<bracketed>[A-Za-z][\w .&-]{2,40})\))[\s]*(?:[-–—_]{1,2})[\s]*"
)
_DISTRIBUTORS = re.compile(
    r"newswire|asianet|business ?wire|globe ?newswire|marketwired?|accesswire|newsfile|"
    r"prweb|presswire|ots\b|medianet|cision|jcn\b|acn ?newswire",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?P<month>[^\W\d_]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})|(?P<day2>\d{1,2})\.?\s+(?P<month2>[^\W\d_]{3,9})\.?\s+(?P<year2>\d{4})"
)
_TOP_LINES = 12


def claims(content: Content) -> bool:
    """Whether plain text carries a press release's marks: its name, a release line or a distributor's dateline."""
    if not plain_text.claims(content):
        return False
    text = decode(content.data[:16384])
    top = [line.strip() for line in text.split("\n") if line.strip()][:_TOP_LINES]
    if any(_KIND.match(line) or (_RELEASE.match(line) and "IMMEDIATE" in line.upper()) for line in top):
        return True
    return any(_distributor(line) for line in top)


def parse(content: Content) -> Iterator[Draft]:
    """Yield the one release of the text."""
    text = repair(decode(content.data)).replace("\r\n", "\n").replace("\r", "\n").strip("\n\ufeff ")
    draft = Draft(format="plain_pressrelease", raw=content.data)
    rest = _top(draft, text.split("\n"))
    blocks = plain_paragraphs("\n".join(_bottom(draft, rest)))
    if not blocks:
        raise ParseError("press release without a text")
    _headline(draft, blocks)
    for index, block in enumerate(blocks[:6]):
        if _distributor(block):
            blocks[index : index + 1] = _dateline(draft, block, content.profiles)
            break
    draft.put("provider", content.item.declared_provider, "configured")
    draft.put("text", "\n\n".join(blocks), "text after headline and dateline")
    yield draft


def _top(draft: Draft, lines: list[str]) -> list[str]:
    """Take the marks that stand before the headline."""
    number = 0
    while number < min(len(lines), _TOP_LINES):
        line = lines[number].strip()
        kind, origin = _KIND.match(line), _ORIGIN.match(line)
        if kind:
            draft.put("item_id", kind["number"], f"line {number + 1}")
            draft.put("genre", "press release", f"line {number + 1}")
        elif origin:
            draft.put("byline", origin["name"].strip(), f"line {number + 1}")
        elif _RELEASE.match(line):
            draft.note(line, f"line {number + 1}")
        elif line:
            break
        number += 1
    return lines[number:]


def _bottom(draft: Draft, lines: list[str]) -> list[str]:
    """Take the SOURCE line and end marks from the end."""
    lines = list(lines)
    while lines:
        line = lines[-1].strip()
        source = _SOURCE_LINE.match(line)
        if source:
            draft.put("byline", source["name"], "SOURCE line at the end")
        elif line and not _END.match(line):
            break
        lines.pop()
    return lines


def _headline(draft: Draft, blocks: list[str]) -> None:
    first = blocks[0]
    if len(blocks) > 1 and len(first) <= 300 and not _distributor(first) and not first.endswith("."):
        draft.put("headline", first, "first paragraph")
        del blocks[0]


def _distributor(line: str) -> re.Match[str] | None:
    match = _DATELINE.match(line)
    return match if match and _DISTRIBUTORS.search(match["slashed"] or match["bracketed"]) else None


def _dateline(draft: Draft, block: str, profiles: Profiles) -> list[str]:
    match = _distributor(block)
    if match is None:
        return [block]
    draft.put("dateline", block[: match.end()].rstrip(" -–—_"), "dateline")
    credit = match["slashed"] or match["bracketed"]
    known = agency(credit, profiles)
    draft.put("provider", credit if known is None or profiles.find(credit) else known.names[0], "dateline")
    date = _DATE.search(match["place"])
    if date:
        month, day, year = date["month"] or date["month2"], date["day"] or date["day2"], date["year"] or date["year2"]
        draft.put("published_at", parse_time(f"{day} {month[:3]} {year} 00:00:00"), "dateline")
    rest = block[match.end() :].strip()
    return [rest] if rest else []
