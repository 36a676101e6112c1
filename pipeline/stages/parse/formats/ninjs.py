"""ninjs 1.x, 2.x and 3.x: one item a document, or an array of them.

Source of the properties: https://iptc.org/std/ninjs/. Version 1 writes them in small letters, 2 and 3 with arrays, 3 in camelCase.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.messages import Link, LinkRelation, Signal
from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.publishing_status import STATUSES
from pipeline.stages.parse.markup import html_paragraphs, plain_paragraphs
from pipeline.stages.parse.times import parse_time

_TELLING = frozenset(
    [
        "versioncreated",
        "pubstatus",
        "body_text",
        "body_html",
        "body_xhtml",
        "bodies",
        "headlines",
        "headline",
        "copyrightholder",
        "usageterms",
        "slugline",
        "ednote",
    ]
)
_SIGNALS = {
    "update": Signal.UPDATE,
    "correction": Signal.CORRECTION,
    "kill": Signal.KILL,
    "hold": Signal.HOLD,
    "repeat": Signal.REPEAT,
}


_ENOUGH = 2
#: Where content interfaces put the items of an answer, and how deep.
_ANSWERS = ("_items", "items", "results", "articles", "item", "data", "search")
_DEEPEST_ANSWER = 4
#: Types that are no texts; desks name the kinds of text as they like.
_OTHERS = frozenset(
    ("picture", "photo", "image", "graphic", "graphics", "video", "audio", "package", "event", "planning", "component")
)
#: TT's kinds of update, https://github.com/ttab/ttspec.
_NO_WRITERS = frozenset(("PHOTOGRAPHER", "FOTOGRAF", "PHOTO", "ILLUSTRATOR"))
_UPDATE_TYPES = {"KORR": Signal.CORRECTION, "RÄ": Signal.CORRECTION, "UV": Signal.UPDATE, "UPD": Signal.UPDATE}


def claims(content: Content) -> bool:
    """Whether the content is a JSON object, or an array of them, with the properties of ninjs."""
    if not content.looks_json:
        return False
    documents = _documents(content.json)
    first = documents[0] if isinstance(documents, list) and documents else documents
    if not isinstance(first, dict):
        return False
    keys = {_fold(key) for key in first}
    return not keys or len(_TELLING & keys) + bool({"uri", "guid"} & keys) >= _ENOUGH


def _documents(document: Any) -> Any:
    """The items of an answer that lists them, as content interfaces do; everything else as it is."""
    for _ in range(_DEEPEST_ANSWER):
        if not isinstance(document, dict) or {"uri", "guid", "headline", "headlines"} & document.keys():
            break
        inner = next((document[name] for name in _ANSWERS if isinstance(document.get(name), dict | list) and document[name]), None)
        if inner is None or (isinstance(inner, list) and not isinstance(inner[0], dict)):
            break
        document = inner
    return document


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Yield every text item; pictures, video and packages are none."""
    document = _documents(content.json)
    several = isinstance(document, list)
    documents = document if several else [document]
    found = False
    for document in documents:
        raw = json.dumps(document, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass") if several else content.data
        if not isinstance(document, dict):
            found = True
            yield Broken(raw, f"no object: {document}"[:200])
            continue
        properties = {_fold(key): value for key, value in document.items()} | document  # "headline" is never "headline_"
        kind = str(properties.get("type") or "text").lower()
        if kind in _OTHERS:
            continue
        if not {"uri", "guid", "headline", "headlines", "bodytext", "bodyhtml", "bodies"} & properties.keys():
            found = True
            yield Broken(raw, "ninjs without uri, headline or body: nothing in it can be told apart or read")
            continue
        found = True
        yield _draft(properties, raw)
    if not found:
        kinds = sorted({str(each.get("type")) for each in documents if isinstance(each, dict)})
        raise ParseError(f"ninjs without a text item: type {', '.join(kinds)}")


def _fold(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


_TELLING = frozenset(_fold(each) for each in _TELLING)


def _string(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).strip() else None


def _named(value: Any) -> list[str]:
    """Codes or names of a list of {code, name, literal, uri…}, of strings, or of PA's {"code": […]}."""
    if isinstance(value, dict):
        value = value.get("code") or value.get("symbols") or [value]
    if isinstance(value, str):
        value = [value]
    found = []
    for each in value if isinstance(value, list) else []:
        if isinstance(each, dict):
            found += [str(each[key]) for key in ("code", "qcode", "literal", "uri", "name", "rel") if _string(each.get(key))][:1]
        elif _string(each):
            found.append(str(each))
    return found


def _by_role(values: Any, *roles: str) -> str | None:
    """Value of the entry in one of the roles, in their order; else of the first that has one."""
    entries = [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []
    for role in roles:
        for each in entries:
            if str(each.get("role", "")).lower() == role and _string(each.get("value")):
                return str(each["value"])
    return next((str(each["value"]) for each in entries if _string(each.get("value"))), None)


def _draft(properties: Mapping[str, Any], raw: bytes) -> Draft:
    draft = Draft("ninjs", raw)
    get = properties.get
    _identity(draft, properties)
    status = str(get("pubstatus") or "").lower()
    draft.put("status", STATUSES.get(status), "pubstatus")
    urgency = _string(get("urgency"))
    draft.put("urgency", int(urgency) if urgency and urgency.isdigit() else None, "urgency")
    draft.put("headline", _string(get("headline")) or _by_role(get("headlines"), "main", "headline"), "headline")
    draft.put("slugline", _string(get("slugline")) or _string(get("slug")), "slugline")
    bylines = _bylines(get("byline")) or _bylines(get("bylines"))
    draft.put("byline", "; ".join(bylines) or _string(get("by")), "byline")
    draft.put("dateline", _string(get("dateline")) or _string(get("located")), "dateline")
    draft.put("language", _string(get("language")), "language")
    draft.put("keywords", _named(get("keyword") or get("keywords")), "keyword")
    draft.put("subjects", _named(get("subject") or get("subjects")), "subject")
    draft.put("genre", next(iter(_named(get("genre") or get("genres"))), None), "genre")
    draft.put("rights", _string(get("usageterms")) or _string(get("copyrightnotice")), "usageterms")
    draft.put("service", next(iter(_named(get("service") or get("services"))), None), "service")
    draft.put("published_at", parse_time(_string(get("versioncreated")) or _string(get("contentcreated"))), "versioncreated")
    embargoed = _string(get("embargoed")) or _string(get("embargoeduntil"))
    if embargoed:
        draft.put("embargoed_until", parse_time(embargoed), "embargoed")
        draft.embargoed = True
    draft.note(_string(get("ednote")), "ednote")
    for signal in _named(get("signal") or get("signals")):
        known = _SIGNALS.get(signal.rpartition(":")[2].lower())
        if known:
            draft.signal(known, "signal")
    if str(get("type")).lower() == "advisory":
        draft.signal(Signal.ADVISORY, "type")
    updating = get("signals")
    kind = _UPDATE_TYPES.get(str(updating.get("updatetype")).upper()) if isinstance(updating, dict) else None
    if kind:
        draft.signal(kind, "signals.updatetype")
    for replaced in _named(get("replacing")):
        draft.link(Link(rel=LinkRelation.REPLACES, item_id=replaced), "replacing")
    previous = _string(get("evolvedfrom")) or _string(get("rewriteof"))
    if previous:
        draft.link(Link(rel=LinkRelation.FOLLOWS, item_id=previous), "evolvedfrom")
    _body(draft, properties)
    return draft


def _bylines(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    names = (
        _string(each.get("byline")) or _string(each.get("name")) or _string(each.get("value"))
        if isinstance(each, dict)
        else _string(each)
        for each in entries
        if not (isinstance(each, dict) and str(each.get("role")).upper() in _NO_WRITERS)
    )
    return list(dict.fromkeys(name for name in names if name))


def _identity(draft: Draft, properties: Mapping[str, Any]) -> None:
    get = properties.get
    provider = _string(get("provider")) or _string(get("sourcefeed"))
    for name in (provider, _string(get("source")), _string(get("copyrightholder")), next(iter(_named(get("infosources"))), None)):
        draft.put("provider", name, "provider, source or copyrightholder")
    identity, created = _string(get("guid")) or _string(get("uri")), _string(get("versioncreated"))
    if created and identity and created in identity:  # names the revision, as PA's does
        draft.put("item_id", _string(get("usn")), "usn")
    draft.put("item_id", identity or _string(get("usn")) or _string(get("id")), "uri")
    draft.put("revision", _string(get("version")) or created, "version")


def _body(draft: Draft, properties: Mapping[str, Any]) -> None:
    get = properties.get
    for name in ("bodyhtml", "bodyhtml5", "bodyxhtml"):
        draft.put("text", "\n\n".join(html_paragraphs(_string(get(name)) or "")), name)
    draft.put("text", "\n\n".join(plain_paragraphs(_string(get("bodytext")) or "")), "body_text")
    bodies = [each for each in get("bodies") or [] if isinstance(each, dict)] if isinstance(get("bodies"), list) else []
    for body in sorted(bodies, key=lambda each: str(each.get("role", "")).lower() not in ("main", "html", "text")):
        markup = "html" in str(body.get("contenttype") or body.get("contentType") or body.get("role") or "html").lower()
        value = _string(body.get("value")) or ""
        draft.put("text", "\n\n".join((html_paragraphs if markup else plain_paragraphs)(value)), "bodies")
    if not draft.text:
        summary = _string(get("descriptiontext")) or _by_role(get("descriptions"), "main", "text")
        draft.put("text", "\n\n".join(html_paragraphs(summary or "")), "description")
