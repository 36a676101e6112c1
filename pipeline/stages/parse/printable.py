"""What characters a text holds, told by deleting those that need no look: ten times as fast as looking at each."""

from __future__ import annotations

import unicodedata

_ASCII = bytes(range(0x20, 0x7F))
_ASCII_LINES = _ASCII + b"\n"
#: Scripts and signs of European wires that print and that neither compose nor decompose, whatever stands beside them.
_SETTLED = frozenset(
    character
    for codes in (range(0xA1, 0x300), range(0x370, 0x530), range(0x2010, 0x2065), range(0x20A0, 0x20D0), (0x2122,))
    for character in map(chr, codes)
    if character.isprintable() and not unicodedata.combining(character) and unicodedata.is_normalized("NFC", character)
)


def is_printable(text: str) -> bool:
    r"""Whether every character prints, as ``str.isprintable`` tells.

    >>> is_printable("Zürich – 3"), is_printable("a\u00a0b"), is_printable("a\n")
    (True, False, False)
    """
    others = _without(text, _ASCII)
    return not others or others.isprintable()


def is_settled(text: str) -> bool:
    r"""Whether the lines of a text hold nothing but characters that print and are in NFC, for certain; False says nothing.

    >>> is_settled("Zürich\n– 3"), is_settled("Zu\u0308rich"), is_settled("a\tb")
    (True, False, False)
    """
    return _SETTLED.issuperset(_without(text, _ASCII_LINES))


def _without(text: str, known: bytes) -> str:
    return text.encode("utf-8", "surrogatepass").translate(None, known).decode("utf-8", "surrogatepass")
