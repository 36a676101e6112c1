"""NewsML 1.x as AFP, ANA, ANP, ATS, Belga, EFE, Kyodo, TASS and Business Wire send it: several items a file, all count.

Source of the paths: https://iptc.org/std/NewsML/1.2/, and what agencies make of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC

from pipeline.messages import Link, LinkRelation, Signal, Status
from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.newsml_1_text import body_of, bundle_of, formal, role_of, text_contents, what_else, with_text
from pipeline.stages.parse.formats.nitf import split_keywords
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
    text_of,
)

_STATUSES = {
    "usable": Status.USABLE, "embargoed": Status.USABLE, "withheld": Status.WITHHELD, "canceled": Status.CANCELED,
    "cancelled": Status.CANCELED, "killed": Status.CANCELED,
}  # fmt: skip
_VERSIONED = re.compile(r"-v\d{1,3}$")
_UPDATES = {"U": Signal.UPDATE, "A": Signal.UPDATE, "C": Signal.CORRECTION}
_METADATA = frozenset(("AdministrativeMetadata", "DescriptiveMetadata", "DescriptiveMetada", "Metadata", "RightsMetadata"))
_NUMBER = re.compile(r"([A-Z]{2,4})(\d{3,5})")
_NO_HEADLINE = re.compile(r"\W*no (?:headline|title)\W*", re.IGNORECASE)
#: Names of the IPTC's instructions to whoever holds an earlier revision, and what agencies write for them.
_INSTRUCTIONS = {
    "correction": Signal.CORRECTION, "rectify": Signal.CORRECTION, "update": Signal.UPDATE, "delete": Signal.KILL,
    "kill": Signal.KILL, "withdraw": Signal.KILL, "cancel": Signal.KILL,
}  # fmt: skip
_NOTES = frozenset(("advisoryline", "advisory", "ednote", "editorialnote", "note"))
_LETTERS = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 5, "a": 8, "s": 8, "w": 8}


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
    for item in items:
        raw = content.data if len(items) == 1 else serialise(item)
        draft = _draft(item, raw, envelope)
        instead = "" if draft.text or _withdraws(draft) else what_else(item)
        if instead:
            yield Broken(raw, f"a NewsItem without text: {instead}")
        elif draft.text or draft.headline or _withdraws(draft):
            yield draft
        else:
            yield Broken(raw, "a NewsItem with neither a headline nor a text")


def _withdraws(draft: Draft) -> bool:
    """Whether an item says more than its text: a kill or a hold may be empty."""
    return draft.status not in (None, Status.USABLE) or not draft.signals.isdisjoint((Signal.KILL, Signal.HOLD))


def _level(text: str | None) -> int | None:
    """Urgency as a number of the IPTC's scale or as a letter of ANPA's."""
    if text is None:
        return None
    return int(text[:3]) if text.isdecimal() else _LETTERS.get(text.lower())


def _draft(item: Element, raw: bytes, envelope: Element | None) -> Draft:
    draft = Draft("newsml_1_2", raw)
    _identity(draft, item)
    _management(draft, item)
    _envelope(draft, envelope)
    contents = text_contents(item)
    main = _main_component(item, contents)
    parts = {component: children(component) for component in _from(main, item)}
    for component in reversed(_chain(main, item)):
        draft.put("headline", _headline(children(find(parts[component], "NewsLines"))), "NewsLines/HeadLine")
    for each in parts.values():
        _lines(draft, children(find(each, "NewsLines")))
        _metadata(draft, each)
    if not draft.keywords:
        draft.put("keywords", [text for each in find_all(item, "//item_keyword") if (text := text_of(each))], "item_keyword")
        listed = (each.get("key") or text_of(each) for each in find_all(item, "//keyword"))
        draft.put("keywords", split_keywords(filter(None, listed)), "DataContent//key-list/keyword")
    if not draft.subjects:
        draft.put("subjects", _topics(item), "TopicOccurrence/@Topic")
    draft.put("language", _language(main, item), "NewsComponent/@xml:lang")
    for name, element in (("headline", "hl1"), ("dateline", "dateline"), ("byline", "byline")):
        if getattr(draft, name) is None:
            draft.put(name, find_text(item, f"//{element}"), f"DataContent//{element}")
    draft.put("slugline", find_text(item, "Identification/NameLabel"), "Identification/NameLabel")
    draft.put("text", bundle_of(contents) or body_of(main, contents), "DataContent")
    for comment in (each for held in contents for each in find_all(held, "Comment")):
        if (comment.get("FormalName") or "note").replace(" ", "").lower() in _NOTES:  # others are a system's, such as its version
            draft.note(text_of(comment), "ContentItem/Comment")
    return draft


def _identity(draft: Draft, item: Element) -> None:
    identifier = children(find(item, "Identification/NewsIdentifier"))
    provider, day, number = (find_text(identifier, each) for each in ("ProviderId", "DateId", "NewsItemId"))
    number = _unless_zero(number)
    draft.put("provider", provider, "NewsIdentifier/ProviderId")
    public = find_text(identifier, "PublicIdentifier") or ""
    if day and number and f":{day}:{number}" not in public:
        whole = _VERSIONED.sub("", number)  # ANP's names the revision in one of the two alone
        number = whole if f":{day}:{whole}" in public else number
    if provider and day and number and f":{day}:{number}" in public:
        head, _, _ = public.partition(f":{day}:{number}")
        draft.put("item_id", f"{head}:{day}:{number}", "NewsIdentifier/PublicIdentifier without its revision")
    draft.put("item_id", number, "NewsIdentifier/NewsItemId")
    if draft.item_id is None:
        draft.put("item_id", find_text(item, "//guid"), "DescriptiveMetadata/guid")
    component = find(item, "NewsComponent")
    draft.put("item_id", _unless_zero(component.get("Duid")) if component is not None else None, "NewsComponent/@Duid")
    revision = find(identifier, "RevisionId")
    draft.put("revision", text_of(revision), "NewsIdentifier/RevisionId")
    if revision is not None:
        update = _UPDATES.get(revision.get("Update") or "")
        if update:
            draft.signal(update, "RevisionId/@Update")
        elif (revision.get("PreviousRevision") or "0").strip() not in ("", "0"):
            draft.signal(Signal.UPDATE, "RevisionId/@PreviousRevision")


def _unless_zero(number: str | None) -> str | None:
    """An identity, but not the zeros that systems write where they have none."""
    return number if number and number.strip("0 ") else None


def _management(draft: Draft, item: Element) -> None:
    management = children(find(item, "NewsManagement"))
    created = parse_time(find_text(management, "ThisRevisionCreated") or find_text(management, "FirstCreated"))
    if created and created.tzinfo is None and f"{created:%Y-%m-%d %H:%M:%S} GMT" in (find_text(item, "//DateLabel") or ""):
        created = created.replace(tzinfo=UTC)  # Europa Press names the zone only there
    draft.put("published_at", created, "NewsManagement/ThisRevisionCreated")
    if not draft.revision:
        draft.put("revision", find_text(management, "ThisRevisionCreated"), "NewsManagement/ThisRevisionCreated")
    status = (formal(find(management, "Status")) or "").lower()
    draft.put("status", _STATUSES.get(status), "NewsManagement/Status")
    if status == "embargoed":
        draft.embargoed = True
    change = find(management, "StatusWillChange")
    if change is not None and (draft.embargoed or draft.status is Status.WITHHELD):
        draft.put("embargoed_until", parse_time(find_text(change, "DateAndTime")), "NewsManagement/StatusWillChange")
    urgency = formal(find(management, "Urgency"))
    draft.put("urgency", _level(urgency), "NewsManagement/Urgency")
    for name, relation in (("DerivedFrom", LinkRelation.FOLLOWS),):
        for element in find_all(management, name):
            target = element.get("NewsItem")
            if target:
                draft.link(Link(rel=relation, item_id=target), f"NewsManagement/{name}")
    for instruction in find_all(management, "Instruction"):
        meant = _INSTRUCTIONS.get((instruction.get("FormalName") or "").lower())
        if meant:
            draft.signal(meant, "NewsManagement/Instruction")


def _envelope(draft: Draft, envelope: Element | None) -> None:
    draft.put("sequence", find_text(envelope, "TransmissionId"), "NewsEnvelope/TransmissionId")
    service = formal(find(envelope, "NewsService")) or formal(find(envelope, "NewsProduct"))
    draft.put("service", service, "NewsEnvelope/NewsService")
    priority = formal(find(envelope, "Priority"))
    draft.put("urgency", _level(priority), "NewsEnvelope/Priority")


def _main_component(item: Element, contents: list[Element]) -> Element:
    """The component that holds the text: the deepest one in role Main, else the first with data, else the outermost."""
    components = list(item.iter("{*}NewsComponent"))
    holding = with_text(contents)
    mains = [each for each in components if each in holding and role_of(each) == "main"]
    holders = [each for each in components if each in holding and find(each, "ContentItem") is not None]
    for candidates in (mains, holders[:1], components[:1]):
        if candidates:
            return candidates[-1] if candidates is mains else candidates[0]
    return item


def _chain(main: Element, item: Element) -> list[Element]:
    """The main component and its ancestors, from within outwards."""
    chain: list[Element] = []
    node: Element | None = main
    while node is not None and node is not item:
        if local(node) == "NewsComponent":
            chain.append(node)
        node = node.getparent()
    return chain


def _from(main: Element, item: Element) -> Iterator[Element]:
    """The main component, then its ancestors, then every other component of the item."""
    chain = _chain(main, item)
    yield from chain
    for component in item.iter("{*}NewsComponent"):
        if component not in chain and role_of(component) not in ("caption", "picture", "photo", "graphic"):
            yield component


def _headline(lines: Children) -> str | None:
    """The headline, unless it says that there is none."""
    text = find_text(lines, "HeadLine") or find_text(lines, "Headline")
    return None if text is None or _NO_HEADLINE.fullmatch(text) else text


def _lines(draft: Draft, lines: Children) -> None:
    if not lines:
        return
    draft.put("headline", _headline(lines), "NewsLines/HeadLine")
    draft.put("dateline", find_text(lines, "DateLine"), "NewsLines/DateLine")
    draft.put("slugline", find_text(lines, "SlugLine"), "NewsLines/SlugLine")
    draft.put("byline", find_text(lines, "ByLine"), "NewsLines/ByLine")
    draft.put("rights", find_text(lines, "RightsLine") or find_text(lines, "CopyrightLine"), "NewsLines/CopyrightLine")
    draft.put("slugline", find_text(lines, "KeywordLine"), "NewsLines/KeywordLine")
    draft.put("keywords", [text for each in find_all(lines, "KeywordLine") if (text := text_of(each))], "NewsLines/KeywordLine")
    for line in find_all(lines, "NewsLine"):
        kind = (formal(find(line, "NewsLineType")) or "").lower()
        text = find_text(line, "NewsLineText")
        if kind in _NOTES:
            draft.note(text, "NewsLines/NewsLine AdvisoryLine")


def _metadata(draft: Draft, component: Children) -> None:
    if _METADATA.isdisjoint(component):
        return
    administrative = children(find(component, "AdministrativeMetadata"))
    for name in ("Provider", "Source"):
        party = find(administrative, f"{name}/Party")
        draft.put("provider", party.get("FormalName") if party is not None else None, f"AdministrativeMetadata/{name}")
    for descriptive in (*find_all(component, "DescriptiveMetadata"), *find_all(component, "DescriptiveMetada")):
        parts = children(descriptive)
        codes = [
            each.get("FormalName")
            for code in find_all(parts, "SubjectCode")
            for each in code.iterchildren("{*}SubjectDetail", "{*}SubjectMatter", "{*}Subject")
        ]
        draft.put("subjects", list(dict.fromkeys(code for code in codes if code)), "DescriptiveMetadata/SubjectCode")
        draft.put("genre", formal(find(parts, "Genre")), "DescriptiveMetadata/Genre")
        draft.put("language", formal(find(parts, "Language")), "DescriptiveMetadata/Language")
        for location in find_all(parts, "Location"):
            city = next((each.get("Value") for each in find_all(location, "Property") if each.get("FormalName") == "City"), None)
            draft.put("dateline", city, "DescriptiveMetadata/Location")
    _properties(draft, component)
    draft.put("rights", find_text(component, "RightsMetadata/UsageRights"), "RightsMetadata/UsageRights")


def _properties(draft: Draft, component: Children) -> None:
    """What agencies put into properties of their own: AFP its keywords, Belga priority and notes."""
    keywords: list[str] = []
    products: list[str] = []
    for kind in ("AdministrativeMetadata", "DescriptiveMetadata", "Metadata"):
        for each in find_all(component, f"{kind}/Property"):
            name, value = (each.get("FormalName") or "").lower(), (each.get("Value") or "").strip()
            if name.endswith(("keyword", "keywords")):  # Business Wire's name what they are of
                keywords.append(value)
            elif name == "priority":
                draft.put("urgency", _level(value), f"{kind}/Property Priority")
            elif name in ("editorialinfo", "editorialnote"):
                draft.note(value, f"{kind}/Property {each.get('FormalName')}")
            elif name == "foreignid" and (number := _NUMBER.fullmatch(value)):  # Belga's, as in its IPTC 7901
                draft.put("service", number[1], f"{kind}/Property ForeignId")
                draft.put("sequence", number[2], f"{kind}/Property ForeignId")
            elif name == "newspackage":
                products += [
                    part.get("Value") or "" for part in find_all(each, "Property") if part.get("FormalName") == "NewsProduct"
                ]
            elif name.startswith("embargo") and (moment := parse_time(value)):
                draft.put("embargoed_until", moment, f"{kind}/Property {each.get('FormalName')}")
    draft.put("keywords", [keyword for keyword in keywords if keyword], "Property Keyword")
    known = dict.fromkeys(product for product in products if product not in ("", "UNKNOWN"))
    draft.put("subjects", list(known), "Property NewsPackage/NewsProduct")


def _topics(item: Element) -> list[str]:
    """Subject codes of the topics that an item says to be about."""
    about = {(each.get("Topic") or "").lstrip("#") for each in item.iter("{*}TopicOccurrence")}
    names = (name for topic in item.iter("{*}Topic") if topic.get("Duid") in about for name in find_all(topic, "FormalName"))
    codes = (text_of(name) for name in names if "subject" in (name.get("Scheme") or "").lower())
    return list(dict.fromkeys(filter(None, codes)))


def _language(main: Element, item: Element) -> str | None:
    node: Element | None = main
    while node is not None:
        if node.get(XML_LANG):
            return str(node.get(XML_LANG))
        node = None if node is item else node.getparent()
    return None
