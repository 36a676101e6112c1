"""IPTC 7901, the teleprinter format of dpa, ATS, Belga and others.

Layout (IPTC recommendation 7901): ``[7F…] 01`` service and sequence, priority, category, words, options; sluglines ending in
``/``; ``02`` tag lines and a headline that ends `` =``; the text; notes; a desk sign-off; ``03`` the time as ``DDHHMM Mon YY``;
``7F``; ``04``. Some gateways strip the control characters: then the header line alone marks the beginning. ``./.`` ends a
dispatch, so that one transmission can carry several.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from pipeline.messages import Link, LinkRelation, Signal
from pipeline.stages.parse.charset import charset_of
from pipeline.stages.parse.draft import Broken, Draft
from pipeline.stages.parse.encoding import decode, repair
from pipeline.stages.parse.formats.dateline import split_dateline
from pipeline.stages.parse.formats.dtg import date_time_group
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.iptc_head import Head, read_head
from pipeline.stages.parse.formats.iptc_notes import part_signoff, split_notes, split_signoff
from pipeline.stages.parse.formats.wrapped import paragraphs, width_of
from pipeline.stages.parse.profile import Profiles

_HEADER = (
    rb"([A-Za-z]{2,4})(\d{3,5})[ \t]{1,4}([1-9])[ \t]{1,4}([A-Za-z]{1,3})(?:[ \t]{1,4}(\d{1,5}))?(?![^ \t\r\n])"
    rb"[ \t]{0,9}([^\r\n\x01-\x03]{0,80})(?=[\r\n]|$)"
)
_START = re.compile(rb"\x01[ \t]{0,4}" + _HEADER)
#: Belga's archive puts the time of the session above the first header.
_BARE_START = re.compile(rb"[\s\x00\x7f]{0,200}(?:\[[^\]\r\n]{5,30}\]\s{0,20})?" + _HEADER + rb"\r?\n")
_BARE_NEXT = re.compile(rb"^" + _HEADER + rb"\r?$", re.MULTILINE)
#: ``F BELGA-0102`` for ``BELGA 0102 F``.
_LETTER_FIRST = re.compile(r"(?<!\S)([A-Z]) ([A-Z]{3,9})-(?:(\d{3,5})|\.{4})")
_OPTIONS = re.compile(r"([A-Za-zÀ-ÿ][\w-]{1,9}) +(\d{3,5})(?: +([a-zA-Z]))?(?![\w-])")
#: Letters by which agencies of several languages name that of an item, as Belga's F and N.
_LANGUAGES = {"F": "fr", "N": "nl", "D": "de", "E": "en", "I": "it"}
#: AFP's own number: MLI /AFP-XK12.
_ISSUED = re.compile(r"/([A-Za-z]{2,6})-[A-Z]{1,3}\d{1,4}\b")
_CORRECTS = re.compile(r"\bCOR +(\d{1,5})\b")
#: Who signs stands behind the mark: ./.CVN
_END_OF_ITEM = re.compile(r"^[ \t]*\./\.(?:[A-Z]{2,4}(?:/[A-Z]{2,4}){0,3})?[ \t]*$|(?<=[.\w»\")])[ \t]*\./\.[ \t]*$", re.MULTILINE)
_SIGNED = re.compile(r"^[ \t]*\./\.([A-Z]{2,4}(?:/[A-Z]{2,4}){0,3})[ \t]*$", re.MULTILINE)
#: Belga's versions, at the end of a headline: (2), (3DER), (CORRECT).
_VERSION = re.compile(r"\((?:(?P<update>[2-9](?:DER)?|DER)|CORRECT)\)$")
_NAMED = r"\b([A-Za-z][A-Za-z-]{1,9}?)(?:-Meldung)?[ -]?(\d{2,5})\b"
#: The order before what it names, or behind it.
_KILLS = (
    re.compile(
        r"\b(?:kill|withdraw|delete|disregard|streichen|zur(?:ü|ue)ckgezogen|annuler|annulez)\b[^.\n]{0,60}?" + _NAMED,
        re.IGNORECASE,
    ),
    re.compile(
        _NAMED + r"[^.\n]{0,60}?\b(?:zur(?:ü|ue)ckgezogen|gestrichen|streichen|gegenstandslos|nicht (?:zu )?verwende\w+|annulée?s?"
        r"|withdrawn|killed)\b",
        re.IGNORECASE,
    ),
    re.compile(r"\bverwenden sie\b[^.\n]{0,40}?" + _NAMED + r"[^.\n]{0,20}?\bnicht\b", re.IGNORECASE),
)
#: What every such order holds; looking for it first is quick.
_KILLING = (
    "kill", "withdraw", "delete", "disregard", "streichen", "gestrichen", "zurückgezogen", "zurueckgezogen", "annul", "verwende",
    "gegenstandslos",
)  # fmt: skip
#: Characters of an order to kill; in longer texts the words tell a story.
_LONGEST_ORDER = 1500
#: Characters of a line that holds the time and nothing else.
_LONGEST_TIME = 24
#: Words that a dispatch has more of than any sign-off.
_LONGEST_SIGNOFF = 12


@dataclass
class _Transmission:
    """One message cut along the control characters."""

    raw: bytes
    service: str
    sequence: str
    priority: int
    category: str
    options: str
    slugs: list[str] = field(default_factory=list)
    text: str = ""
    trailer: str = ""


def claims(content: Content) -> bool:
    """Whether bytes begin as IPTC 7901 does, with or without its control characters."""
    head = content.data[:1024]
    return _START.search(head) is not None or _BARE_START.match(head) is not None


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Read every dispatch of a file."""
    data = content.data
    found = list(_START.finditer(data)) or list(_bare_starts(data))
    starts = [0, *(match.start() for match in found[1:]), len(data)]
    for start, (begin, end) in zip(found, pairwise(starts), strict=True):
        cut = _cut(data[begin:end], data[start.end() : end], start)
        if not cut.text.strip():
            yield Broken(cut.raw, f"IPTC 7901 item {cut.service}{cut.sequence} is cut off: no text after its header")
            continue
        parts = _END_OF_ITEM.split(cut.text) if "./." in cut.text else []
        items = [part for part in parts if len(part.split()) > _LONGEST_SIGNOFF] or [cut.text]
        for number, text in enumerate(items):
            draft = _draft(cut, text, number, content)
            if len(items) == 1 and (signed := _SIGNED.search(cut.text)) is not None:
                draft.put("signoff", signed[1], "end of the item")
            yield draft


