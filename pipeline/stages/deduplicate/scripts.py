"""Characters of scripts that are written without spaces, and of every script's combining marks, as regex classes."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable

#: Han and Kana.
HAN = (
    "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3040-\u309f\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
#: Thai, Lao, Myanmar, Khmer.
SOUTH_EAST = (
    "\u0e01-\u0e4e\u0e80-\u0ece\u1000-\u103f\u104c-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f\u1780-\u17d3\u17d7-\u17dd"
)  # fmt: skip


def characters(test: Callable[[str], bool], stop: int = 0x20000) -> str:
    """Body of a regex class: the characters below ``stop`` that pass the test.

    >>> characters(lambda character: character in "abcx", 128)
    'a-cx'
    """
    ranges: list[str] = []
    first: int | None = None
    for code in range(stop + 1):
        if code < stop and test(chr(code)):
            first = code if first is None else first
        elif first is not None:
            last = code - 1
            ranges.append(re.escape(chr(first)) + ("" if last == first else "-" + re.escape(chr(last))))
            first = None
    return "".join(ranges)


#: Combining marks: part of the word that they stand in.
MARKS = characters(lambda character: unicodedata.category(character) in {"Mn", "Mc"})

_LETTERS = rf"(?:[A-Za-z0-9]++|[^\W_{HAN}{SOUTH_EAST}]|[{MARKS}])++"
#: A word of a script that is written with spaces. Letters are never given back, and ASCII ones, which most are, go first.
WORD = rf"(?=[^{MARKS}]){_LETTERS}(?:[.,/'-]{_LETTERS})*+"

#: Every script's decimal digits beyond ASCII, to ASCII.
DIGITS = {
    code: str(unicodedata.digit(chr(code)))
    for code in range(0x80, min(0x20000, sys.maxunicode))
    if unicodedata.category(chr(code)) == "Nd"
}
