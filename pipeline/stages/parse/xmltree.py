"""Hardened XML: no entities of the document's own, no network, no DTD, bounded depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html.entities import name2codepoint

from lxml import etree

from pipeline.stages.parse.draft import ParseError

Element = etree._Element  # noqa: SLF001 - lxml's name for the type of an element

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_INTERNAL_ENTITY = re.compile(rb"<!ENTITY\s+(?!%)", re.IGNORECASE)
# Characters that XML 1.0 forbids but that real feeds contain.
_FORBIDDEN = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]")
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_PREDEFINED = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PROLOGUE_BYTES = 64 * 1024


def parse_xml(data: bytes) -> Element:
    """Parse a document; its document type declaration is not read, its namespaces are kept, HTML's named characters are known.

    Raises ParseError for anything that is not well-formed, declares entities or holds NUL bytes.
    """
    if not data.startswith(_UTF16):
        if b"\x00" in data:
            raise ParseError("the XML holds NUL bytes, which no XML may; the transmission is damaged or binary")
        data = _FORBIDDEN.sub(b"", data)
    declaration = _DOCTYPE.search(data, 0, _PROLOGUE_BYTES)
    if declaration:
        _refuse_entities(_INTERNAL_ENTITY.search(declaration.group()) is not None)
        data = data[: declaration.start()] + data[declaration.end() :]
    try:
        root = _tree(data)
    except etree.XMLSyntaxError as error:
        if "Entity" not in str(error):
            raise ParseError(f"not well-formed XML: {error}") from None
        root = _tree_with_named_characters(data)
    except ValueError as error:
        raise ParseError(f"not well-formed XML: {error}") from None
    subset = root.getroottree().docinfo.internalDTD
    entities = iter(()) if subset is None else subset.iterentities()  # type: ignore[attr-defined]
    _refuse_entities(next(entities, None) is not None)
    return root


def _tree(data: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(data.lstrip(), parser)


def _tree_with_named_characters(data: bytes) -> Element:
    try:
        return _tree(_NAMED.sub(_character, data))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(f"not well-formed XML: {error}") from None


def _character(match: re.Match[bytes]) -> bytes:
    code = None if match[1] in _PREDEFINED else name2codepoint.get(match[1].decode("ascii"))
    return match.group() if code is None else b"&#%d;" % code


def _refuse_entities(declared: bool) -> None:
    if declared:
        raise ParseError("the XML declares entities of its own, which are refused; ask the agency for a feed without a DTD subset")


def local(element: Element) -> str:
    """Name of an element without its namespace."""
    return _local(element.tag) if isinstance(element.tag, str) else ""


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def find(element: Element | None, path: str) -> Element | None:
    """First descendant by local names: ``a/b`` are children, ``//a`` is any descendant."""
    if element is None:
        return None
    if "/" not in path:
        return next(element.iterchildren("{*}" + path), None)
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
    if "/" not in path:
        yield from element.iterchildren("{*}" + path)
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
    for found in find_all(element, path):
        text = text_of(found)
        if text:
            return text
    return None


def serialise(element: Element) -> bytes:
    """The element's own bytes, for hashing one item of many; canonical where they can be, so that copies of an item are equal."""
    try:
        return etree.tostring(element, method="c14n", with_tail=False)
    except (etree.C14NError, ValueError):  # a namespace that is a relative URI, for one
        return etree.tostring(element, encoding="utf-8", with_tail=False)
