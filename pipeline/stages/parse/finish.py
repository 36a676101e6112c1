"""From draft to dispatch: what every format needs done, in one order.

Provider → times → notes and sign-off leave the text → signals, status, links → embargo → ids.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime, tzinfo

from pipeline.messages import SIGNAL_PRECEDENCE, Dispatch, Link, LinkRelation, RawItem, Signal, Source, Status, dispatch_id
from pipeline.stages.parse import embargo, words
from pipeline.stages.parse.draft import Draft
from pipeline.stages.parse.profile import Profile, Profiles

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f\ufeff\ufffe\uffff]|[\ud800-\udfff]")
# NewsML, NITF and ninjs say 9 for "user-defined": not a place on the scale.
_URGENCIES = range(1, 9)
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")
_PRIVATE_NOTES = re.compile(
    r"^\W*(?:\*\s?){3,}$|not (?:for|intended for) publication|nicht (?:zur|für die) veröffentlichung", re.IGNORECASE
)
_FIRST_LINES = 2


def finish(draft: Draft, item: RawItem, profiles: Profiles) -> Dispatch:
    """Settle a draft into a dispatch with deterministic ids."""
    written, profile = _provider(draft, item, profiles)
    zone = profile.tzinfo if profile else None
    published = _aware(draft.published_at, zone)
    blocks = [block for block in (clean(each) for each in draft.text.split("\n\n")) if block]
    blocks = _split_notes(draft, blocks)
    blocks = _split_signoff(draft, blocks, profile)
    blocks = _drop_boilerplate(blocks, profile)
    _mark(draft, blocks)
    status = _status(draft)
    until = _embargo(draft, published, zone, blocks)
    if draft.embargoed and until is None and status is Status.USABLE:
        status = Status.WITHHELD  # an embargo without a date waits for a revision or an operator
    raw_sha256 = hashlib.sha256(draft.raw).hexdigest()
    dated = profile is None or not profile.identity_without_date
    item_id = clean((draft.item_id if dated else draft.dateless_id or draft.item_id) or "") or f"sha256:{raw_sha256[:32]}"
    revision = clean(draft.revision or "")
    return Dispatch(
        id=dispatch_id(written, item_id, revision, raw_sha256),
        provider=profile.name if profile else slug(written),
        item_id=item_id,
        revision=revision,
        status=status,
        signal=next(signal for signal in SIGNAL_PRECEDENCE if signal in (draft.signals | {Signal.NEW})),
        urgency=draft.urgency if draft.urgency in _URGENCIES else None,
        headline=_line(draft.headline),
        slugline=_line(draft.slugline),
        dateline=_line(draft.dateline),
        byline=_line(draft.byline),
        keywords=_lines(draft.keywords),
        subjects=_lines(draft.subjects),
        genre=_line(draft.genre),
        language=_language(draft.language) or _language(item.declared_language) or (profile.language if profile else None),
        rights=_line(draft.rights) or (profile.rights if profile else None),
        published_at=published,
        received_at=item.received_at,
        embargoed_until=until,
        text="\n\n".join(blocks),
        notes="\n".join(clean(note) for note in draft.notes) or None,
        signoff=_line(draft.signoff),
        service=_line(draft.service),
        sequence=_line(draft.sequence),
        format=draft.format,
        links=draft.links,
        source=Source(feed=item.feed, name=item.name, position=item.position),
        raw_sha256=raw_sha256,
    )


def clean(text: str) -> str:
    r"""NFC without control characters; no-break spaces become spaces, trailing spaces go.

    >>> clean("a\x00b\u00a0c ")
    'ab c'
    """
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")).replace("\u00a0", " ")
    return "\n".join(line.rstrip() for line in unicodedata.normalize("NFC", text).split("\n")).strip()


def slug(name: str) -> str:
    """Short name of an agency that no profile knows.

    >>> slug("Example Press Agency")
    'example-press-agency'
    """
    return re.sub(r"[^\w.]+", "-", name.casefold()).strip("-") or "unknown"


def _line(text: str | None) -> str | None:
    return " ".join(clean(text).split()) or None if text else None


def _lines(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(line for text in texts if (line := _line(text))))


def _language(tag: str | None) -> str | None:
    tag = (tag or "").strip().replace("_", "-")
    return tag if _LANGUAGE.match(tag) else None


def _aware(moment: datetime | None, zone: tzinfo | None) -> datetime | None:
    if moment is None or moment.tzinfo is not None or zone is None:
        return moment
    return moment.replace(tzinfo=zone)


def _provider(draft: Draft, item: RawItem, profiles: Profiles) -> tuple[str, Profile | None]:
    """Name as written and profile: from the bytes, else as configured, else from the dateline or the sign-off."""
    for name in (draft.provider, item.declared_provider):
        if name and name.strip():
            return name.strip(), profiles.find(name)
    return "unknown", None


def _split_notes(draft: Draft, blocks: list[str]) -> list[str]:
    """Everything from a line of asterisks or "not for publication" on is for editors alone."""
    for index, block in enumerate(blocks):
        lines = block.split("\n")
        for number, line in enumerate(lines):
            if _PRIVATE_NOTES.search(line) and (len(line) < 120 or line.lstrip().startswith("*")):
                draft.note("\n".join([*lines[number:], *blocks[index + 1 :]]).strip("* \n"), "end of the text")
                return [*blocks[:index], *(["\n".join(lines[:number]).strip()] if any(lines[:number]) else [])]
    return blocks


def _split_signoff(draft: Draft, blocks: list[str], profile: Profile | None) -> list[str]:
    if profile is None or profile.signoff_pattern is None or not blocks:
        return blocks
    lines = blocks[-1].split("\n")
    if not profile.signoff_pattern.fullmatch(lines[-1].strip()):
        return blocks
    draft.put("signoff", lines[-1], "last line of the text")
    rest = "\n".join(lines[:-1]).strip()
    return [*blocks[:-1], rest] if rest else blocks[:-1]


def _drop_boilerplate(blocks: list[str], profile: Profile | None) -> list[str]:
    if profile is None or not profile.boilerplate_patterns:
        return blocks
    return [block for block in blocks if not any(pattern.search(block) for pattern in profile.boilerplate_patterns)]


def _mark(draft: Draft, blocks: list[str]) -> None:
    """Read signals and links from the words of headline, slugline, keywords, notes and first lines."""
    for signal in words.marks(draft.headline):
        draft.signal(signal, "headline")
    for signal in words.slug_marks(draft.slugline):
        draft.signal(signal, "slugline")
    for keyword in draft.keywords:
        for signal in words.marks(keyword):
            if signal is not Signal.ADVISORY:
                draft.signal(signal, "keywords")
    for line in _opening(blocks):
        for signal in words.marks(line):
            draft.signal(signal, "first lines")
    for place, text in (("notes", "\n".join(draft.notes)), ("text", "\n".join(blocks[:3])), ("headline", draft.headline or "")):
        for link in words.withdrawals(text):
            draft.link(link, place)
            draft.signal(Signal.HOLD if words.asks_to_hold(text) else Signal.KILL, place)
    for note in draft.notes:
        for line in note.split("\n")[:3]:
            for signal in words.marks(line):
                if signal is not Signal.ADVISORY:
                    draft.signal(signal, "notes")


def _opening(blocks: list[str]) -> list[str]:
    """The short lines before the text proper: desks put marks there."""
    lines = [line for block in blocks[:_FIRST_LINES] for line in block.split("\n")[:_FIRST_LINES]]
    return [line for line in lines[: _FIRST_LINES + 1] if len(line) <= 90 or line[:40].isupper()]


def _status(draft: Draft) -> Status:
    """A kill of this very item cancels it, a hold withholds it; an advisory that names another item stays usable itself."""
    if draft.status is Status.CANCELED:
        draft.signals.add(Signal.KILL)
    if draft.status is Status.WITHHELD and not draft.embargoed:
        draft.signals.add(Signal.HOLD)
    if Signal.KILL in draft.signals:
        return Status.CANCELED
    if Signal.HOLD in draft.signals:
        return Status.WITHHELD
    return draft.status or Status.USABLE


def _embargo(draft: Draft, published: datetime | None, zone: tzinfo | None, blocks: list[str]) -> datetime | None:
    if draft.embargoed_until is not None:
        return _aware(draft.embargoed_until, zone)
    from datetime import UTC

    candidates = [*draft.notes, *(line for line in _opening(blocks) if embargo.mentions_embargo(line) and len(line) < 200)]
    if draft.headline and re.match(r"\W*(?:EMBARGO|SPERRFRIST)", draft.headline, re.IGNORECASE):
        candidates.append(draft.headline)
    for note in candidates:
        if embargo.mentions_embargo(note):
            until = embargo.embargo_time(note, published, zone or UTC)
            if until is not None:
                draft.where.setdefault("embargoed_until", "notes")
                return until
    return None


def corrects(sequence: str) -> Link:
    """Link of a correction to the dispatch with a number in the same service."""
    return Link(rel=LinkRelation.CORRECTS, sequence=sequence)
