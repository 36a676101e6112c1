"""Plain text as agencies mail or drop it: date line and headline first, in either order or neither, sign-off last."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.stages.parse import words
from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.embargo import spelt_time
from pipeline.stages.parse.encoding import decode, repair
from pipeline.stages.parse.formats.byline import agency_of_byline, is_byline
from pipeline.stages.parse.formats.dateline import Dateline, read_dateline
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.labelled import take_labelled
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
    r"(?:\.|,|$|\s[-–]|\s?\|| All rights)|This report by (?P<writer>[A-Z][\w .]{2,40}?) was first published",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\W*(?P<name>[^\W\d_][\w .&-]{1,30}?)(?:\s*[-–—,|/:]\s*(?P<day>[\w .,:/-]{0,24}\d[\w .,:/-]{0,24}))?\W*")
_LINE_CREDIT = re.compile(r"[^\W_].*\(([^\W\d_][\w .&/-]{1,30})\)$")
_OPENING_BLOCKS = 8
_OPENING_CHARACTERS = 600
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
    text = repair(decode(content.data)).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not _LETTERS.search(text, 0, 10_000):
        raise ParseError("plain text without words")
    draft = Draft("plain_text", content.data)
    blocks = plain_paragraphs(_apart(take_labelled(text, draft), content.profiles))
    _closing_provider(draft, blocks, content.profiles)
    _opening(draft, blocks, content.profiles)
    if draft.provider is None:
        _credited(draft, text, content.profiles)
    draft.put("text", "\n\n".join(blocks), "text after headline and date line")
    yield draft


def _closing_provider(draft: Draft, blocks: list[str], profiles: Profiles) -> None:
    """Recognise the agency by its sign-off or its copyright line; the lines are taken off where every format's are."""
    for line in [line.strip() for block in blocks[-2:] for line in block.split("\n")][:0:-1][:_CLOSING_LINES]:
        owner = _COPYRIGHT.match(line)
        if owner is not None:
            profile = profiles.find((owner["owner"] or owner["writer"]).strip(" ."))
        else:
            profile = profiles.by_signoff(line) or agency_of_signoff(line, profiles)
        if profile:
            draft.put("provider", (profile.names or [profile.name])[0], "copyright line" if owner else "sign-off")
            return


def _credited(draft: Draft, text: str, profiles: Profiles) -> None:
    """Recognise the agency by its name in parentheses at the end of a line, as kills name their story."""
    for line in text[:_OPENING_CHARACTERS].split("\n"):
        match = _LINE_CREDIT.search(line.rstrip())
        profile = profiles.by_dateline(match[1]) if match else None
        if profile:
            draft.put("provider", (profile.names or [profile.name])[0], "credit of a line")
            return


def _opening(draft: Draft, blocks: list[str], profiles: Profiles) -> None:
    """Take date, headline, by-line and date line from the first blocks, in whatever order they come."""
    from pipeline.stages.parse.times import parse_time

    for _ in range(_OPENING_BLOCKS):
        if not blocks:
            return
        first = blocks[0]
        found = _dateline(first, profiles)
        if found is not None:
            if found.written:
                draft.dateline, draft.where["dateline"] = found.written, "start of the first paragraph"
            if draft.where.get("provider") != "date line":
                draft.provider, draft.where["provider"] = _name(found), "date line"
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
            draft.put("urgency", words.urgency(first.upper()), "line before the headline")
            del blocks[0]
        elif len(blocks) > 1 and words.OPENING_NOTE.fullmatch(first):
            draft.note(first, "line before the headline")
            del blocks[0]
        elif len(blocks) > 1 and (source := _source(first, profiles)):
            draft.put("provider", source[0], "line before the headline")
            draft.put("published_at", parse_time(source[1]) or spelt_time(source[1]), "line before the headline")
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
    """The dateline that opens a text, of an agency that is known or with a day; prose in which an agency is named is none."""
    found = read_dateline(text, profiles)
    return found if found is not None and (found.profile is not None or found.dated) else None


def _name(found: Dateline) -> str:
    """The agency of a dateline as its profile writes it, or as it stands."""
    return found.credit if found.profile is None else (found.profile.names or [found.profile.name])[0]


def _source(line: str, profiles: Profiles) -> tuple[str, str] | None:
    """Agency and day of a line that holds nothing else, as ``AFP - Nov 24, 2026``."""
    match = _SOURCE.fullmatch(line) if len(line) <= _LONGEST_TAG else None
    profile = profiles.by_dateline(match["name"]) if match else None
    return None if match is None or profile is None else ((profile.names or [profile.name])[0], match["day"] or "")


def _apart(text: str, profiles: Profiles) -> str:
    """Put blank lines around what stands alone, before a dateline and before a sign-off that follow a line without one."""
    lines = text.split("\n")
    apart: list[str] = []
    for number, line in enumerate(lines):
        stripped = line.strip()
        early = number < _OPENING_LINES and bool(stripped)
        below = number > 0 and is_byline(lines[number - 1].strip(), profiles)
        ends = early and not below and _stands_alone(stripped, profiles)
        named = early and is_byline(stripped, profiles)
        if early and (ends or named or _dateline(stripped, profiles)):
            apart.append("")
        apart.append(line)
        # "By ADA EXAMPLE" above "Associated Press"
        office = named and number + 1 < len(lines) and profiles.find(lines[number + 1].strip()) is not None
        if (ends or named) and not office:
            apart.append("")
    last = next((at for at in range(len(apart) - 1, -1, -1) if apart[at].strip()), 0)
    if profiles.by_signoff(apart[last].strip()) or is_signoff(apart[last], profiles):
        apart.insert(last, "")
    return "\n".join(apart)


def _stands_alone(line: str, profiles: Profiles) -> bool:
    """Whether a line at the top is no part of the one below: a day, a mark, an embargo, the agency's name."""
    if _DATE_ONLY.match(line):
        return True
    marked = len(line) <= _LONGEST_TAG and (_TAG.fullmatch(line) or _EMBARGO.match(line) or _source(line, profiles))
    return bool(marked)


def _is_headline(block: str) -> bool:
    return "\n" not in block and len(block) <= _LONGEST_HEADLINE and not block.rstrip().endswith(_SENTENCE_END)
