"""AP Media API: items as the content and feed methods return them (https://developer.ap.org/ap-media-api/)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipeline.messages import Link, LinkRelation, Signal
from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.jsonfields import codes, items, names, number, text
from pipeline.stages.parse.formats.publishing_status import STATUSES
from pipeline.stages.parse.markup import html_paragraphs
from pipeline.stages.parse.times import parse_time

#: ``editorialrole``, ``editorialtypes`` and ``signals`` by which AP says what a transmission is.
_ROLES = {
    "kill": Signal.KILL,
    "elimination": Signal.KILL,
    "disregard": Signal.KILL,
    "withhold": Signal.HOLD,
    "holdforrelease": Signal.HOLD,
    "correction": Signal.CORRECTION,
    "corrective": Signal.CORRECTION,
    "clarification": Signal.CORRECTION,
    "refile": Signal.REPEAT,
    "repeat": Signal.REPEAT,
    "writethru": Signal.UPDATE,
    "update": Signal.UPDATE,
    "lead": Signal.UPDATE,
    "advisory": Signal.ADVISORY,
}
_PROVIDER = "AP"


def claims(content: Content) -> bool:
    """Whether an item carries AP's alternative identifiers."""
    return content.looks_json and b'"altids"' in content.data and next(_found(content.json), None) is not None


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Yield every text item; pictures, video and audio are no dispatches."""
    others: list[str] = []
    count = 0
    for item in _found(content.json):
        kind = text(item, "type") or "text"
        if kind.lower() not in ("text", "composite"):
            others.append(kind)
            continue
        count += 1
        yield _read(item)
    if not count:
        raise ParseError(f"AP Media API answer without a text item, only {', '.join(sorted(set(others)))}")


def _found(document: Any) -> Iterator[dict[str, Any]]:
    """Find items where the content, search and feed methods put them."""
    for each in document if isinstance(document, list) else [document]:
        if not isinstance(each, dict):
            continue
        if isinstance(each.get("altids"), dict):
            yield each
        elif isinstance(each.get("item"), dict):
            yield from _found(each["item"])
        elif isinstance(each.get("data"), dict):
            yield from _found(each["data"])
        elif isinstance(each.get("items"), list):
            yield from (found for one in each["items"] for found in _found(one))


def _read(item: dict[str, Any]) -> Draft:
    draft = Draft(format="ap_media_api", raw=json.dumps(item, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass"))
    ids = item["altids"]
    draft.put("provider", _PROVIDER, "format")
    draft.put("item_id", text(ids, "itemid"), "altids.itemid")
    draft.put("item_id", text(item, "uri"), "uri")
    draft.put("revision", text(ids, "etag"), "altids.etag")
    draft.put("revision", text(item, "version"), "version")
    draft.put("sequence", text(ids, "transref"), "altids.transref")
    draft.put("urgency", number(item, "urgency"), "urgency")
    draft.put("published_at", parse_time(text(item, "versioncreated")), "versioncreated")
    draft.put("published_at", parse_time(text(item, "firstcreated")), "firstcreated")
    draft.put("embargoed_until", parse_time(text(item, "embargoed")), "embargoed")
    _status(draft, item)
    for name in ("headline", "title", "headline_extended"):
        draft.put("headline", text(item, name), name)
    for name in ("slugline", "title"):
        draft.put("slugline", text(item, name), name)
    draft.put("dateline", text(item, "located"), "located")
    draft.put("dateline", text(item.get("datelinelocation"), "city"), "datelinelocation.city")
    draft.put("byline", _byline(item), "bylines")
    draft.put("keywords", names(item.get("keywords")), "keywords")
    draft.put("subjects", codes(item.get("subject")), "subject[].code")
    draft.put("genre", next(iter(names(item.get("genre"))), None), "genre")
    draft.put("genre", text(item, "profile"), "profile")
    draft.put("language", text(item, "language"), "language")
    draft.put("rights", text(item, "copyrightnotice"), "copyrightnotice")
    draft.note(text(item, "ednote"), "ednote")
    _text(draft, item)
    return draft


def _status(draft: Draft, item: dict[str, Any]) -> None:
    status = (text(item, "pubstatus") or "").lower()
    draft.put("status", STATUSES.get(status), "pubstatus")
    draft.embargoed = status == "embargoed"
    for name in ("editorialrole", "editorialtypes", "signals"):
        for role in names(item.get(name)):
            signal = _ROLES.get(role.lower().replace(" ", ""))
            if signal:
                draft.signal(signal, name)
    for each in items(item.get("refersto")):
        referred = text(each, "itemid") or text(each.get("altids"), "itemid")
        if referred and referred != draft.item_id:
            draft.link(Link(rel=LinkRelation.FOLLOWS, item_id=referred), "refersto")


def _byline(item: dict[str, Any]) -> str | None:
    lines = [text(each, "by") or text(each, "name") for each in items(item.get("bylines"))]
    return "; ".join(line for line in lines if line) or text(item, "byline")


def _text(draft: Draft, item: dict[str, Any]) -> None:
    """AP serves bodies as NITF renditions behind links; some agents put them into the item."""
    for name in ("body_nitf", "body_html", "body_xhtml", "body_text", "body"):
        draft.put("text", "\n\n".join(html_paragraphs(text(item, name) or "")), name)
    for name in ("description_summary", "description_caption", "caption"):
        draft.put("text", "\n\n".join(html_paragraphs(text(item, name) or "")), name)
