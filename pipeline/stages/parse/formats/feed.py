"""RSS 2.0, 1.0 and 0.9x, WordPress exports (WXR) and Atom: one dispatch an entry, with the extensions that feeds really use."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from pipeline.messages import Link, LinkRelation, Signal, Status
from pipeline.stages.parse.draft import Broken, Draft, NotWellFormedError, ParseError
from pipeline.stages.parse.embargo import spelt_time
from pipeline.stages.parse.formats.ap_webfeed import read_additions
from pipeline.stages.parse.formats.broken_feed import entries_apart
from pipeline.stages.parse.formats.byline import is_byline
from pipeline.stages.parse.formats.dateline import split_dateline
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.markup import html_paragraphs, paragraphs
from pipeline.stages.parse.profile import Profiles
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
    parse_xml,
    serialise,
    text_of,
)

_ROOT = re.compile(rb"<(?:\w+:)?(rss|RDF|feed)[\s>]")
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)(\w{2,10};)?")
#: WordPress' own markup, as in [caption id="1"]…[/caption]: names in small letters with attributes, or that are closed.
_SHORTCODE = re.compile(r"\[(/?)([a-z_-]{2,30})((?:\s[a-z_-]+=[^\]\n]{0,500})?)\]")
_NAMED_ADDRESS = re.compile(r"\S+@\S+ \((.+)\)")
_TIMES = ("pubDate", "published", "issued", "post_date_gmt", "date", "updated", "modified")
_REVISIONS = ("updated", "modified", "post_modified_gmt")
_BODIES = ("encoded", "content", "description", "summary", "subtitle")
#: Kinds of WordPress records that are no texts.
_NO_TEXTS = frozenset(["attachment", "nav_menu_item", "revision", "custom_css", "customize_changeset", "oembed_cache"])
_MEDIA = "{http://search.yahoo.com/mrss/}"
_WORDPRESS = {"draft": Status.WITHHELD, "pending": Status.WITHHELD, "private": Status.WITHHELD, "trash": Status.CANCELED}


def claims(content: Content) -> bool:
    """Whether the root element is a feed's."""
    if not content.looks_xml:
        return False
    root = _ROOT.search(content.data[:4096])
    if root is None:
        return False
    opening = content.data[: root.start() + 4096]
    return root[1] == b"rss" or (root[1] == b"feed" and b"Atom" in opening) or (root[1] == b"RDF" and b"purl.org/rss" in opening)


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Read every entry; an entry that is deleted (RFC 6721) is a kill."""
    root, lost = _tree(content)
    channel = find(root, "channel")
    feed = _feed(root if channel is None else channel, root.get(XML_LANG))
    count = 0
    for entry in root.iter("{*}item", "{*}entry", "{*}deleted-entry"):
        count += 1
        if local(entry) == "deleted-entry":
            yield _deleted(entry, feed, content)
        elif find_text(parts := children(entry), "post_type") not in _NO_TEXTS:
            yield _entry(entry, parts, feed, content)
    yield from lost
    if not count:
        raise ParseError("the feed has no entries")


@dataclass(frozen=True)
class _Feed:
    """What a feed says of all its entries."""

    parts: Children
    language: str | None
    authors: dict[str | None, str | None]
    """Names of authors by the names that they log in with."""


def _feed(element: Element, language: str | None) -> _Feed:
    parts = children(element)
    authors = {find_text(each, "author_login"): find_text(each, "author_display_name") for each in find_all(parts, "author")}
    return _Feed(parts, find_text(parts, "language") or element.get(XML_LANG) or language, authors)


def _tree(content: Content) -> tuple[Element, list[Broken]]:
    """Tree of a feed, and the entries that could not be read into it."""
    try:
        return content.xml, []
    except ParseError as error:
        # HTML's entities and bare ampersands, which XML does not know, are what most broken feeds are broken by.
        data = _ENTITY.sub(_as_xml, content.data.removeprefix(b"\xef\xbb\xbf"))
        try:
            return parse_xml(data), []
        except ParseError:
            if not isinstance(error, NotWellFormedError):  # refused: entities, NUL bytes
                raise
        try:
            return entries_apart(data)
        except ParseError:
            raise error from None


def _as_xml(entity: re.Match[bytes]) -> bytes:
    meant = html.unescape(entity[0].decode("ascii", "ignore")) if entity[1] else ""
    return b"&#%d;" % ord(meant) if len(meant) == 1 else b"&amp;" + (entity[1] or b"")


def _entry(entry: Element, parts: Children, feed: _Feed, content: Content) -> Draft | Broken:
    raw = serialise(entry)
    draft = Draft("rss" if local(entry) == "item" else "atom", raw)
    if "ContentMetadata" in parts:
        read_additions(parts, draft)
    draft.put("headline", " ".join(html_paragraphs(find_text(parts, "title") or "")), "title")
    draft.put("headline", find_text(parts, "group/title"), "media:title")
    draft.put("item_id", find_text(parts, "guid") or find_text(parts, "id") or _link(parts), "guid, id or link")
    for name in _REVISIONS:
        draft.put("revision", find_text(parts, name), name)
    for name in _TIMES:
        if draft.published_at is None:
            draft.put("published_at", _moment(parts, name), name)
    draft.put("language", find_text(parts, "language") or entry.get(XML_LANG), "language of the entry")
    draft.put(
        "language", next((tag for each in find_all(parts, "content") if (tag := each.get(XML_LANG))), None), "content/@xml:lang"
    )
    draft.put("language", feed.language, "language of the feed")
    for where in (parts, feed.parts):
        for name in ("rights", "copyright"):
            draft.put("rights", find_text(where, name), name)
    draft.put("keywords", _keywords(parts), "category")
    draft.put("genre", find_text(parts, "type"), "dc:type")
    _read_status(parts, draft)
    _read_provider(parts, feed, draft, content)
    for reply in find_all(parts, "in-reply-to"):
        if reply.get("ref"):
            draft.link(Link(rel=LinkRelation.FOLLOWS, item_id=reply.get("ref")), "thr:in-reply-to")
    _read_text(parts, draft, content.profiles)
    creator = find_text(parts, "creator")
    author = feed.authors.get(creator) or creator or find_text(parts, "author/name") or find_text(parts, "author")
    named = _NAMED_ADDRESS.fullmatch(author or "")
    draft.put("byline", named[1] if named else author, "author")
    if not draft.headline and not draft.text:
        return Broken(raw, "feed entry without title and text")
    return draft


def _moment(parts: Children, name: str) -> datetime | None:
    """First time that can be read: as the standards want it, in an HTML element of its own, or spelt out in the feed's language."""
    for element in find_all(parts, name):
        stamp = find(element, "time")
        text = (stamp.get("datetime") if stamp is not None else None) or text_of(element)
        if moment := parse_time(text) or spelt_time(text or ""):
            return moment
    return None


