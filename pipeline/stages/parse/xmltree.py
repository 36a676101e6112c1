"""Hardened XML: no entities of the document's own, no network, no DTD, bounded depth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from pipeline.stages.parse.draft import ParseError

Element = etree._Element  # noqa: SLF001 - lxml's name for the type of an element

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_INTERNAL_ENTITY = re.compile(rb"<!ENTITY\s+(?!%)", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
# Characters that XML 1.0 forbids but that real feeds contain.
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PROLOGUE_BYTES = 64 * 1024


def parse_xml(data: bytes) -> Element:
    """Parse a document; its document type declaration is not read, its namespaces are kept.

    Raises ParseError for anything that is not well-formed or declares entities.
    """
    prologue = data[:_PROLOGUE_BYTES]
    if _INTERNAL_ENTITY.search(prologue):
        raise ParseError("the XML declares entities of its own, which are refused; ask the agency for a feed without a DTD subset")
    data = _DOCTYPE.sub(b"", data, count=1) if b"<!DOCTYPE" in prologue.upper() else data
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = _FORBIDDEN.sub(b"", data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(f"not well-formed XML: {error}") from None


def local(element: Element) -> str:
    """Name of an element without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def find(element: Element | None, path: str) -> Element | None:
    """First descendant by local names: ``a/b`` are children, ``//a`` is any descendant."""
    return next(find_all(element, path), None)


def find_all(element: Element | None, path: str) -> Iterator[Element]:
    """Every descendant by local names, whatever their namespace, in document order."""
    if element is None:
        return
    if path.startswith("//"):
        name, _, rest = path[2:].partition("/")
        for found in element.iter("{*}" + name):
            yield from find_all(found, rest) if rest else (found,)
        return
    name, _, rest = path.partition("/")
    for child in element.iterchildren("{*}" + name):
        yield from find_all(child, rest) if rest else (child,)


def text_of(element: Element | None) -> str | None:
    """All text inside an element, white space collapsed; None where there is none."""
    if element is None:
        return None
    return " ".join("".join(map(str, element.itertext())).split()) or None


def find_text(element: Element | None, path: str) -> str | None:
    """Text of the first descendant by path that has any."""
    return next((text for found in find_all(element, path) if (text := text_of(found))), None)


def serialise(element: Element) -> bytes:
    """The element's own bytes, for hashing one item of many; canonical, so that copies of an item are equal."""
    return etree.tostring(element, method="c14n", with_tail=False)