def _bare_starts(data: bytes) -> Iterator[re.Match[bytes]]:
    """Find headers without control characters: at the top, and below the end mark or the time of the item before."""
    first = _BARE_START.match(data)
    if first is None:
        return
    yield first
    for match in _BARE_NEXT.finditer(data, first.end()):
        above = data[max(0, match.start() - 200) : match.start()].rstrip().rpartition(b"\n")[2].strip()
        if above.startswith(b"./.") or (len(above) <= _LONGEST_TIME and date_time_group(_text(above)) is not None):
            yield match


def _cut(raw: bytes, rest: bytes, start: re.Match[bytes]) -> _Transmission:
    charset = charset_of(raw)  # told by the whole, as the head has few letters
    options = _LETTER_FIRST.sub(lambda found: f"{found[2]} {found[3] or '0000'} {found[1]}", _text(start[6] or b"").strip())
    cut = _Transmission(raw, start[1].decode(), start[2].decode(), int(start[3]), start[4].decode(), options)
    before, marked, content = rest.partition(b"\x02")
    if not marked:
        before, content = _bare_parts(rest)
    text, ended, after = content.partition(b"\x03")
    if not ended:
        text, after = _without_time(text)
    cut.slugs = [line.strip() for line in _text(before, charset).splitlines() if line.strip()]
    cut.text = _text(text, charset).replace("\r\n", "\n").replace("\r", "\n")
    cut.trailer = _text(after.partition(b"\x04")[0], charset)
    return cut


def _without_time(text: bytes) -> tuple[bytes, bytes]:
    """Split off the time where ``03`` was stripped: it is the last line."""
    before, _, last = text.rstrip(b" \t\r\n\x00\x04\x7f").rpartition(b"\n")
    return (before, last) if date_time_group(_text(last)) and len(last) <= _LONGEST_TIME else (text, b"")


def _text(data: bytes, charset: str | None = None) -> str:
    return repair(decode(data, charset))


def _bare_parts(rest: bytes) -> tuple[bytes, bytes]:
    """Split slug and text where ``02`` was stripped: the slug is the first line if it ends in a slash."""
    first, _, others = rest.lstrip(b"\r\n").partition(b"\n")
    if first.rstrip().endswith(b"/") and others.strip():
        return first, others.lstrip(b"\r\n")
    return b"", rest