def _deleted(entry: Element, feed: _Feed, content: Content) -> Draft:
    draft, parts = Draft("atom", serialise(entry)), children(entry)
    draft.put("item_id", entry.get("ref"), "at:deleted-entry@ref")
    draft.put("revision", entry.get("when"), "at:deleted-entry@when")
    draft.put("published_at", parse_time(entry.get("when")), "at:deleted-entry@when")
    draft.note(find_text(parts, "comment"), "at:comment")
    draft.put("status", Status.CANCELED, "at:deleted-entry")
    draft.signal(Signal.KILL, "at:deleted-entry")
    _read_provider(parts, feed, draft, content)
    return draft


def _link(parts: Children) -> str | None:
    links = [link.get("href") or text_of(link) for link in find_all(parts, "link") if link.get("rel", "alternate") == "alternate"]
    return next(filter(None, links), None)


def _keywords(entry: Children) -> list[str]:
    categories = [each.get("label") or each.get("term") or text_of(each) for each in find_all(entry, "category")]
    listed = (find_text(entry, "keywords") or "").split(",")
    words = [*categories, *map(text_of, find_all(entry, "subject")), *listed]
    return [html.unescape(word).strip() for word in words if word and word.strip()]


def _read_status(entry: Children, draft: Draft) -> None:
    status = find_text(entry, "status") or ""
    draft.put("status", _WORDPRESS.get(status), "wp:status")
    if status == "future":
        draft.embargoed = True
        draft.put("embargoed_until", parse_time(find_text(entry, "post_date_gmt")), "wp:post_date_gmt")
    if find_text(entry, "control/draft") == "yes":
        draft.put("status", Status.WITHHELD, "app:draft")


