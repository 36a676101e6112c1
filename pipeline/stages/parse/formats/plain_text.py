"""Plain text as agencies mail or drop it: date line and headline first, in either order or neither, sign-off last."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.encoding import decode, repair
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.markup import plain_paragraphs
from pipeline.stages.parse.profile import Profile, Profiles

_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")
# As in: PARIS, Sept 3, 2024 (AFP) - … or WASHINGTON (AP) _ … or MOSCOW, January 21. /TASS/. … or Oslo | 3.9.24 | (NTB) | …
_DATELINE = re.compile(
    r"(?P<dateline>(?P<place>[^\W\d_][^()\n]{0,100}?)[\s,.|–—-]*"
    r"(?:\(\s*(?P<agency>[^\W\d_][\w .&/-]{0,40}?)\s*\)|/(?P<slashed>[^\W\d_][\w .&-]{1,40}?)/\.?))"
    r"\s*(?P<dash>[-–—_=:|]{1,2}|(?<=/\.)|(?<=/)|$|)\s*",
)
_DATE_IN_PLACE = re.compile(r"\d")
_SMALL_WORD = re.compile(r"(?<!\w)[a-zß-ÿ]{4,}")
_WORDS_OF_A_PLACE = 5
_OPENING_LINES = 12
_DATE_ONLY = re.compile(
    r"^(?:[^\W\d_]{2,12}\.?,?\s+)?(?:\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,10}\.?,?\s+(?:de\s+)?\d{4}|[^\W\d_]{3,10}\.?\s+\d{1,2},?\s+\d{4})"
    r"(?:[\s,T-]+\d{1,2}[:.h]\d{2}(?::\d\d)?\s*(?:[AaPp]\.?[Mm]\.?|GMT|UTC|Z|[A-Z]{3,4}|[+-]\d\d:?\d\d)?)?\.?$"
)
_BYLINE = re.compile(r"^(?:By|Par|Von|Por|Di|Od|Door|От)\s+[^\W\d_a-zß-ÿ][\w.'’ -]{2,80}$")
# Marks that desks put on a line of their own above the headline.
_TAG = re.compile(
    r"\W*(?:FLASH|URGENT|BULLETIN|ALERTE?|BREAKING|EIL|EILMELDUNG|BLITZ|PILNE|МОЛНИЯ|СРОЧНО|URGENTE|D'URGENCE|عاجل)\W*",
    re.IGNORECASE,
)
_EMBARGO = re.compile(r"\W*(?:STRICTLY\s+)?(?:EMBARGO|SPERRFRIST|HOLD FOR RELEASE)", re.IGNORECASE)
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
    _signoff_provider(draft, blocks, content.profiles)
    _opening(draft, blocks, content.profiles)
    draft.put("text", "\n\n".join(blocks), "text after headline and date line")
    yield draft


def _signoff_provider(draft: Draft, blocks: list[str], profiles: Profiles) -> None:
    """Recognise the agency by its sign-off; the line itself is taken off where every format's is."""
    profile = profiles.by_signoff(blocks[-1].split("\n")[-1].strip()) if len(blocks) > 1 else None
    if profile:
        draft.put("provider", profile.title and profile.names[0], "sign-off")


def _opening(draft: Draft, blocks: list[str], profiles: Profiles) -> None:
    """Take date, headline, by-line and date line from the first blocks, in whatever order they come."""
    from pipeline.stages.parse.times import parse_time

    for _ in range(5):
        if not blocks:
            return
        first = blocks[0]
        found = _dateline(first, profiles)
        if found:
            match, profile = found
            draft.dateline, draft.where["dateline"] = (
                first[match.start("dateline") : match.end("dateline")],
                "start of the first paragraph",
            )
            if draft.where.get("provider") in (None, "sign-off"):
                draft.provider = profile.names[0] if profile.names else profile.name
                draft.where["provider"] = "date line"
            rest = first[match.end() :].strip()
            blocks[:1] = [rest] if rest else []
            if rest:
                return
        elif _DATE_ONLY.match(first):
            draft.put("published_at", parse_time(first), "date line")
            draft.put("dateline", first, "date line")
            del blocks[0]
        elif _BYLINE.match(first):
            draft.put("byline", first, "line before the text")
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


def _dateline(text: str, profiles: Profiles) -> tuple[re.Match[str], Profile] | None:
    """The dateline that opens a text, of an agency that is known; prose in which an agency is named is none."""
    match = _DATELINE.match(text)
    if match is None:
        return None
    if match["agency"] and not profiles.by_dateline(match["agency"]) and text.find("(", match.end()) >= 0:
        # "Kharkiv (Ukraine), Nov 24 (AFP)": the first parentheses hold a country; the places of all letters stay.
        start, end = match.start("agency") - 1, match.end("agency") + 1
        return _dateline(f"{text[:start]} {text[start + 1 : end - 1]} {text[end:]}", profiles)
    place = match["place"]
    dated = _DATE_IN_PLACE.search(place) is not None
    sure = match["dash"] or match["slashed"] or match.end() == len(text) or dated or place.isupper()
    if not sure or not place[:1].isupper() or (not dated and len(place.split()) > _WORDS_OF_A_PLACE):
        return None
    if len(_SMALL_WORD.findall(place)) > 1:  # one may be a month
        return None
    parts = re.split(r"[/,]| - ", match["agency"] or match["slashed"])
    profile = next((profile for part in parts if (profile := profiles.by_dateline(part))), None)
    return (match, profile) if profile else None


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
    if profiles.by_signoff(apart[last].strip()):
        apart.insert(last, "")
    return "\n".join(apart)


def _is_headline(block: str) -> bool:
    return "\n" not in block and len(block) <= _LONGEST_HEADLINE and not block.rstrip().endswith(_SENTENCE_END)
