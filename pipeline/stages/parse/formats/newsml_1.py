"""NewsML 1.x as AFP, ANA, ANP, ATS, Belga, EFE, Kyodo, TASS and Business Wire send it: several items a file, all count.

Source of the paths: https://iptc.org/std/NewsML/1.2/, and what agencies make of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.messages import Link, LinkRelation, Signal, Status
from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.markup import html_paragraphs, paragraphs
from pipeline.stages.parse.times import parse_time
from pipeline.stages.parse.xmltree import XML_LANG, Element, find, find_all, find_text, local, serialise, text_of

_STATUSES = {
    "usable": Status.USABLE, "embargoed": Status.USABLE, "withheld": Status.WITHHELD, "canceled": Status.CANCELED,
    "cancelled": Status.CANCELED, "killed": Status.CANCELED,
}  # fmt: skip
_UPDATES = {"U": Signal.UPDATE, "A": Signal.UPDATE, "C": Signal.CORRECTION}
_TEXT_MEDIA = frozenset(("text", "complexdata", "article", ""))
# Characters below which a text may be only the summary of a longer one in another component.
_SUMMARY = 400
_BODIES = ("//body.content", "//body", "//DataContent")


def claims(content: Content) -> bool:
    """Whether the root element is NewsML."""
    return content.looks_xml and b"<NewsML" in content.data[:8192] and local(content.xml) == "NewsML"


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Yield every news item that holds text."""
    root = content.xml
    items = list(find_all(root, "NewsItem"))
    if not items:
        raise ParseError("NewsML without a NewsItem")
    envelope = find(root, "NewsEnvelope")
    found = False
    for item in items:
        raw = content.data if len(items) == 1 else serialise(item)
        draft = _draft(item, raw, envelope)
        if draft.text or draft.headline or draft.signals or draft.status not in (None, Status.USABLE):
            found = True
            yield draft
    if not found:
        raise ParseError("NewsML whose items hold neither a headline nor a text")


def _formal(element: Element | None) -> str | None:
    """What an element says: its FormalName, or its text where an agency writes it there."""
    if element is None:
        return None
    return (element.get("FormalName") or "").strip() or text_of(element)


def _draft(item: Element, raw: bytes, envelope: Element | None) -> Draft:
    draft = Draft("newsml_1_2", raw)
    _identity(draft, item)
    _management(draft, item)
    _envelope(draft, envelope)
    main = _main_component(item)
    for component in _from(main, item):
        _lines(draft, component)
        _metadata(draft, component)
    draft.put("language", _language(main, item), "NewsComponent/@xml:lang")
    draft.put("headline", find_text(item, "//hl1"), "DataContent//hl1")
    draft.put("dateline", find_text(item, "//dateline"), "DataContent//dateline")
    draft.put("byline", find_text(item, "//byline"), "DataContent//byline")
    _body(draft, main, item)
    return draft


def _identity(draft: Draft, item: Element) -> None:
    identifier = find(item, "Identification/NewsIdentifier")
    provider, day, number = (find_text(identifier, each) for each in ("ProviderId", "DateId", "NewsItemId"))
    draft.put("provider", provider, "NewsIdentifier/ProviderId")
    public = find_text(identifier, "PublicIdentifier") or ""
    if provider and day and number and f":{day}:{number}" in public:
        head, _, _ = public.partition(f":{day}:{number}")
        draft.put("item_id", f"{head}:{day}:{number}", "NewsIdentifier/PublicIdentifier without its revision")
        draft.put("dateless_id", number, "NewsIdentifier/NewsItemId")
    draft.put("item_id", number, "NewsIdentifier/NewsItemId")
    draft.put("item_id", find_text(item, "//guid"), "DescriptiveMetadata/guid")
    component = find(item, "NewsComponent")
    draft.put("item_id", component.get("Duid") if component is not None else None, "NewsComponent/@Duid")
    revision = find(identifier, "RevisionId")
    draft.put("revision", text_of(revision), "NewsIdentifier/RevisionId")
    if revision is not None:
        update = _UPDATES.get(revision.get("Update") or "")
        if update:
            draft.signal(update, "RevisionId/@Update")
        elif (revision.get("PreviousRevision") or "0").strip() not in ("", "0"):
            draft.signal(Signal.UPDATE, "RevisionId/@PreviousRevision")


def _management(draft: Draft, item: Element) -> None:
    management = find(item, "NewsManagement")
    created = find_text(management, "ThisRevisionCreated") or find_text(management, "FirstCreated")
    draft.put("published_at", parse_time(created), "NewsManagement/ThisRevisionCreated")
    if not draft.revision:
        draft.put("revision", find_text(management, "ThisRevisionCreated"), "NewsManagement/ThisRevisionCreated")
    status = (_formal(find(management, "Status")) or "").lower()
    draft.put("status", _STATUSES.get(status), "NewsManagement/Status")
    if status == "embargoed":
        draft.embargoed = True
    change = find(management, "StatusWillChange")
    if change is not None and (draft.embargoed or draft.status is Status.WITHHELD):
        draft.put("embargoed_until", parse_time(find_text(change, "DateAndTime")), "NewsManagement/StatusWillChange")
    urgency = _formal(find(management, "Urgency"))
    draft.put("urgency", int(urgency) if urgency and urgency.isdigit() else None, "NewsManagement/Urgency")
    for name, relation in (("DerivedFrom", LinkRelation.FOLLOWS),):
        for element in find_all(management, name):
            target = element.get("NewsItem")
            if target:
                draft.link(Link(rel=relation, item_id=target), f"NewsManagement/{name}")
    for instruction in find_all(management, "Instruction"):
        if (instruction.get("FormalName") or "").lower() in ("correction", "rectify"):
            draft.signal(Signal.CORRECTION, "NewsManagement/Instruction")