def _draft(cut: _Transmission, text: str, number: int, content: Content) -> Draft:
    head, lines = read_head(text.lstrip("\n").split("\n"))
    lines, notes = split_notes(lines)
    draft = Draft("iptc7901", cut.raw)
    draft.put("service", cut.service, "header")
    draft.put("sequence", cut.sequence, "header")
    draft.put("urgency", cut.priority, "header")
    draft.put("subjects", [cut.category.lower()], "header")
    draft.put("slugline", " ".join(slug.strip("/ ") for slug in cut.slugs), "sluglines")
    draft.put("keywords", [word.strip() for slug in cut.slugs for word in slug.split("/") if word.strip()], "sluglines")
    draft.put("headline", head.headline, "lines up to the equals sign")
    draft.put("byline", head.byline, "lines up to the equals sign")
    found = split_signoff(paragraphs(part_signoff(lines), width_of(lines)), draft)
    for note in [*head.tags, *split_signoff(paragraphs(part_signoff(notes), width_of(notes)), draft)]:
        draft.note(note, "tag lines and notebook")
    credit = _take_dateline(found, draft, content.profiles)
    draft.put("text", "\n\n".join(found), "between 02 and the notes")
    draft.put("published_at", date_time_group(cut.trailer), "after 03")
    _read_options(cut, draft, credit, content.profiles)
    draft.put("item_id", _item_id(cut, draft.published_at or content.item.received_at, number), "header and time")
    for signal in head.signals:
        draft.signal(signal, "tag lines")
    _read_kill(head, found, draft, cut, content.profiles)
    return draft


def _take_dateline(found: list[str], draft: Draft, profiles: Profiles) -> str | None:
    """Cut the dateline off the paragraph that opens with it: an introduction may stand above it."""
    for at, text in enumerate(found[:3]):
        dateline, credit, rest = split_dateline(text, profiles)
        if dateline is not None:
            draft.put("dateline", dateline, "start of the text")
            found[at : at + 1] = [rest] if rest else []
            return credit
    return None


def _read_options(cut: _Transmission, draft: Draft, credit: str | None, profiles: Profiles) -> None:
    """Read agency, the agency's own number, language and ``COR nnn``; that number names the item in kills and corrections."""
    corrected = _CORRECTS.search(cut.options)
    found = list(_OPTIONS.finditer(cut.options[: corrected.start()] if corrected else cut.options))
    issued = _ISSUED.search(cut.options)
    agency = found[-1][1] if found else issued and issued[1]
    credited = re.split(r"[/ ]", credit or "")
    known = next((name for name in (agency, *credited) if name and (profiles.find(name) or profiles.by_dateline(name))), None)
    draft.put("provider", known or agency or credited[0], "header options or dateline")
    version = _VERSION.search(draft.headline or "") if (agency or "").casefold() == "belga" else None
    if version is not None:
        draft.signal(Signal.UPDATE if version["update"] else Signal.CORRECTION, "end of the headline")
    if found and found[-1][3]:
        draft.put("language", _LANGUAGES.get(found[-1][3].upper()), "header options")
    if found and int(found[-1][2]):
        draft.link(Link(rel=LinkRelation.FOLLOWS, key=story_key(found[-1][1], found[-1][2])), "header options")
    if corrected:
        draft.signal(Signal.CORRECTION, "header options")
        key = story_key(agency, corrected[1]) if agency else None
        draft.link(Link(rel=LinkRelation.CORRECTS, sequence=corrected[1], key=key), "header options")


def story_key(agency: str, number: str) -> str:
    """Name an item as editors do.

    >>> story_key("DPA", "0157")
    'dpa 157'
    """
    return f"{agency.lower()} {int(number)}"


def _item_id(cut: _Transmission, at: datetime, number: int) -> str:
    """Name the transmission; numbers start again every day, and gateways that do not count send zeros."""
    counted = cut.sequence if cut.sequence.strip("0") else hashlib.sha256(cut.raw).hexdigest()[:12]
    return f"{cut.service}{counted}/{at:%Y-%m-%d}" + (f"/{number + 1}" if number else "")


def _read_kill(head: Head, found: list[str], draft: Draft, cut: _Transmission, profiles: Profiles) -> None:
    """Read an order to kill another item: short, and naming it by agency and number; "Boeing 737 withdrawn" names none."""
    told = "\n".join([draft.headline or "", *head.tags, *found[:4]])
    folded = told.casefold()
    if len(told) > _LONGEST_ORDER or not any(stem in folded for stem in _KILLING):
        return
    own = (cut.service.casefold(), *(name.casefold() for name, *_ in _OPTIONS.findall(cut.options)))
    for killed in (match for order in _KILLS for match in order.finditer(told)):
        if killed[1].casefold() in own or profiles.by_dateline(killed[1]):
            draft.signal(Signal.KILL, "headline or text")
            draft.links.insert(0, Link(rel=LinkRelation.WITHDRAWS, sequence=killed[2], key=story_key(killed[1], killed[2])))
            return
