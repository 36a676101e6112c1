"""Hardened XML: no entities of the document's own, no network, no DTD, bounded depth."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, partial
from html.entities import name2codepoint

from lxml import etree

from pipeline.stages.parse.draft import NotWellFormedError, ParseError
from pipeline.stages.parse.encoding import decode

Element = etree._Element  # noqa: SLF001 - lxml's name for the type of an element


class Children(dict[str, list[Element]]):
    """Children of one element by local name."""


XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_INTERNAL_ENTITY = re.compile(rb"<!ENTITY\s+(?!%)", re.IGNORECASE)
# Characters that XML 1.0 forbids but that real feeds contain.
_FORBIDDEN = bytes(code for code in range(1, 32) if code not in (9, 10, 13))
_REFERENCE = re.compile(rb"&(?:([A-Za-z][A-Za-z0-9]{1,30});|#(x[0-9A-Fa-f]{1,8}|[0-9]{1,9});)?")
_LATIN = re.compile(rb"^\s*<\?xml[^>]{0,100}encoding\s*=\s*[\"'](?:iso-8859|windows-125|latin|us-ascii|cp125)", re.IGNORECASE)
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}\?>")
_UNDECLARED = re.compile(r"Namespace prefix ([\w.-]{1,60}) (?:for|on) ")
#: Namespaces by the prefixes that all feeds give them.
_USUAL = {"media": "http://search.yahoo.com/mrss/"}
_MISC = ((b"<!--", b"-->"), (b"<?", b"?>"), (b"<!", b">"))
_NAME = re.compile(rb"<[^\s/>]{1,200}")
_PREDEFINED = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PROLOGUE_BYTES = 64 * 1024
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)


def parse_xml(data: bytes) -> Element:
    """Parse a document; its document type declaration is not read, its namespaces are kept, HTML's named characters are known.

    Raises NotWellFormedError for what is not well-formed, ParseError for what declares entities or holds NUL bytes.
    """
    if data.startswith(_UTF16):
        return _document(data)
    if b"\x00" in data:
        raise ParseError("the XML holds NUL bytes, which no XML may; the transmission is damaged or binary")
    try:
        return _document(data)
    except ParseError:
        allowed = data.translate(None, _FORBIDDEN)
        if len(allowed) == len(data):
            raise
    return _document(allowed)


def _document(data: bytes) -> Element:
    declaration = _DOCTYPE.search(data, 0, _PROLOGUE_BYTES) if _declares_type(data) else None
    if declaration:
        _refuse_entities(_INTERNAL_ENTITY.search(declaration.group()) is not None)
        data = data[: declaration.start()] + data[declaration.end() :]
    if _LATIN.match(data) and not data.isascii() and _is_utf8(data):
        data = _DECLARATION.sub(b"", data, count=1)
    root = _root(data)
    subset = root.getroottree().docinfo.internalDTD
    entities = iter(()) if subset is None else subset.iterentities()  # type: ignore[attr-defined]
    _refuse_entities(next(entities, None) is not None)
    return root


def _declares_type(data: bytes) -> bool:
    """Whether a document type may be declared; long words are found faster than short ones."""
    return data.find(b"OCTYPE", 0, _PROLOGUE_BYTES) >= 0 or data.find(b"octype", 0, _PROLOGUE_BYTES) >= 0


def _root(data: bytes) -> Element:
    try:
        return _tree(data)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        first = error
    for mend in (_with_known_characters, _in_another_encoding, partial(_with_namespaces, error=first)):
        mended = mend(data)
        if mended != data:
            try:
                return _tree(mended)
            except (etree.XMLSyntaxError, ValueError, LookupError):
                data = mended
    raise NotWellFormedError(f"not well-formed XML: {first}")


def _tree(data: bytes) -> Element:
    return etree.fromstring(data.lstrip(), _PARSER)


def _is_utf8(data: bytes) -> bool:
    """Whether bytes above 127 are UTF-8, which text in a Latin encoding all but never is by accident."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _with_known_characters(data: bytes) -> bytes:
    """Write HTML's named characters as numbers, drop references to characters that XML forbids, escape lone ampersands."""
    return _REFERENCE.sub(_character, data)


def _in_another_encoding(data: bytes) -> bytes:
    """Bytes that are not in the encoding they declare, as UTF-8: decided by evidence, as for every message."""
    return decode(_DECLARATION.sub(b"", data, count=1)).encode("utf-8", "replace")


