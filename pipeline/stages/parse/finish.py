"""From draft to dispatch: what every format needs done, in one order.

Provider → times → notes and sign-off leave the text → signals, status, links → embargo → ids.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from datetime import MAXYEAR, UTC, datetime, tzinfo

from pipeline.messages import SIGNAL_PRECEDENCE, Dispatch, Link, RawItem, Signal, Source, Status, dispatch_id
from pipeline.stages.parse import embargo, words
from pipeline.stages.parse.draft import Draft
from pipeline.stages.parse.encoding import is_suspicious, repair
from pipeline.stages.parse.markup import without_markup
from pipeline.stages.parse.opening import credited, note_dateline, split_opening
from pipeline.stages.parse.printable import is_settled
from pipeline.stages.parse.profile import Profile, Profiles
from pipeline.stages.parse.signoff import split_signoff

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0)}
# As in tag:reuters.com,2026:… and urn:newsml:afp.com:…
_ISSUER = re.compile(r"(?:tag:|urn:(?:newsml|publicid):(?:www\.)?)([\w.-]+)[,:]")
_HOST = re.compile(r"https?://([\w.-]+)/")
_SOMETHING = re.compile(r"[^\W_]")
# NewsML, NITF and ninjs say 9 for "user-defined": not a place on the scale.
_URGENCIES = range(1, 9)
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")
_SUBTAG_CASE = {2: str.upper, 4: str.title}
_PRIVATE_NOTES = re.compile(
    r"^[*\s]*(?:\*[ \t]?){3,}\s*$|(?i:not (?:for|intended for)) (?:[Pp]ublication|PUBLICATION)|"
    r"(?i:nicht (?:zur|für die) veröffentlichung)",
    re.MULTILINE,
)
_RELEASE = re.compile(r"\bhold for release\b", re.IGNORECASE)
_FIRST_LINES = 2
#: Paragraphs of the longest advisory.
_MOST_OF_ADVISORY = 6


def finish(draft: Draft, item: RawItem, profiles: Profiles) -> Dispatch:
    """Settle a draft into a dispatch with deterministic ids."""
    written, profile = _provider(draft, item, profiles)
    zone = profile.tzinfo if profile else None
    published = _published(draft.published_at, zone)
    if "&lt;/" in draft.text:  # markup that was escaped once more than is undone
        draft.text = html.unescape(draft.text)
    blocks = [block for block in _clean_blocks(draft.text) if block[:1].isalnum() or _SOMETHING.search(block)]
    if "</" in draft.text:
        blocks = [part for block in blocks for part in without_markup(block)]
    if profile is None and draft.provider is None:  # the sign-off that leaves the text is the credited agency's
        profile = credited(blocks, profiles)
    blocks = _drop_boilerplate(blocks, profile)
    blocks = _split_notes(draft, blocks)
    blocks = split_signoff(draft, blocks, profile, profiles)
    blocks = split_opening(draft, blocks, profiles)
    note_dateline(draft, blocks, profiles)
    if profile is None and draft.provider is None:
        profile = credited(blocks, profiles)
    opening = _opening(blocks)
    _mark(draft, blocks, opening, profile)
    until = _embargo(draft, published, zone, opening)
    if until is not None and Signal.HOLD in draft.signals:
        _release(draft, opening)
    status = _status(draft)
    if draft.embargoed and until is None and status is Status.USABLE:
        status = Status.WITHHELD  # an embargo without a date waits for a revision or an operator
    raw_sha256 = hashlib.sha256(draft.raw).hexdigest()
    item_id = clean(draft.item_id or "") or f"sha256:{raw_sha256[:32]}"
    revision = clean(draft.revision or "")
    return Dispatch(
        id=dispatch_id(written, item_id, revision, raw_sha256),
        provider=profile.name if profile else slug(written),
        item_id=item_id,
        revision=revision,
        status=status,
        signal=next((signal for signal in SIGNAL_PRECEDENCE if signal in draft.signals), Signal.NEW)
        if draft.signals
        else Signal.NEW,
        urgency=_urgency(draft, blocks),
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
        notes="\n".join(clean(note) for note in draft.notes if note != draft.signoff) or None,
        signoff=_line(draft.signoff),
        service=_line(draft.service),
        sequence=_line(draft.sequence),
        format=draft.format,
        links=[_link(link) for link in draft.links],
        source=Source(feed=item.feed, name=item.name, position=item.position),
        raw_sha256=raw_sha256,
    )


def clean(text: str) -> str:
    r"""NFC without control characters; no-break spaces become spaces, trailing spaces go, certain mojibake is undone.

    Characters U+0080 to U+009F are what Windows-1252 puts there, as in HTML: wires declare ISO 8859-1 and mean it.

    >>> clean("a\x00b\u00a0c \x93d\x94")
    'ab c “d”'
    """
    if text.isprintable():
        return text.strip() if text.isascii() else unicodedata.normalize("NFC", repair(text)).strip()
    if " \n" in text or not text.replace("\n", "").isprintable():
        text = repair(text).translate(_WINDOWS).replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n")
        text = "\n".join(line.rstrip() for line in _CONTROL.sub("", text).split("\n"))
    if not text.isascii():
        text = unicodedata.normalize("NFC", repair(text))
    return text.strip()


def _clean_blocks(text: str) -> list[str]:
    """Every paragraph cleaned; most texts are clean as a whole, which is told faster than block by block."""
    settled = " \n" not in text and is_settled(text) and not is_suspicious(text)
    return [block.strip() if settled else clean(block) for block in text.split("\n\n")]


def slug(name: str) -> str:
    """Short name of an agency that no profile knows.

    >>> slug("Example Press Agency")
    'example-press-agency'
    """
    return re.sub(r"[^\w.]+", "-", name.casefold()).strip("-") or "unknown"


def _line(text: str | None) -> str | None:
    if not text:
        return None
    if not text.isascii() or not text.isprintable() or "  " in text:  # most lines are neither
        text = " ".join(clean(text).split())
    return text.strip() or None


def _lines(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(line for text in texts if (line := _line(text))))


def _link(link: Link) -> Link:
    """A link whose ids are cleaned as the item's own is, so that they meet."""
    if all(value is None or value.isprintable() for value in (link.item_id, link.sequence, link.key)):
        return link
    return Link(rel=link.rel, item_id=clean(link.item_id or "") or None, sequence=_line(link.sequence), key=_line(link.key))


