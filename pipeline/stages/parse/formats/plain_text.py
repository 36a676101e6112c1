"""Plain text as agencies mail or drop it: date line and headline first, in either order or neither, sign-off last."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.embargo import spelt_time
from pipeline.stages.parse.encoding import decode, repair
from pipeline.stages.parse.formats.byline import agency_of_byline, is_byline
from pipeline.stages.parse.formats.dateline import Dateline, read_dateline
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.markup import plain_paragraphs
from pipeline.stages.parse.profile import Profiles
from pipeline.stages.parse.signoff import agency_of_signoff, is_signoff

_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")
_OPENING_LINES = 12
_DATE_ONLY = re.compile(
    r"^(?:[^\W\d_]{2,12}\.?,?\s+)?(?:\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,10}\.?,?\s+(?:de\s+)?\d{4}|[^\W\d_]{3,10}\.?\s+\d{1,2},?\s+\d{4})"
    r"(?:[\s,T-]+\d{1,2}[:.h]\d{2}(?::\d\d)?\s*(?:[AaPp]\.?[Mm]\.?|GMT|UTC|Z|[A-Z]{3,4}|[+-]\d\d:?\d\d)?)?\.?$"
)
# Marks that desks put on a line of their own above the headline.
_TAG = re.compile(
    r"\W*(?:FLASH|URGENT|BULLETIN|ALERTE?|BREAKING|EIL|EILMELDUNG|BLITZ|PILNE|МОЛНИЯ|СРОЧНО|URGENTE|D'URGENCE|عاجل)\W*",
    re.IGNORECASE,
)
_EMBARGO = re.compile(r"\W*(?:STRICTLY\s+)?(?:EMBARGO|SPERRFRIST|HOLD FOR RELEASE)", re.IGNORECASE)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\W{0,3}(?:©|\(c\))?\W{0,3}(?:\d{4}\W{1,3})?(?:by )?(?P<owner>[^\W\d_][\w .&-]{1,40}?)(?:\s\d{4})?"
    r"(?:\.|,|$|\s[-–]|\s?\|| All rights)",
    re.IGNORECASE,
)
_CLOSING_LINES = 4
_LONGEST_TAG = 100
_LONGEST_HEADLINE = 250
_SENTENCE_END = (".", "!", "?", "…", "”", '"', "»", "。", "؟")
_LETTERS = re.compile(r"(?:[^\W\d_][\W\d_]*){3}")


def claims(content: Content) -> bool:
    """Whether the content is text without control bytes that is neither markup nor JSON nor tab-separated."""
    data = content.data
    if not data.strip() or content.looks_xml or content.looks_json or _CONTROLS.search(data):
        return False
    lines = [line for line in data[:65536].split(b"\n") if line.strip()]
    tabbed = sum(b"\t" in line.strip() for line in lines)
    return tabbed * 2 <= len(lines)


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Yield the one dispatch of the text."""
    text = _apart(repair(decode(content.data)), content.profiles)
    blocks = plain_paragraphs(text)
    if not _LETTERS.search(text, 0, 10_000):
        raise ParseError("plain text without words")
    draft = Draft("plain_text", content.data)
    _closing_provider(draft, blocks, content.profiles)
    _opening(draft, blocks, content.profiles)
    draft.put("text", "\n\n".join(blocks), "text after headline and date line")
    yield draft


def _closing_provider(draft: Draft, blocks: list[str], profiles: Profiles) -> None:
    """Recognise the agency by its sign-off or its copyright line; the lines are taken off where every format's are."""
    for line in [line.strip() for block in blocks[-2:] for line in block.split("\n")][:0:-1][:_CLOSING_LINES]:
        owner = _COPYRIGHT.match(line)
        profile = (
            profiles.find(owner["owner"].strip(" .")) if owner else profiles.by_signoff(line) or agency_of_signoff(line, profiles)
        )
        if profile:
            draft.put("provider", (profile.names or [profile.name])[0], "copyright line" if owner else "sign-off")
            return


def _opening(draft: Draft, blocks: list[str], profiles: Profiles) -> None:
    """Take date, headline, by-line and date line from the first blocks, in whatever order they come."""
    from pipeline.stages.parse.times import parse_time

    for _ in range(5):
        if not blocks:
            return
        first = blocks[0]
        found = _dateline(first, profiles)
        if found is not None and found.profile is not None:
            if found.written:
                draft.dateline, draft.where["dateline"] = found.written, "start of the first paragraph"
            if draft.where.get("provider") != "date line":
                draft.provider, draft.where["provider"] = (found.profile.names or [found.profile.name])[0], "date line"
            blocks[:1] = [found.rest] if found.rest else []
            if found.rest:
                return
        elif _DATE_ONLY.match(first):
            draft.put("published_at", parse_time(first) or spelt_time(first), "date line")
            draft.put("dateline", first, "date line")
            del blocks[0]
        elif len(blocks) > 1 and is_byline(first, profiles):
            draft.put("byline", first, "line before the text")
            draft.put("provider", agency_of_byline(first, profiles), "by-line")
            del blocks[0]
        elif len(blocks) > 1 and len(first) <= _LONGEST_TAG and _TAG.fullmatch(first):
            draft.keywords.append(first)
            del blocks[0]
        elif len(blocks) > 1 and len(first) <= _LONGEST_TAG and _EMBARGO.match(first):
            draft.note(first, "line before the headline")
            del blocks[0]
        elif not draft.headline and len(blocks) > 1 and (_is_headline(first) or _dateline(blocks[1], profiles)):
            draft.put("headline", first, "first line")
            del blocks[0]
        else:
            return


def _dateline(text: str, profiles: Profiles) -> Dateline | None:
    """The dateline that opens a text, of an agency that is known; prose in which an agency is named is none."""
    found = read_dateline(text, profiles)
    return found if found is not None and found.profile is not None else None


def _apart(text: str, profiles: Profiles) -> str:
    """Put blank lines around a date line, before a dateline and before a sign-off that follow a line without one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    apart: list[str] = []
    for number, line in enumerate(lines):
        stripped = line.strip()
        early = number < _OPENING_LINES and bool(stripped)
        date = early and _DATE_ONLY.match(stripped) is not None
        if early and (date or _dateline(stripped, profiles)):
            apart.append("")
        apart.append(line)
        if date:
            apart.append("")
    last = next((at for at in range(len(apart) - 1, -1, -1) if apart[at].strip()), 0)
    if profiles.by_signoff(apart[last].strip()) or is_signoff(apart[last], profiles):
        apart.insert(last, "")
    return "\n".join(apart)


def _is_headline(block: str) -> bool:
    return "\n" not in block and len(block) <= _LONGEST_HEADLINE and not block.rstrip().endswith(_SENTENCE_END)