def _with_namespaces(data: bytes, *, error: Exception) -> bytes:
    """Declare in the root element the prefixes that a parser found undeclared: their names alone matter here."""
    prefixes = dict.fromkeys(_UNDECLARED.findall("\n".join(each.message for each in getattr(error, "error_log", ()))))
    if not prefixes:
        return data
    start = _root_start(data)
    names = "".join(f' xmlns:{prefix}="{_USUAL.get(prefix, "urn:undeclared:" + prefix)}"' for prefix in prefixes)
    return data[:start] + names.encode() + data[start:]


def _root_start(data: bytes) -> int:
    """Offset behind the name of the root element."""
    start = data.find(b"<")
    while start >= 0 and data[start + 1 : start + 2] in (b"?", b"!"):
        end = next(end for begin, end in _MISC if data.startswith(begin, start))
        start = data.find(b"<", data.find(end, start))
    name = _NAME.match(data, max(start, 0))
    return name.end() if name else 0


def _character(match: re.Match[bytes]) -> bytes:
    name, number = match[1], match[2]
    if number:
        code = int(number[1:], 16) if number[:1] in b"xX" else int(number)
        return (
            match.group()
            if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
            else b""
        )
    if name is None:
        return b"&amp;"
    known = None if name in _PREDEFINED else name2codepoint.get(name.decode("ascii"))
    return match.group() if known is None else b"&#%d;" % known


def _refuse_entities(declared: bool) -> None:
    if declared:
        raise ParseError("the XML declares entities of its own, which are refused; ask the agency for a feed without a DTD subset")


def local(element: Element) -> str:
    """Name of an element without its namespace."""
    return _local(element.tag)


@lru_cache(maxsize=512)  # libxml2 knows names of up to 50,000 letters
def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""  # what is no element has a function for its tag


def children(element: Element | None) -> Children:
    """Children of an element by local name, in document order: one pass for an element that is asked for many of them."""
    found = Children()
    for child in () if element is None else element:
        name = _local(child.tag)
        if name in found:
            found[name].append(child)
        else:
            found[name] = [child]
    return found


def find(parent: Element | Children | None, path: str) -> Element | None:
    """First descendant by local names: ``a/b`` are children, ``//a`` is any descendant of an element."""
    if parent is None:
        return None
    if "/" in path:
        return next(iter(find_all(parent, path)), None)
    if isinstance(parent, Children):
        found = parent.get(path)
        return found[0] if found else None
    return next(parent.iterchildren("{*}" + path), None)


def find_all(parent: Element | Children | None, path: str) -> Iterable[Element]:
    """Every descendant by local names, whatever their namespace, in document order."""
    if parent is None:
        return ()
    if "/" not in path:
        return parent.get(path, ()) if isinstance(parent, Children) else parent.iterchildren("{*}" + path)
    name, _, rest = path.removeprefix("//").partition("/")
    if path.startswith("//") and not isinstance(parent, Children):
        found: Iterable[Element] = parent.iter("{*}" + name)
    else:
        found = find_all(parent, name)
    return (each for within in found for each in find_all(within, rest)) if rest and found else found


def text_of(element: Element | None) -> str | None:
    """All text inside an element, white space collapsed; None where there is none."""
    if element is None:
        return None
    text = "".join(map(str, element.itertext())) if len(element) else element.text
    return " ".join(text.split()) or None if text else None


def spaced(element: Element | None) -> str | None:
    """Text of an element whose parts may follow each other without white space, such as a byline and its title."""
    if element is None:
        return None
    words = " ".join(" ".join(map(str, element.itertext())).split())
    return words.replace(" ,", ",") or None


def find_text(parent: Element | Children | None, path: str) -> str | None:
    """Text of the first descendant by path that has any."""
    for found in find_all(parent, path):
        if (text := text_of(found)) is not None:
            return text
    return None


def serialise(element: Element) -> bytes:
    """The element's own bytes, for hashing one item of many; canonical where they can be, so that copies of an item are equal."""
    try:
        return etree.tostring(element, method="c14n", with_tail=False)
    except (etree.C14NError, ValueError):  # a namespace that is a relative URI, for one
        return etree.tostring(element, encoding="utf-8", with_tail=False)
