"""Find known names as strings: in scripts without capitals, where no tagger can go by them, and from a user's own lists.

A match counts where no letter touches it, with two exceptions: scripts written without spaces, and the one-letter words that
Arabic writes in front of a name ("wa-", "bi-", "li-").
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

from pipeline.stages.entities.vocabulary import words

_ARABIC_PREFIXES = frozenset(words("و ف ب ل ك وب ول فب ال وال بال لل"))
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_LONGEST_PREFIX = 3


class Substrings:
    """Many names searched at once; where two overlap the one that starts first wins, then the longer one."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._search = AhoCorasick(list(names), matchkind=MatchKind.LeftmostLongest) if names else None

    def find(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Names with their start and end in code points."""
        if self._search is None:
            return
        for index, start, end in self._search.find_matches_as_indexes(text):
            if _stands_alone(text, start, end):
                yield self._names[index], start, end


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _is_unspaced(char: str) -> bool:
    return unicodedata.name(char, "").startswith(_UNSPACED)


def _stands_alone(text: str, start: int, end: int) -> bool:
    if _is_unspaced(text[start]):
        # "アジア" is not in "マレーアジアン": a katakana word ends where another script begins.
        return not (_is_katakana(text[start]) and (_is_katakana(text[start - 1 : start]) or _is_katakana(text[end : end + 1])))
    if start and _is_letter(text[start - 1]) and not _is_arabic_prefix(text, start):
        return False
    if end == len(text) or not _is_letter(text[end]):
        return True
    return unicodedata.name(text[start], "").startswith("HANGUL")  # particles follow the name


def _is_katakana(char: str) -> bool:
    return bool(char) and unicodedata.name(char, "").startswith("KATAKANA") and char != "・"


def _is_arabic_prefix(text: str, start: int) -> bool:
    if not unicodedata.name(text[start], "").startswith("ARABIC"):
        return False
    begin = start
    while begin and start - begin <= _LONGEST_PREFIX and _is_letter(text[begin - 1]):
        begin -= 1
    return text[begin:start] in _ARABIC_PREFIXES
