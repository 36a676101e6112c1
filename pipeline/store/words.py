"""What a word is and where it stands: one rule for both databases, whose own ones differ in signs, hyphens, numbers and addresses.

Both are handed words that are cut and folded already, so that whatever a text holds, a search finds the same in both.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

# Letters and digits. PostgreSQL holds a word of at most 2,046 bytes: what is longer is cut into several.
_WORD = re.compile(r"[^\W_]{1,500}")
_LONGEST = 500
# What ASCII becomes: small letters, digits and spaces. Most texts are ASCII, and this is thrice as fast.
_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
# PostgreSQL keeps 1 MiB of words a row, their places up to 16,383 and 256 places of a word. Beyond these a text is not searched:
# code points and words of headline and body, and places of a word in each of them.
_HEADLINE, _BODY = (20_000, 2_000), (180_000, 14_000)
_PLACES = 127
# Stands for a word with more places: no search asks for it, and what follows keeps its place.
_UNNAMED = "·"
# Words between headline and body on PostgreSQL, which has one index of both: no phrase or NEAR/n reaches over them.
_APART = 31


def words_of(text: str) -> list[str]:
    """Cut a text into words without case and diacritics.

    >>> words_of("Zürich: 🕊 cease-fire, 3.5 % STRASSE_Straße")
    ['zurich', 'cease', 'fire', '3', '5', 'strasse', 'strasse']
    """
    if text.isascii():
        words = text.translate(_ASCII).split()
        if len(max(words, key=len, default="")) <= _LONGEST:
            return words
    return _WORD.findall(fold(text))


def places_of(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word with its start and end in the text as it is, in code points."""
    for match in _WORD.finditer(text):
        yield fold(match[0]), match.start(), match.end()


def fold(text: str) -> str:
    """Take case and diacritics away.

    >>> fold("Zürich")
    'zurich'
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text).casefold()
    for mark in set(text):
        if unicodedata.combining(mark):
            text = text.replace(mark, "")
    return text


def fts5_row(document: dict[str, Any]) -> dict[str, str]:
    """The words of an event as the columns of SQLite's index."""
    headline, body = _indexed(document)
    return {"headline": " ".join(headline), "body": " ".join(body)}


def tsvector(document: dict[str, Any]) -> str:
    """The words of an event as PostgreSQL writes a vector; those of the headline have the weight A.

    >>> tsvector({"dispatch": {"headline": "Truce", "text": "The truce."}})
    'truce:1A,34 the:33'
    """
    headline, body = _indexed(document)
    places: dict[str, str] = {}
    for place, word in enumerate(headline, 1):
        places[word] = f"{places[word]},{place}A" if word in places else f"{word}:{place}A"
    for place, word in enumerate(body, 1 + len(headline) + _APART):
        places[word] = f"{places[word]},{place}" if word in places else f"{word}:{place}"
    places.pop(_UNNAMED, None)
    return " ".join(places.values())


def _indexed(document: dict[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    """Words of headline and body in their places, and a sign for one that has more places than an index keeps."""
    dispatch = document["dispatch"]
    return _cut(dispatch.get("headline") or "", *_HEADLINE), _cut(dispatch.get("text") or "", *_BODY)


def _cut(text: str, characters: int, most: int) -> Sequence[str]:
    text = text[:characters]
    words = (words_of(text) if text.isascii() else _WORD.findall(fold(text)[:characters]))[:most]
    if len(words) - len(set(words)) < _PLACES:
        return words
    count: dict[str, int] = defaultdict(int)
    for place, word in enumerate(words):
        count[word] += 1
        if count[word] > _PLACES:
            words[place] = _UNNAMED
    return words