def _language(tag: str | None) -> str | None:
    """Tag with its parts in the usual case; None where it is none.

    >>> _language("EN"), _language("nl-nl"), _language("zh_hant"), _language("none given")
    ('en', 'nl-NL', 'zh-Hant', None)
    """
    tag = (tag or "").strip().replace("_", "-")
    if not _LANGUAGE.match(tag):
        return None
    first, *others = tag.split("-")
    return "-".join((first.lower(), *(_SUBTAG_CASE.get(len(each), str.lower)(each) for each in others)))


def _published(moment: datetime | None, zone: tzinfo | None) -> datetime | None:
    """The time with its zone; None in the last year of the calendar, which stands for no time (an embargo until then is one)."""
    if moment is None or moment.year == MAXYEAR:
        return None
    return moment if moment.tzinfo is not None or zone is None else moment.replace(tzinfo=zone)


def _provider(draft: Draft, item: RawItem, profiles: Profiles) -> tuple[str, Profile | None]:
    """Name as written, and profile: of the agency named, else of the source as configured, else of who issued the item id.

    An agency that passes on somebody else's copy names them as provider; the id says whose wire it is.
    """
    issuer = _ISSUER.match(draft.item_id or "")
    if issuer is None:
        host = _HOST.match(draft.item_id or "")
        if host and profiles.find(host[1]):  # a host that nobody knows is a publishing system's
            issuer = host
    stated = (draft.provider, item.declared_provider, issuer and issuer[1])
    names = [name for each in stated if each and (name := (each if each.isprintable() else _CONTROL.sub("", each)).strip())]
    profile = next((found for name in names if (found := profiles.find(name))), None)
    return names[0] if names else "unknown", profile


def _split_notes(draft: Draft, blocks: list[str]) -> list[str]:
    """Everything from a line of asterisks or "not for publication" on is for editors alone."""
    text = draft.text
    starred = "*" in text and ("* *" in text or "**" in text)
    if not (starred or "ublication" in text or "UBLICATION" in text or "ffentlichung" in text):
        return blocks
    for index, block in enumerate(blocks):
        lines = block.split("\n")
        for number, line in enumerate(lines):
            if _PRIVATE_NOTES.search(line) and (len(line) < 120 or line.lstrip().startswith("*")):
                draft.note("\n".join([*lines[number:], *blocks[index + 1 :]]).strip("* \n"), "end of the text")
                return [*blocks[:index], *(["\n".join(lines[:number]).strip()] if any(lines[:number]) else [])]
    return blocks


