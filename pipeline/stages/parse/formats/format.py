"""What a wire format is: a claim on bytes, and a reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from lxml.etree import _Element

from pipeline.messages import Dispatch, RawItem
from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.profile import Profiles
from pipeline.stages.parse.xmltree import parse_xml

# Deeper JSON than any wire's is refused before Python's parser recurses into it.
_MAX_DEPTH = 100


class Content:
    """The bytes of one raw item, with the views that several formats share, made once; those that cost only when asked for."""

    def __init__(self, item: RawItem, profiles: Profiles) -> None:
        self.item = item
        self.profiles = profiles
        self.data = item.payload
        """The bytes as received."""
        self.start = item.payload[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
        """The first bytes without byte order mark and white space."""
        self.looks_xml = self.start.startswith(b"<") or item.payload.startswith((b"\xff\xfe<", b"\xfe\xff\x00<"))
        """Whether the bytes begin like XML."""
        self.looks_json = self.start.startswith((b"{", b"["))
        """Whether the bytes begin like a JSON object or array."""

    @property
    def xml(self) -> _Element:
        """Root of the XML document; raises ParseError."""
        if isinstance(self._xml, ParseError):
            raise self._xml
        return self._xml

    @cached_property
    def _xml(self) -> _Element | ParseError:
        try:
            return parse_xml(self.data.removeprefix(b"\xef\xbb\xbf"))
        except ParseError as error:  # kept, so that several formats' claims cost one attempt
            return error

    @cached_property
    def json(self) -> Any:
        """The JSON document; raises ParseError."""
        from pipeline.stages.parse.encoding import decode

        text = decode(self.data)
        if _depth(self.data) > _MAX_DEPTH:
            raise ParseError(f"JSON nested deeper than {_MAX_DEPTH} levels, which no wire format is")
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            if error.msg != "Extra data":
                raise ParseError(f"not well-formed JSON: {error}") from None
            return _lines_of(text)
        except RecursionError as error:
            raise ParseError(f"not well-formed JSON: {error}") from None


def _lines_of(text: str) -> list[Any]:
    """JSON lines: one document a line; in the place of a broken line stands what is wrong with it."""
    documents: list[Any] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                documents.append(json.loads(line))
            except (json.JSONDecodeError, RecursionError) as error:
                documents.append(f"line {number} is not well-formed JSON: {error}")
    return documents


_NO_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")


def _depth(data: bytes) -> int:
    """Upper bound of the nesting, brackets inside strings counted too."""
    if data.count(b"[") + data.count(b"{") <= _MAX_DEPTH:
        return 0
    steps = (1 if bracket in b"[{" else -1 for bracket in data.translate(None, _NO_BRACKETS))
    return max(accumulate(steps), default=0)


@dataclass(frozen=True)
class Format:
    """A wire format."""

    name: str
    claims: Callable[[Content], bool]
    """Whether the content is in this format; may raise ParseError where it is, but broken."""
    parse: Callable[[Content], Iterator[Draft | Broken | Dispatch]]
    """Yield every item; raises ParseError where nothing can be read."""