def _read_provider(entry: Children, feed: _Feed, draft: Draft, content: Content) -> None:
    """Name the publisher; a feed that nobody knows by name goes by the declared agency, else by its host."""
    host = urlsplit(_link(feed.parts) or _link(entry) or "").hostname
    named = [find_text(entry, "publisher"), find_text(entry, "source"), find_text(feed.parts, "publisher"), host]
    named += [urlsplit(each.get("href") or "").hostname for each in find_all(feed.parts, "link")]
    known = next((name for name in named if content.profiles.find(name)), None)
    unknown = None if content.item.declared_provider else host or find_text(feed.parts, "title")
    draft.put("provider", known or unknown, "publisher or link of the feed")


def _read_text(entry: Children, draft: Draft, profiles: Profiles) -> None:
    wordpress = find(entry, "post_id") is not None
    repeated = ""
    for name in _BODIES:
        for element in find_all(entry, name):
            if str(element.tag).startswith(_MEDIA):
                continue  # a caption, not the text
            found = _paragraphs(element, wordpress=wordpress)
            if not found or draft.text:
                continue
            if found == [draft.headline]:
                repeated = name
                continue  # the headline once more, perhaps before the text
            lines = found[0].split("\n")
            if len(found) + len(lines) > 2 and is_byline(lines[0], profiles):  # something must be left
                draft.put("byline", lines[0], f"first line of {name}")
                found = ["\n".join(lines[1:]), *found[1:]] if len(lines) > 1 else found[1:]
            dateline, _, found[0] = split_dateline(found[0], profiles)
            draft.put("dateline", dateline, f"start of {name}")
            draft.put("text", "\n\n".join(filter(None, found)), name)
    for element in () if draft.text else find_all(entry, "group/description"):  # a video's, which has no other
        draft.put("text", "\n\n".join(_paragraphs(element, wordpress=False)), "media:group/media:description")
    if repeated:
        draft.put("text", draft.headline, repeated)


def _paragraphs(element: Element, *, wordpress: bool) -> list[str]:
    """Text of an element that holds escaped markup, XHTML or plain text; WordPress makes paragraphs of line ends."""
    if element.get("type") == "xhtml" or len(element):
        body = find(element, "//body.content")  # a NITF document
        body = _hnews(element) if body is None else body
        return paragraphs(element if body is None else body)
    markup = "".join(map(str, element.itertext()))
    if wordpress:
        closed = {match[2] for match in _SHORTCODE.finditer(markup) if match[1]}
        markup = _SHORTCODE.sub(lambda match: "" if match[3] or match[2] in closed else match[0], markup)
        markup = re.sub(r"\r?\n", "<br/>", re.sub(r"(?:\r?\n){2,}", "<p>", markup.strip()))
    return html_paragraphs(markup)


def _hnews(element: Element) -> Element | None:
    """The text of an article in hNews (microformats.org/wiki/hnews), as AP sends it among pictures, tags and rights."""
    for each in element.iter("{*}div", "{*}section", "{*}article"):
        if "entry-content" in (each.get("class") or "").split():
            return each
    return None