def _drop_boilerplate(blocks: list[str], profile: Profile | None) -> list[str]:
    if profile is None or not profile.boilerplate_patterns:
        return blocks
    return [block for block in blocks if not any(pattern.search(block) for pattern in profile.boilerplate_patterns)]


def _mark(draft: Draft, blocks: list[str], opening: list[str], profile: Profile | None) -> None:
    """Read signals and links from the words of headline, slugline, keywords, notes and first lines."""
    for signal in words.marks(draft.headline):
        draft.signal(signal, "headline")
    for signal in words.slug_marks(draft.slugline):
        draft.signal(signal, "slugline")
    for keyword in draft.keywords:
        for signal in words.marks(keyword):
            if signal is not Signal.ADVISORY:
                draft.signal(signal, "keywords")
    kill_words = tuple(profile.kill_words) if profile else ()
    if kill_words and any((line or "").strip().startswith(kill_words) for line in (draft.headline, draft.slugline, *blocks[:1])):
        draft.signal(Signal.KILL, "kill word of the agency")
    for line in opening:
        for signal in words.marks(line):
            draft.signal(signal, "first lines")
    _mark_by_notes(draft, blocks)


def _mark_by_notes(draft: Draft, blocks: list[str]) -> None:
    """Read what an advisory withdraws, and the marks before a note."""
    places = (("notes", "\n".join(draft.notes)), ("text", "\n".join(blocks[:3])), ("headline", draft.headline or ""))
    for place, text in places if words.asks("\n".join(text for _, text in places)) else ():
        for link in words.withdrawals(text):
            draft.link(link, place)
            draft.signal(Signal.HOLD if words.asks_to_hold(text) else Signal.KILL, place)
        if words.asks_to_kill(text):
            draft.signal(Signal.HOLD if words.asks_to_hold(text) else Signal.KILL, place)
    for note in draft.notes:
        for line in note.split("\n")[:3]:
            for signal in words.note_marks(line):
                draft.signal(signal, "notes")
    opening = "\n".join(blocks[:3]) if len(blocks) <= _MOST_OF_ADVISORY else ""
    if words.tells_of_withdrawal(opening, advisory=Signal.ADVISORY in draft.signals):
        draft.signal(Signal.KILL, "text")


def _urgency(draft: Draft, blocks: list[str]) -> int | None:
    """The urgency stated in the metadata, else by a word before the headline."""
    if draft.urgency in _URGENCIES:
        return draft.urgency
    level = words.urgency(draft.headline) or words.urgency(draft.slugline)
    if level is None and not draft.headline and blocks:
        level = words.urgency(blocks[0])
    if level is not None and draft.urgency is None:
        draft.where.setdefault("urgency", "headline, slugline or first line")
        return level
    return None


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


def _release(draft: Draft, opening: list[str]) -> None:
    """Take a hold for release at a time for the embargo that it is; any other hold stays one."""
    lines = [line for line in (draft.headline, draft.slugline, *opening, *"\n".join(draft.notes).split("\n")) if line]
    held = [line for line in lines if Signal.HOLD in words.note_marks(line)]
    if held and all(_RELEASE.search(line) for line in held) and draft.status is not Status.WITHHELD:
        draft.signals.discard(Signal.HOLD)
        draft.where.pop(f"signal:{Signal.HOLD.value}", None)


def _embargo(draft: Draft, published: datetime | None, zone: tzinfo | None, opening: list[str]) -> datetime | None:
    if draft.embargoed_until is not None:
        return draft.embargoed_until if zone is None else embargo.latest(draft.embargoed_until, zone)
    places = [("notes", draft.notes), ("first lines", opening), ("headline", [draft.headline or ""])]
    if not embargo.may_put("\n".join([text for _, texts in places for text in texts])):
        return None
    for place, texts in places:
        for text in texts:
            if not embargo.puts_embargo(text, prose=place != "notes"):
                continue
            draft.embargoed = draft.embargoed or place == "notes" or embargo.names_an_end(text)
            until = embargo.embargo_time(text, published, zone or UTC)
            if until is not None:
                draft.where.setdefault("embargoed_until", place)
                return until
    return None
