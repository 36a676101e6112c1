"""NITF 3.x, with and without its namespace (https://iptc.org/standards/nitf/)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.messages import Link, LinkRelation, Signal, Status
from pipeline.stages.parse.draft import Draft, ParseError
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.markup import paragraphs
from pipeline.stages.parse.times import parse_time
from pipeline.stages.parse.xmltree import XML_LANG, Children, Element, children, find, find_all, find_text, local, spaced, text_of

_STATUSES = {
    "usable": Status.USABLE,
    "withheld": Status.WITHHELD,
    "canceled": Status.CANCELED,
    "cancelled": Status.CANCELED,
}
#: Statuses under which a later ``date.release`` is an embargo: until then a document is not available, whatever else is said of it.
_FREE = ("", "usable")
_SEVERAL = 2
#: What ``docdata@management-idref-status`` says of the document that is referred to.
_REFERRED = {"canceled": LinkRelation.WITHDRAWS, "cancelled": LinkRelation.WITHDRAWS, "withheld": LinkRelation.WITHDRAWS}
#: Names by which agencies put into ``meta`` what NITF has no element for.
_SLUGS = ("anpa-keyword", "slugline", "slug", "NTBStikkord")
_SEQUENCES = ("anpa-sequence", "NTBIPTCSequence", "sequence")
_SERVICES = ("service", "anpa-service", "NTBTjeneste")


def claims(content: Content) -> bool:
    """Whether the root element is ``nitf``."""
    return content.looks_xml and local(content.xml) == "nitf"


def parse(content: Content) -> Iterator[Draft]:
    """Yield the one document."""
    root = content.xml
    head, body = find(root, "head"), find(root, "body")
    if body is None:
        raise ParseError("NITF without a body: no text, no headline; ask the agency whether the transmission was cut")
    yield _read(root, head, body, content.data)


def _read(root: Element, head: Element | None, body: Element, raw: bytes) -> Draft:
    """Read one document."""
    draft = Draft(format="nitf", raw=raw)
    heads = children(head)
    element = find(heads, "docdata")
    docdata = children(element)
    attributes = {} if element is None else {str(name): str(value) for name, value in element.items()}
    meta = {name: each.get("content", "") for each in find_all(heads, "meta") if (name := each.get("name"))}
    _identity(draft, heads, docdata, body, meta)
    _times_and_status(draft, heads, docdata, attributes)
    if draft.published_at is None:
        dated = (each.get("norm") for each in find_all(body, "//story.date"))
        draft.put("published_at", parse_time(next(filter(None, dated), None)), "body/body.head/dateline/story.date@norm")
    _lines(draft, heads, docdata, body, meta)
    _subjects(draft, heads, docdata)
    _notes_and_links(draft, heads, docdata, body, attributes)
    _language(draft, root, body)
    _text(draft, body)
    return draft


def _attribute(docdata: Children, path: str, name: str) -> str | None:
    for each in find_all(docdata, path):
        if value := (each.get(name) or "").strip():
            return value
    return None


def _identity(draft: Draft, heads: Children, docdata: Children, body: Element, meta: dict[str, str]) -> None:
    draft.put("item_id", _attribute(docdata, "doc-id", "id-string"), "head/docdata/doc-id@id-string")
    draft.put("item_id", find_text(docdata, "doc-id"), "head/docdata/doc-id")
    for path, name in (
        ("doc-id", "regsrc"),
        ("del-list/from-src", "src-name"),
        ("doc.copyright", "holder"),
        ("doc.rights", "owner"),
        ("doc.rights", "provider"),
        ("doc.rights", "agent"),
    ):
        draft.put("provider", _attribute(docdata, path, name), f"head/docdata/{path}@{name}")
    draft.put("provider", find_text(body, "body.head/distributor"), "body/body.head/distributor")
    for name in ("rights.owner", "rights.agent"):
        draft.put("provider", find_text(body, f"//{name}"), f"body/body.head/rights/{name}")
    for name in ("generation", "version"):
        draft.put("revision", _attribute(docdata, "du-key", name), f"head/docdata/du-key@{name}")
    draft.put("revision", _attribute(docdata, "date.issue", "norm"), "head/docdata/date.issue@norm")
    draft.put("provider", _attribute(heads, "pubdata", "name"), "head/pubdata@name")
    for field, names in (("sequence", _SEQUENCES), ("service", _SERVICES)):
        for name in names:
            draft.put(field, meta.get(name), f"head/meta[{name}]")


def _times_and_status(draft: Draft, head: Children, docdata: Children, attributes: dict[str, str]) -> None:
    issued = _attribute(docdata, "date.issue", "norm")
    draft.put("published_at", parse_time(issued), "head/docdata/date.issue@norm")
    draft.put("published_at", parse_time(_attribute(head, "pubdata", "date.publication")), "head/pubdata@date.publication")
    management = attributes.get("management-status", "").strip().lower()
    draft.put("status", _STATUSES.get(management), "head/docdata@management-status")
    release = parse_time(_attribute(docdata, "date.release", "norm"))
    if management == "embargoed":
        draft.embargoed = True
        draft.put("embargoed_until", release, "head/docdata/date.release@norm")
    elif management in _FREE and release is not None and _later(release, parse_time(issued)):
        draft.put("embargoed_until", release, "head/docdata/date.release@norm")
    urgency = _attribute(docdata, "urgency", "ed-urg") or _attribute(head, "urgency", "ed-urg")
    if urgency and urgency.isdecimal():
        draft.put("urgency", int(urgency[:3]), "head/docdata/urgency@ed-urg")


def _later(release: object, issued: object) -> bool:
    try:
        return issued is not None and release > issued  # type: ignore[operator]
    except TypeError:  # one with a zone, one without
        return False


def split_keywords(written: Iterable[str]) -> list[str]:
    """Keywords one by one, where a system writes them all into one attribute.

    >>> split_keywords(["storm,flood,rescue", "Port Vila, Vanuatu", ""])
    ['storm', 'flood', 'rescue', 'Port Vila, Vanuatu']
    """
    return [word for keyword in written for each in re.split(r",(?=\S)", keyword) if (word := each.strip())]


def _lines(draft: Draft, head: Children, docdata: Children, body: Element, meta: dict[str, str]) -> None:
    top = children(find(body, "body.head"))
    draft.put("headline", find_text(top, "hedline/hl1"), "body/body.head/hedline/hl1")
    draft.put("headline", find_text(top, "hedline"), "body/body.head/hedline")
    for name in ("headline/hl1", "headline"):  # as publishers spell it that do not know the standard's word
        draft.put("headline", find_text(top, name), f"body/body.head/{name}")
    draft.put("headline", find_text(head, "title"), "head/title")
    draft.put("dateline", _places(find(top, "dateline/location")), "body/body.head/dateline/location")
    draft.put("dateline", spaced(find(top, "dateline")), "body/body.head/dateline")
    draft.put("byline", spaced(find(top, "byline")), "body/body.head/byline")
    for name in _SLUGS:
        draft.put("slugline", meta.get(name), f"head/meta[{name}]")
    draft.put("slugline", find_text(top, "slugline"), "body/body.head/slugline")
    draft.put("slugline", _attribute(docdata, "du-key", "key"), "head/docdata/du-key@key")
    keywords = split_keywords(each.get("key") or text_of(each) or "" for each in find_all(docdata, "key-list/keyword"))
    draft.put("keywords", keywords, "head/docdata/key-list/keyword@key")
    listed = [word for each in (meta.get("keywords") or "").split(",") if (word := each.strip())]
    draft.put("keywords", listed, "head/meta[keywords]")
    copyrighted = find(docdata, "doc.copyright")
    if copyrighted is not None:
        parts = (copyrighted.get("year"), copyrighted.get("holder"))
        draft.put("rights", " ".join(part.strip() for part in parts if part), "head/docdata/doc.copyright")
    draft.put("rights", _attribute(docdata, "doc.rights", "owner"), "head/docdata/doc.rights@owner")


def _places(location: Element | None) -> str | None:
    """City, state and country of a dateline whose parts stand in elements of their own, with nothing written between."""
    if location is None or len(location) < _SEVERAL or any((each.tail or "").strip() for each in location):
        return None
    return ", ".join(place for each in location if (place := text_of(each))) or None


def _subjects(draft: Draft, head: Children, docdata: Children) -> None:
    for each in find_all(head, "tobject/tobject.subject"):
        names = [str(each.get(f"tobject.subject.{part}") or "") for part in ("refnum", "detail", "matter", "type", "code")]
        code = next(filter(None, names), "")
        if code and code not in draft.subjects:
            draft.subjects.append(code)
            draft.where["subjects"] = "head/tobject/tobject.subject@tobject.subject.refnum"
    classified = (each.get("value") or text_of(each) for each in find_all(docdata, "identified-content/classifier"))
    draft.put("subjects", list(dict.fromkeys(filter(None, classified))), "head/docdata/identified-content/classifier")
    draft.put("genre", _attribute(head, "tobject/tobject.property", "tobject.property.type"), "head/tobject/tobject.property")
    draft.put("genre", _attribute(docdata, "fixture", "fix-id"), "head/docdata/fixture@fix-id")


def _notes_and_links(draft: Draft, heads: Children, docdata: Children, body: Element, attributes: dict[str, str]) -> None:
    for each in find_all(docdata, "ed-msg"):
        draft.note(each.get("info"), "head/docdata/ed-msg@info")
    for each in list(find_all(heads, "revision-history"))[-1:]:  # those before tell of other versions
        draft.note(each.get("comment"), "head/revision-history@comment")
    for each in find_all(body, "body.head/note"):
        draft.note(" ".join(paragraphs(each)), "body/body.head/note")
    key = _attribute(docdata, "du-key", "key")
    if key:
        draft.link(Link(rel=LinkRelation.FOLLOWS, key=key), "head/docdata/du-key@key")
    referred = attributes.get("management-doc-idref", "").strip()
    if referred and referred != draft.item_id:
        said = attributes.get("management-idref-status", "").strip().lower()
        draft.link(Link(rel=_REFERRED.get(said, LinkRelation.REPLACES), item_id=referred), "head/docdata@management-doc-idref")
    for each in find_all(docdata, "correction"):
        draft.signal(Signal.CORRECTION, "head/docdata/correction")
        draft.note(each.get("info"), "head/docdata/correction@info")
        corrected = (each.get("id-string") or "").strip()
        if corrected and corrected != draft.item_id:
            draft.link(Link(rel=LinkRelation.CORRECTS, item_id=corrected), "head/docdata/correction@id-string")


def _language(draft: Draft, root: Element, body: Element) -> None:
    for element, where in ((root, "nitf"), (body, "body"), (find(body, "body.content"), "body/body.content")):
        if element is not None:
            draft.put("language", element.get(XML_LANG), f"{where}@xml:lang")
            draft.put("language", element.get("baselang"), f"{where}@baselang")
    if draft.language is None:
        draft.put("language", next((tag for each in find_all(body, "//p") if (tag := each.get(XML_LANG))), None), "p@xml:lang")


def _content(element: Element) -> list[str]:
    """Paragraphs of a body's content, without the lead that an archive puts before the whole text once more."""
    whole = next((each for each in element if each.get("class") == "full_text"), None)
    return paragraphs(element if whole is None else whole)


def _text(draft: Draft, body: Element) -> None:
    blocks = [block for each in find_all(body, "body.content") for block in _content(each)]
    where = "body/body.content"
    if not blocks:
        blocks = [block for each in find_all(body, "body.head/abstract") for block in paragraphs(each)]
        where = "body/body.head/abstract"
    if not blocks:  # some desks put paragraphs straight into the body
        blocks = paragraphs(body, skip=frozenset(("body.head", "body.end")))
        where = "body"
    draft.put("text", "\n\n".join(blocks), where)
    draft.put("signoff", find_text(body, "body.end/tagline"), "body/body.end/tagline")
