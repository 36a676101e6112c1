"""Words of a text as a person would compare them: with their case, their place in the sentence and what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.stages.deduplicate.lexicon import canonical, is_negation, numbers_in
from pipeline.stages.deduplicate.normalise import HAN_NUMERAL
from pipeline.stages.deduplicate.scripts import HAN, MARKS, SOUTH_EAST

_LETTER = rf"(?:[^\W_{HAN}{SOUTH_EAST}]|[{MARKS}])"
#: Signs of scripts without spaces stand alone, and so do their numerals.
_TOKEN = re.compile(
    rf"{HAN_NUMERAL.pattern}|[{HAN}]|[{SOUTH_EAST}]|(?=[^{MARKS}]){_LETTER}+(?:[.,/'-]{_LETTER}+)*"
)  # fmt: skip
#: Words joined by a hyphen or a slash are compared one by one: agencies join and part them at will.
_PARTS = re.compile(r"[-/]")
_SPACELESS = re.compile(rf"[{HAN}{SOUTH_EAST}]")
#: Before the first word of a sentence.
_SENTENCE_END = re.compile(r"(?:[.!?。！？؟।]['\")\]]*\s|\n\s*\n|\n\s*[(*-]|[:;]\s+|(?:^|\s)['\"(\[]|\(\s*|--?\s)\s*$")
_FULL_STOP = re.compile(r"(?:[.!?。！？؟।]['\")\]]*\s*|\n\s*\n\s*)[('\"\[]*$")


@dataclass(frozen=True, slots=True)
class Token:
    """One word."""

    text: str
    normal: str
    """In one case, house style and way to write numbers."""
    initial: bool
    """Whether its capital may be owed to its place."""
    starts: bool
    """Whether it starts a sentence."""
    place: int
    """Which of the text's words it is or stands in, as ``normalise.words`` counts them."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Numbers in it."""
        return (self.normal,) if HAN_NUMERAL.fullmatch(self.normal) else numbers_in(self.normal)

    @property
    def denies(self) -> bool:
        """Whether it is a negation."""
        return is_negation(self.normal)

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper()

    @property
    def cased(self) -> bool:
        """Whether its script has capitals."""
        return any(sign.isupper() or sign.islower() for sign in self.text)

    @property
    def spaceless(self) -> bool:
        """Whether it is a sign of a script without spaces."""
        return _SPACELESS.match(self.text) is not None


def tokens(text: str) -> list[Token]:
    """Split plain text.

    >>> [token.text for token in tokens("Not 1,200 of them.") if token.numbers or token.denies]
    ['Not', '1,200']
    """
    found = []
    end = 0
    for place, match in enumerate(_TOKEN.finditer(text)):
        gap = text[max(end - 1, 0) : match.start()]
        first = end == 0
        plain_gap = gap[1:] == " " and not first
        initial = first or (not plain_gap and _SENTENCE_END.search(gap) is not None)
        starts = first or (not plain_gap and _FULL_STOP.search(gap) is not None)
        for part in filter(None, _PARTS.split(match[0])):
            found.append(Token(part, canonical(part), initial, starts, place))
            initial = starts = False
        end = match.end()
    return found
