"""NewsML-G2 2.x: a news message or a bare item, in its namespace by default or by prefix.

Source of the paths: https://iptc.org/std/NewsML-G2/. Text items alone are dispatches; a package refers to items and is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.messages import Link, LinkRelation, Signal
from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.publishing_status import STATUSES
from pipeline.stages.parse.markup import html_paragraphs, paragraphs
from pipeline.stages.parse.times import parse_time
from pipeline.stages.parse.xmltree import (
    XML_LANG,
    Children,
    Element,
    children,
    find,
    find_all,
    find_text,
    local,
    serialise,
    spaced,
    text_of,
)

_ROOTS = frozenset(
    ("newsMessage", "newsItem", "packageItem", "knowledgeItem", "conceptItem", "planningItem", "catalogItem", "itemSet")
)
_OTHERS = frozenset(("packageItem", "knowledgeItem", "conceptItem", "planningItem", "catalogItem"))
_SIGNALS = {
    "correction": Signal.CORRECTION, "correct": Signal.CORRECTION, "update": Signal.UPDATE, "repeat": Signal.REPEAT,
    "retransmission": Signal.REPEAT, "kill": Signal.KILL, "withhold": Signal.HOLD, "advisory": Signal.ADVISORY,
    "replace": Signal.UPDATE, "supplement": Signal.UPDATE,
}  # fmt: skip
# Reuters' editorial status, https://liaison.reuters.com: new, update, correction, deletion.
_REUTERS = {"U": Signal.UPDATE, "C": Signal.CORRECTION, "D": Signal.KILL}
#: Genres of notes to editors.
_ADVISORIES = frozenset(("achtung", "achtung redaktionen", "advisory", "media advisory", "planungshinweis", "programmhinweis"))
_LINKS = {
    "evolvedfrom": LinkRelation.FOLLOWS, "previousversion": LinkRelation.REPLACES, "replaces": LinkRelation.REPLACES,
    "correctionto": LinkRelation.CORRECTS, "corrects": LinkRelation.CORRECTS, "updateto": LinkRelation.FOLLOWS,
    "derivedfrom": LinkRelation.FOLLOWS,
}  # fmt: skip


# Parts of a body by class that are no text: dpa's notes, links and repeated slugline.
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_APART = frozenset(("notepad", "np-public", "np-nonpublic", "linkbox", "slugline"))


def claims(content: Content) -> bool:
    """Whether the root element is one of NewsML-G2's."""
    if not content.looks_xml:
        return False
    root = content.xml
    namespace = (root.nsmap.get(root.prefix) or "nar").lower()
    return local(root) in _ROOTS and ("nar" in namespace or "newsml" in namespace)  # some name the standard itself


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Yield every text item."""
    root = content.xml
    items = [root] if local(root) == "newsItem" else list(root.iter("{*}newsItem"))
    service = find_text(root, "header/channel")
    transmission = find_text(root, "header/transmitId")
    found = False
    for item in items:
        if not _is_text(item):
            continue
        found = True
        raw = content.data if len(items) == 1 else serialise(item)
        try:
            yield _draft(item, raw, service, transmission)
        except ParseError as error:
            yield Broken(raw, str(error))
    if not found:
        other = next((local(each) for each in root.iter() if local(each) in _OTHERS), None)
        classes = sorted({find_class(item) or "unclassified" for item in items})
        what = f"a {other}, which refers to items" if other and not items else f"only items of class {', '.join(classes) or 'none'}"
        raise ParseError(f"NewsML-G2 without a text item: {what}")


def find_class(item: Element) -> str | None:
    """Item class without its scheme: text, picture, composite…."""
    element = find(item, "itemMeta/itemClass")
    return _code(element) if element is not None else None


def _is_text(item: Element) -> bool:
    kind = find_class(item)
    if kind in ("text", None):
        return True
    if kind in ("picture", "video", "audio", "graphic", "animation", "packaged"):
        return False
    return any(find(item, f"contentSet/{name}") is not None for name in ("inlineXML", "inlineData"))


def _code(element: Element) -> str:
    value = element.get("qcode") or element.get("literal") or element.get("uri") or text_of(element) or ""
    return value.rpartition(":")[2] if element.get("qcode") else value.rpartition("/")[2]


def _draft(item: Element, raw: bytes, service: str | None, transmission: str | None) -> Draft:
    draft = Draft("newsml_g2", raw)
    draft.put("item_id", item.get("guid"), "newsItem/@guid")
    draft.put("revision", item.get("version"), "newsItem/@version")
    parts = children(item)
    meta, content = children(find(parts, "itemMeta")), children(find(parts, "contentMeta"))
    _management(draft, meta)
    draft.put("service", service, "header/channel")
    if transmission and transmission.isdigit():
        draft.put("sequence", transmission, "header/transmitId")
    asserted = {literal for each in find_all(parts, "assert") if (literal := each.get("literal"))}
    _content(draft, content, asserted)
    draft.put("language", find_language(content), "contentMeta/language/@tag")
    draft.put("language", item.get(XML_LANG), "newsItem/@xml:lang")
    draft.put("rights", find_text(parts, "rightsInfo/usageTerms"), "rightsInfo/usageTerms")
    draft.put("rights", find_text(parts, "rightsInfo/copyrightNotice"), "rightsInfo/copyrightNotice")
    _body(draft, find(parts, "contentSet"))
    draft.put("headline", find_text(meta, "title"), "itemMeta/title")
    if draft.headline is None:
        draft.put("headline", find_text(find(parts, "contentSet/inlineXML"), "//title"), "inlineXML/…/title")
    if draft.published_at is None:
        for name in ("contentModified", "contentCreated"):
            draft.put("published_at", parse_time(find_text(content, name)), f"contentMeta/{name}")
        draft.put("published_at", parse_time(find_text(meta, "firstCreated")), "itemMeta/firstCreated")
    return draft


def find_language(content: Children) -> str | None:
    """Tag of the first language of the content."""
    element = find(content, "language")
    return element.get("tag") if element is not None else None


def _management(draft: Draft, meta: Children) -> None:
    provider = find(meta, "provider")
    if provider is not None:
        draft.put("provider", find_text(provider, "name") or _code(provider), "itemMeta/provider")
    draft.put("published_at", parse_time(find_text(meta, "versionCreated")), "itemMeta/versionCreated")
    if not draft.revision:
        draft.put("revision", find_text(meta, "versionCreated"), "itemMeta/versionCreated")
    embargoed = find(meta, "embargoed")
    if embargoed is not None:
        draft.put("embargoed_until", parse_time(text_of(embargoed)), "itemMeta/embargoed")
        # Without a time it holds until further notice only where the element says that it is nil.
        draft.embargoed = bool(text_of(embargoed)) or embargoed.get(_NIL) in ("true", "1")
    status = find(meta, "pubStatus")
    if status is not None:
        draft.put("status", STATUSES.get(_code(status).lower()), "itemMeta/pubStatus")
    for service in find_all(meta, "service"):
        draft.put("service", find_text(service, "name") or _code(service), "itemMeta/service")
    for signal in find_all(meta, "signal"):
        scheme = (signal.get("qcode") or "").partition(":")[0].lower()
        code = _code(signal)
        known = _REUTERS.get(code) if scheme == "edstat" else _SIGNALS.get(code.lower())
        if known:
            draft.signal(known, f"itemMeta/signal {signal.get('qcode') or code}")
    for note in find_all(meta, "edNote"):
        if _code(note) == "closingline" or (note.get("role") or "").endswith(":closingline"):
            draft.put("signoff", text_of(note), "itemMeta/edNote closingline")
        else:
            draft.note("\n".join(paragraphs(note)), "itemMeta/edNote")
    for link in find_all(meta, "link"):
        relation = _LINKS.get((link.get("rel") or "").rpartition(":")[2].lower())
        target = link.get("residref") or link.get("guidref")
        if relation and target:
            draft.link(Link(rel=relation, item_id=target), f"itemMeta/link {link.get('rel')}")


def _content(draft: Draft, content: Children, asserted: set[str]) -> None:
    urgency = find_text(content, "urgency")
    draft.put("urgency", int(urgency) if urgency and urgency.isdigit() else None, "contentMeta/urgency")
    draft.put("headline", _headline(content), "contentMeta/headline")
    slugline = find(content, "slugline")
    draft.put("slugline", text_of(slugline), "contentMeta/slugline")
    draft.put("dateline", find_text(content, "dateline"), "contentMeta/dateline")
    draft.put("byline", find_text(content, "by"), "contentMeta/by")
    located = find(content, "located")
    if located is not None:
        draft.put("dateline", find_text(located, "name") or located.get("literal"), "contentMeta/located")
    draft.put("keywords", [text for each in find_all(content, "keyword") if (text := text_of(each))], "contentMeta/keyword")
    subjects = [subject for each in find_all(content, "subject") if (subject := _subject(each, asserted))]
    draft.put("subjects", subjects, "contentMeta/subject")
    genre = find(content, "genre")
    if genre is not None:
        draft.put("genre", find_text(genre, "name") or _code(genre), "contentMeta/genre")
        if (draft.genre or "").casefold() in _ADVISORIES:
            draft.signal(Signal.ADVISORY, "contentMeta/genre")


def _subject(element: Element, asserted: set[str]) -> str | None:
    """Code of a subject; its name where the code means nothing outside the item, as dpa's places."""
    main = find(element, "mainConcept")  # beside the facets that narrow it
    element = element if main is None else main
    code = element.get("qcode") or element.get("literal") or element.get("uri")
    return text_of(element) if code is None or code in asserted else code


def _headline(content: Children) -> str | None:
    """The headline without a role or in the main one, rather than an extended, short or search engine's."""
    headlines = [each for each in find_all(content, "headline") if text_of(each)]
    plain = [each for each in headlines if (each.get("role") or "main").rpartition(":")[2].lower() in ("main", "headline", "hl1")]
    return next((text_of(each) for each in (*plain, *headlines)), None)


def _body(draft: Draft, contents: Element | None) -> None:
    if contents is None:
        return
    for inline in find_all(contents, "inlineXML"):
        body = find(inline, "//body.content")
        body = body if body is not None else find(inline, "//body")
        blocks = paragraphs(body if body is not None else inline, skip=_APART)
        for name, element in (("headline", "hl1"), ("dateline", "dateline"), ("byline", "byline")):
            if getattr(draft, name) is None:
                draft.put(name, spaced(find(inline, f"//{element}")), f"inlineXML/…/{element}")
        draft.put("text", "\n\n".join(blocks), "contentSet/inlineXML")
    for inline in find_all(contents, "inlineData"):
        text = "".join(map(str, inline.itertext()))
        draft.put("text", "\n\n".join(html_paragraphs(text)), "contentSet/inlineData")
