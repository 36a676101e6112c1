"""Which of a NewsML 1 item's components are its text: items also hold captions, style sheets, summaries and translations."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.stages.parse.markup import html_paragraphs, paragraphs
from pipeline.stages.parse.xmltree import XML_LANG, Element, children, find, find_all, find_text, local, text_of

#: Media types of text; some agencies state none.
TEXT_MEDIA = frozenset(("text", "complexdata", "article", "html", "xhtml", ""))
_NO_TEXT = frozenset(
    (
        "caption",
        "picture",
        "photo",
        "image",
        "graphic",
        "logo",
        "thumbnail",
        "preview",
        "quicklook",
        "video",
        "audio",
        "stylesheet",
        "css",
    )
)
_HEADS = frozenset(("headline", "title", "subtitle", "keywords", "byline", "dateline", "slugline", "credit"))
_LEADS = frozenset(("lead", "intro", "chapeau"))
_SUMMARIES = frozenset(("abstract", "summary", "teaser", "synopsis"))
_NO_TEXT_TYPES = frozenset(("text/css", "text/javascript", "application/javascript"))
_BODIES = ("//body.content", "//body", "//DataContent")
# Characters below which a text may be only the beginning of a longer one in another component.
_SHORT = 400


def formal(element: Element | None) -> str | None:
    """What an element says: its FormalName, or its text where an agency writes it there."""
    if element is None:
        return None
    return (element.get("FormalName") or "").strip() or text_of(element)


def role_of(component: Element | None) -> str:
    """Role of a component in small letters; empty where it states none."""
    return (formal(find(component, "Role")) or "").lower()


def text_contents(item: Element) -> list[Element]:
    """The content items of an item that hold text, in their order."""
    return [content for content in item.iter("{*}ContentItem") if _holds_text(content)]


def body_of(main: Element, contents: list[Element]) -> str:
    """Text of an item: the lead and the body of its main component, else of any, else its summary."""
    texts: dict[str, list[str]] = {"lead": [], "body": [], "summary": []}
    for within in ([each for each in contents if main in each.iterancestors()], contents):
        for kind, text in _texts(within):
            if text not in texts[kind]:
                texts[kind].append(text)
        if texts["body"] and len(texts["body"][0]) > _SHORT:
            break
    bodies = texts["body"] or texts["summary"]
    body = "" if not bodies else bodies[0] if len(bodies[0]) > _SHORT else max(bodies, key=len)
    lead = next(iter(texts["lead"]), "")
    return "\n\n".join(part for part in ("" if lead and body.startswith(lead) else lead, body) if part)


def bundle_of(contents: list[Element]) -> str:
    """Texts of an item that bundles several stories, each below its headline; empty where it holds one, or one in translations."""
    stories: dict[str, str] = {}
    languages: set[str | None] = set()
    for content in contents if len(contents) > 1 else ():
        component = content.getparent()
        headline = find_text(component, "NewsLines/HeadLine")
        around = None if component is None else component.getparent()
        if component is None or headline is None or around is None or around.get("EquivalentsList") == "yes":
            continue
        if role_of(component) == "main" and (text := _text(content)):
            stories.setdefault(headline, text)
            languages.add(component.get(XML_LANG))
    alone = len(stories) < 2 or len(languages) > 1
    return "" if alone else "\n\n".join(f"{headline}\n\n{text}" for headline, text in stories.items())


def with_text(contents: list[Element]) -> set[Element]:
    """Elements that hold one of the contents themselves or in an element below them."""
    return {node for content in contents for node in content.iterancestors()}


def what_else(item: Element) -> str:
    """What an item without text holds, in words: pictures, references to other items, nothing."""
    media = (formal(find(content, "MediaType")) for content in item.iter("{*}ContentItem"))
    kinds = sorted({kind.lower() for kind in media if kind and kind.lower() not in TEXT_MEDIA})
    if kinds:
        return f"only {', '.join(kinds)}"
    return "only references to other items" if next(item.iter("{*}NewsItemRef"), None) is not None else ""


def _holds_text(content: Element) -> bool:
    parts = children(content)
    media = (formal(find(parts, "MediaType")) or "").lower()
    mime = (formal(find(parts, "MimeType")) or "").lower()
    if media not in TEXT_MEDIA or mime in _NO_TEXT_TYPES or mime.startswith(("image/", "video/", "audio/")):
        return False
    return "DataContent" in parts or "p" in parts


def _texts(contents: list[Element]) -> Iterator[tuple[str, str]]:
    for content in contents:
        role = _nearest_role(content)
        if role in _NO_TEXT or role in _HEADS:
            continue
        text = _text(content)
        if text:
            yield "lead" if role in _LEADS else "summary" if role in _SUMMARIES else "body", text


def _nearest_role(content: Element) -> str:
    node = content.getparent()
    while node is not None and local(node) != "NewsItem":
        if local(node) == "NewsComponent" and (role := role_of(node)):
            return role
        node = node.getparent()
    return ""


def _text(content: Element) -> str:
    for path in _BODIES:
        body = find(content, path)
        blocks = [] if body is None else paragraphs(body) if len(body) else html_paragraphs(body.text or "")
        if blocks:
            return "\n\n".join(blocks)
    return "\n\n".join(block for each in find_all(content, "p") for block in paragraphs(each))
