"""Words of a text as a person would compare them: with their case, their place in the sentence and what they say."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.stages.deduplicate.lexicon import canonical, is_negation, numbers_in
from pipeline.stages.deduplicate.normalise import HAN_NUMERAL
from pipeline.stages.deduplicate.scripts import HAN, SOUTH_EAST, WORD
from pipeline.stages.remembering import remembered

#: Signs of scripts without spaces stand alone, and so do their numerals.
_TOKEN = re.compile(rf"(?=\S)(?:(?=[A-Za-z0-9]){WORD}|{HAN_NUMERAL.pattern}|[{HAN}]|[{SOUTH_EAST}]|{WORD})")
_ASCII_TOKEN = re.compile(r"[A-Za-z0-9]++(?:[.,/'-][A-Za-z0-9]++)*+")
#: Words joined by a hyphen or a slash are compared one by one: agencies join and part them at will.
_PARTS = re.compile(r"[-/]")
_LONGEST_GAP = 24
#: Before the first word of a sentence.
_SENTENCE_END = re.compile(r"(?:[.!?。！？؟।]['\")\]]*\s|\n\s*\n|\n\s*[(*-]|[:;]\s+|(?:^|\s)['\"(\[]|\(\s*|--?\s)\s*$")
_FULL_STOP = re.compile(r"(?:[.!?。！？؟।]['\")\]]*\s*|\n\s*\n\s*)[('\"\[]*$")


class Meaning(NamedTuple):
    """What a word says wherever it stands."""

    normal: str
    """In one case, house style and way to write numbers."""
    numbers: tuple[str, ...]
    denies: bool
    """Whether it is a negation."""
    capital: bool
    """Whether it begins with a capital."""
    cased: bool
    """Whether its script has capitals."""


class Token(NamedTuple):
    """One word of a text."""

    text: str
    normal: str
    numbers: tuple[str, ...]
    denies: bool
    capital: bool
    cased: bool
    initial: bool
    """Whether its capital may be owed to its place."""
    starts: bool
    """Whether it starts a sentence."""
    place: int
    """Which of the text's words it is or stands in, as ``normalise.words`` counts them."""
    start: int
    end: int
    """Characters of the text that it, or the word that it stands in, takes."""


_token = Token._make


@remembered(65_536, letters=64)
def _meaning(word: str) -> Meaning:
    normal = canonical(word)
    numbers = (normal,) if HAN_NUMERAL.fullmatch(normal) else numbers_in(normal)
    cased = any(sign.isupper() or sign.islower() for sign in word)
    return Meaning(normal, numbers, is_negation(normal), word[0].isupper(), cased)


@lru_cache(maxsize=4096)
def _after(gap: str) -> tuple[bool, bool]:
    """Whether the capital of a word after a gap may be owed to its place, and whether the word starts a sentence."""
    return _SENTENCE_END.search(gap) is not None, _FULL_STOP.search(gap) is not None


@remembered(16, letters=65_536)
def tokens(text: str) -> tuple[Token, ...]:
    """Split plain text.

    >>> [token.text for token in tokens("Not 1,200 of them.") if token.numbers or token.denies]
    ['Not', '1,200']
    """
    found: list[Token] = []
    end = 0
    for place, match in enumerate((_ASCII_TOKEN if text.isascii() else _TOKEN).finditer(text)):
        start, stop = match.span()
        initial = starts = end == 0
        if not initial and (start != end + 1 or text[end] != " "):
            gap = text[end - 1 : start]
            if len(gap) > _LONGEST_GAP:
                gap = "\n\n" if "\n" in gap else gap[-_LONGEST_GAP:]
            initial, starts = _after(gap)
        end = stop
        word = match[0]
        if "-" not in word and "/" not in word:
            found.append(_token((word, *_meaning(word), initial, starts, place, start, stop)))
            continue
        for part in filter(None, _PARTS.split(word)):
            found.append(_token((part, *_meaning(part), initial, starts, place, start, stop)))
            initial = starts = False
    return tuple(found)