def _envelope(draft: Draft, envelope: Element | None) -> None:
    draft.put("sequence", find_text(envelope, "TransmissionId"), "NewsEnvelope/TransmissionId")
    service = _formal(find(envelope, "NewsService")) or _formal(find(envelope, "NewsProduct"))
    draft.put("service", service, "NewsEnvelope/NewsService")
    priority = _formal(find(envelope, "Priority"))
    draft.put("urgency", int(priority) if priority and priority.isdigit() else None, "NewsEnvelope/Priority")


def _main_component(item: Element) -> Element:
    """The component that holds the text: the deepest one in role Main, else the first with data, else the outermost."""
    components = list(item.iter("{*}NewsComponent"))
    mains = [each for each in components if (_formal(find(each, "Role")) or "").lower() == "main" and _has_text(each)]
    holders = [each for each in components if _has_text(each) and find(each, "ContentItem") is not None]
    for candidates in (mains, holders[:1], components[:1]):
        if candidates:
            return candidates[-1] if candidates is mains else candidates[0]
    return item


def _has_text(component: Element) -> bool:
    return any(
        find(content, "DataContent") is not None and (_formal(find(content, "MediaType")) or "").lower() in _TEXT_MEDIA
        for content in component.iter("{*}ContentItem")
    )


def _from(main: Element, item: Element) -> Iterator[Element]:
    """The main component, then its ancestors, then every other component of the item."""
    seen = set()
    node: Element | None = main
    while node is not None and node is not item:
        if local(node) == "NewsComponent":
            seen.add(node)
            yield node
        node = node.getparent()
    for component in item.iter("{*}NewsComponent"):
        if component not in seen and (_formal(find(component, "Role")) or "").lower() not in (
            "caption",
            "picture",
            "photo",
            "graphic",
        ):
            yield component


def _lines(draft: Draft, component: Element) -> None:
    lines = find(component, "NewsLines")
    if lines is None:
        return
    draft.put("headline", find_text(lines, "HeadLine"), "NewsLines/HeadLine")
    draft.put("dateline", find_text(lines, "DateLine"), "NewsLines/DateLine")
    draft.put("slugline", find_text(lines, "SlugLine"), "NewsLines/SlugLine")
    draft.put("byline", find_text(lines, "ByLine"), "NewsLines/ByLine")
    draft.put("rights", find_text(lines, "RightsLine") or find_text(lines, "CopyrightLine"), "NewsLines/CopyrightLine")
    draft.put("slugline", find_text(lines, "KeywordLine"), "NewsLines/KeywordLine")
    draft.put("keywords", [text for each in find_all(lines, "KeywordLine") if (text := text_of(each))], "NewsLines/KeywordLine")
    for line in find_all(lines, "NewsLine"):
        kind = (_formal(find(line, "NewsLineType")) or "").lower()
        text = find_text(line, "NewsLineText")
        if kind in ("advisoryline", "advisory", "ednote", "editorialnote", "note"):
            draft.note(text, "NewsLines/NewsLine AdvisoryLine")


def _metadata(draft: Draft, component: Element) -> None:
    administrative = find(component, "AdministrativeMetadata")
    for name in ("Provider", "Source"):
        party = find(administrative, f"{name}/Party")
        draft.put("provider", party.get("FormalName") if party is not None else None, f"AdministrativeMetadata/{name}")
    for descriptive in (*find_all(component, "DescriptiveMetadata"), *find_all(component, "DescriptiveMetada")):
        codes = [
            each.get("FormalName")
            for code in find_all(descriptive, "SubjectCode")
            for each in code.iterchildren("{*}SubjectDetail", "{*}SubjectMatter", "{*}Subject")
        ]
        draft.put("subjects", list(dict.fromkeys(code for code in codes if code)), "DescriptiveMetadata/SubjectCode")
        draft.put("genre", _formal(find(descriptive, "Genre")), "DescriptiveMetadata/Genre")
        draft.put("language", _formal(find(descriptive, "Language")), "DescriptiveMetadata/Language")
        for location in find_all(descriptive, "Location"):
            city = next((each.get("Value") for each in find_all(location, "Property") if each.get("FormalName") == "City"), None)
            draft.put("dateline", city, "DescriptiveMetadata/Location")
    draft.put("rights", find_text(component, "RightsMetadata/UsageRights"), "RightsMetadata/UsageRights")


def _language(main: Element, item: Element) -> str | None:
    node: Element | None = main
    while node is not None:
        if node.get(XML_LANG):
            return str(node.get(XML_LANG))
        node = None if node is item else node.getparent()
    return None


def _body(draft: Draft, main: Element, item: Element) -> None:
    """Take the main component's text; where that is but a summary, the longest text of the item."""
    texts = [text for root in (main, item) for text in _texts(root)]
    if texts:
        draft.put("text", texts[0] if len(texts[0]) > _SUMMARY else max(texts, key=len), "DataContent")


def _texts(root: Element) -> Iterator[str]:
    for content in root.iter("{*}ContentItem"):
        if (_formal(find(content, "MediaType")) or "").lower() not in _TEXT_MEDIA:
            continue
        data = find(content, "DataContent")
        if data is None:
            continue
        for path in _BODIES:
            body = find(content, path)
            blocks = _blocks(body) if body is not None else []
            if blocks:
                yield "\n\n".join(blocks)
                break


def _blocks(body: Element) -> list[str]:
    if len(body):
        return paragraphs(body)
    return html_paragraphs(body.text or "")
