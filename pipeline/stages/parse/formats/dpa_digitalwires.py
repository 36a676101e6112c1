"""dpa digital wires: one JSON entry a dispatch, or a feed of them (https://api.dpa.com)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipeline.messages import Signal
from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.jsonfields import items, names, number, text
from pipeline.stages.parse.formats.publishing_status import STATUSES
from pipeline.stages.parse.markup import html_paragraphs
from pipeline.stages.parse.times import parse_time

_SIGNALS = {
    "sig:correction": Signal.CORRECTION,
    "sig:update": Signal.UPDATE,
    "sig:repeat": Signal.REPEAT,
    "sig:atomic": Signal.NEW,
    "sig:kill": Signal.KILL,
    "sig:cancel": Signal.KILL,
}
_SUBJECTS = frozenset(("dnltype:dpasubject", "dnltype:geosubject", "dnltype:desk", "dnltype:subject", "dnltype:rubric"))
_EMBARGO, _CLOSING = "dpaednoterole:embargo", "dpaednoterole:closingline"


def claims(content: Content) -> bool:
    """Whether entries name the format, or carry dpa's URN beside its article."""
    if not content.looks_json or not (b'"digitalwires@' in content.data or b'"article_html"' in content.data):
        return False
    return next(_found(content.json), None) is not None


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Yield every entry that carries an article."""
    others: list[str] = []
    count = 0
    for entry in _found(content.json):
        kind = _kind(entry)
        if kind != "text":
            others.append(kind)
            continue
        count += 1
        yield _read(entry)
    if not count:
        raise ParseError(f"dpa digital wires without an article, only {', '.join(sorted(set(others)))}")


def _found(document: Any) -> Iterator[dict[str, Any]]:
    for each in document if isinstance(document, list) else [document]:
        if not isinstance(each, dict):
            continue
        named = str(each.get("format", "")).startswith("digitalwires@")
        if named or ("urn" in each and "article_html" in each):
            yield each
        elif isinstance(each.get("entries"), list):
            yield from _found(each["entries"])


def _kind(entry: dict[str, Any]) -> str:
    """What an entry is: a text, or a lone picture, video or sound."""
    associations = items(entry.get("associations"))
    if text(entry, "article_html") or text(entry, "headline") is None or len(associations) != 1:
        return "text"
    return text(associations[0], "type") or "text"


def _read(entry: dict[str, Any]) -> Draft:
    kept = {name: value for name, value in entry.items() if name not in ("entry_id", "updated")}  # change with each delivery
    draft = Draft(
        format="dpa_digitalwires", raw=json.dumps(kept, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    )
    categories = items(entry.get("categories"))
    draft.put("provider", _named(categories, "dnltype:provider"), "categories[dnltype:provider].name")
    draft.put("provider", text(entry, "creditline"), "creditline")
    draft.put("provider", "dpa", "format")
    draft.put("item_id", text(entry, "urn"), "urn")
    draft.put("revision", text(entry, "version"), "version")
    draft.put("published_at", parse_time(text(entry, "version_created")), "version_created")
    draft.put("embargoed_until", parse_time(text(entry, "embargoed")), "embargoed")
    draft.put("status", STATUSES.get((text(entry, "pubstatus") or "").lower()), "pubstatus")
    for name in names(entry.get("signal")):
        signal = _SIGNALS.get(name if name.startswith("sig:") else f"sig:{name}")
        if signal:
            draft.signal(signal, "signal")
    draft.put("urgency", number(entry, "urgency"), "urgency")
    draft.put("headline", text(entry, "headline"), "headline")
    draft.put("slugline", text(entry, "kicker"), "kicker")
    draft.put("dateline", text(entry, "dateline"), "dateline")
    draft.put("byline", text(entry, "byline"), "byline")
    draft.put("language", text(entry, "language"), "language")
    draft.put("rights", text(entry, "copyrightnotice"), "copyrightnotice")
    draft.put("keywords", names(entry.get("keyword_names")), "keyword_names")
    draft.put("subjects", _subjects(categories), "categories[].qcode")
    draft.put("genre", next(iter(names(entry.get("genre_names"))), None), "genre_names")
    draft.put("service", _named(categories, "dnltype:wire"), "categories[dnltype:wire].name")
    _notes(draft, entry)
    draft.put("text", "\n\n".join(_article(entry)), "article_html")
    draft.put("text", "\n\n".join(html_paragraphs(text(entry, "teaser") or "")), "teaser")
    return draft


def _article(entry: dict[str, Any]) -> list[str]:
    return [*html_paragraphs(text(entry, "article_html") or ""), *html_paragraphs(text(entry, "infobox_html") or "")]


def _named(categories: list[dict[str, Any]], kind: str) -> str | None:
    return next((name for each in categories if each.get("type") == kind and (name := text(each, "name"))), None)


def _subjects(categories: list[dict[str, Any]]) -> list[str]:
    chosen = (each for each in categories if each.get("type") in _SUBJECTS)
    return [code for each in chosen if (code := text(each, "qcode") or text(each, "name"))]


def _notes(draft: Draft, entry: dict[str, Any]) -> None:
    for each in items(entry.get("ednotes")):
        note = text(each, "ednote")
        role = text(each, "role") or ""
        if role == _CLOSING:
            draft.put("signoff", note, f"ednotes[{_CLOSING}]")
        elif role == _EMBARGO and note:
            draft.embargoed = True
            draft.note(note if "sperrfrist" in note.lower() else f"Sperrfrist: {note}", f"ednotes[{_EMBARGO}]")
        else:
            draft.note(note, f"ednotes[{role}]")
    if not draft.notes and isinstance(entry.get("notepad"), dict):
        for name in ("public_html", "nonpublic_html"):
            draft.note("\n".join(html_paragraphs(text(entry["notepad"], name) or "")), f"notepad.{name}")
