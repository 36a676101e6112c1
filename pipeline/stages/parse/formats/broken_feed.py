"""A feed that is not well-formed as a whole, such as one that was cut off: its entries are read one by one."""

from __future__ import annotations

import re

from pipeline.stages.parse.draft import Broken, ParseError
from pipeline.stages.parse.xmltree import Element, parse_xml

_OPENING = re.compile(rb"<(?:\w{1,20}:)?(?:rss|RDF|feed)(?:\s[^>]{0,2000})?>")
_ENTRY = re.compile(rb"<(item|entry)[\s>]")
_DECLARATION = re.compile(rb"\s{0,100}<\?xml[^>]{0,200}\?>")
_HEAD_BYTES = 8192
#: Each is read within a copy of the root's opening tag.
_MOST_ENTRIES = 5000


def entries_apart(data: bytes) -> tuple[Element, list[Broken]]:
    """The feed with the entries that are well-formed, and the others; raises ParseError where none can be read."""
    opening = _OPENING.search(data, 0, _HEAD_BYTES)
    if opening is None:
        raise ParseError("the feed has no root element in its first 8 KiB")
    declaration = _DECLARATION.match(data)
    before = (declaration[0] if declaration else b"") + opening[0]
    after = b"</" + re.split(rb"[\s>]", opening[0][1:], maxsplit=1)[0] + b">"
    slices = _slices(data, opening.end())
    root = _head(before, data[opening.end() : data.find(slices[0])], after) if slices else None
    if root is None:
        raise ParseError("the feed has no entries that could be read apart")
    whole, lost = 0, []
    for entry in slices:
        try:
            root.append(parse_xml(before + entry + after)[0])
            whole += 1
        except (ParseError, IndexError) as error:
            lost.append(Broken(entry, str(error)))
    if not whole:
        raise ParseError("the feed has no entries that could be read apart")
    return root, lost


def _head(before: bytes, head: bytes, after: bytes) -> Element | None:
    """The root with what the feed says of itself, or without it where that is what is broken."""
    channel = b"</channel>" if b"<channel" in head else b""
    for part in (head + channel, b""):
        try:
            return parse_xml(before + part + after)
        except ParseError:
            continue
    return None


def _slices(data: bytes, start: int) -> list[bytes]:
    """Bytes of every entry; the last one may be cut off."""
    found: list[bytes] = []
    while (entry := _ENTRY.search(data, start)) is not None:
        if len(found) == _MOST_ENTRIES:
            raise ParseError(f"the feed has more than {_MOST_ENTRIES} entries, which are not read apart")
        closing = b"</" + entry[1] + b">"
        end = data.find(closing, entry.end())
        start = len(data) if end < 0 else end + len(closing)
        found.append(data[entry.start() : start])
    return found
