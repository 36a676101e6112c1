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
# As in: PARIS, Sept 3, 2024 (AFP) - … or WASHINGTON (AP) _ … or MOSCOW, January 21. /TASS/. …
_DATELINE = re.compile(
    r"^(?P<dateline>(?P<city>[^\W\d_][^()/\n]{0,90}?)[\s,.–—-]*(?P<open>[(/])(?P<agency>[A-Za-zА-Яа-яÀ-ÿ][\w .&/-]{1,40}?)[)/]\.?)"
    r"\s*(?P<dash>[-–—_=:]{1,2}|(?<=/\.)|(?<=/))\s*",
)
_DATE_ONLY = re.compile(
    r"^(?:[^\W\d_]{2,12}\.?,?\s+)?(?:\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,10}\.?,?\s+(?:de\s+)?\d{4}|[^\W\d_]{3,10}\.?\s+\d{1,2},?\s+\d{4})"
    r"(?:[\s,T-]+\d{1,2}[:.h]\d{2}(?::\d\d)?\s*(?:[AaPp]\.?[Mm]\.?|GMT|UTC|Z|[A-Z]{3,4}|[+-]\d\d:?\d\d)?)?\.?$"
)
_BYLINE = re.compile(r"^(?:By|Par|Von|Por|Di|Od|Door|От)\s+[^\W\d_a-zß-ÿ][\w.'’ -]{2,80}$")
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
    text = repair(decode(content.data))
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

    for _ in range(4):
        if not blocks:
            return
        first = blocks[0]
        match = _DATELINE.match(first)
        profile = _agency(match, profiles)
        if match and profile:
            draft.put("dateline", match["dateline"], "start of the first paragraph")
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
        elif not draft.headline and len(blocks) > 1 and _is_headline(first):
            draft.put("headline", first, "first line")
            del blocks[0]
        else:
            return


def _agency(match: re.Match[str] | None, profiles: Profiles) -> Profile | None:
    if match is None:
        return None
    return next((profile for part in re.split(r"[/,]| - ", match["agency"]) if (profile := profiles.by_dateline(part))), None)


def _is_headline(block: str) -> bool:
    return "\n" not in block and len(block) <= _LONGEST_HEADLINE and not block.rstrip().endswith(_SENTENCE_END)
