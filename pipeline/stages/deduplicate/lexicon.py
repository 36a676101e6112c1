"""What a word means to deduplication: house style, numbers, negations, marks of a correction or an update."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

#: House styles of agencies, to one spelling.
_STYLE = {
    "pct": "percent", "mln": "million", "bln": "billion", "dlrs": "dollars", "dlr": "dollar", "cts": "cents", "stg": "sterling",
    "u.s": "us", "u.k": "uk", "qtly": "quarterly", "qtrly": "quarterly", "labour": "labor", "centre": "center",
    "organisation": "organization", "defence": "defense", "programme": "program", "towards": "toward",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10",
}  # fmt: skip
_ORDINALS = {
    "first": "1th", "second": "2th", "third": "3th", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th",
    "eighth": "8th", "ninth": "9th", "tenth": "10th", "1st": "1th", "2nd": "2th", "3rd": "3th",
}  # fmt: skip
_MONTHS = frozenset({
    "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec",
})  # fmt: skip
NEGATIONS = frozenset({
    "not", "no", "never", "nor", "n't", "cannot", "without", "nicht", "kein", "keine", "ne", "pas", "non", "jamais", "nunca",
    "jamás", "ni", "nem", "não", "nao", "nie", "niet", "geen", "ikke", "inte", "ej", "не", "нет", "ни", "нельзя",
})  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
#: Marks of a later version, in a headline or slug.
_HEADLINE_MARK = re.compile(
    r"\bCORRECT(?:ED|ION|S)?\b|\bUPDATE\s*\d*\b|\bREFIL\w*|\d(?:ST|ND|RD|TH)LD|WRITETHR\w*|\bADDS\b|\bRECAST\w*|\bCLARIF\w*"
    r"|\bBERICHTIGUNG\b|\bKOREKTA\b|\bКОРРЕКЦИЯ\b|\bCORRECCIÓN\b|\bCORREGIDA\b|\bRECTIFICATIF\b"
)
_BODY_MARK = re.compile(
    r"\(\s*correct(?:s|ing|ed)\b[^)]{0,300}\)|(?:^|\n|\. |-- ?)\s*(?:company )?corrects\b[^.\n]{0,300}", re.IGNORECASE
)
_MARK_WORD = re.compile(
    r"(?:corrected|correction|corrects|update|rpt|adds|details|refile|writethru|lead|news|report|\d)", re.IGNORECASE
)

NUMBER, NAME, NEGATION = 1, 2, 4
CLASS_BITS = 3


class Word(NamedTuple):
    """A word's 29-bit hash above its class bits, and the hashes of the numbers in it."""

    code: int
    numbers: tuple[int, ...]


class _Lexicon(dict[str, Word]):
    """Words looked up so far: a wire uses few words often."""

    _LIMIT = 300_000
    _LONGEST = 64

    def __missing__(self, word: str) -> Word:
        found = _look_up(word)
        if len(self) < self._LIMIT and len(word) < self._LONGEST:
            self[word] = found
        return found


def canonical(word: str) -> str:
    """Write a word in one case, house style and way to write numbers.

    >>> canonical("Dlrs"), canonical("1,200"), canonical("Seven"), canonical("January"), canonical("1st")
    ('dollars', '1200', '7', 'jan', '1th')
    """
    word = word.casefold()
    if _GROUPED.fullmatch(word):
        return word.replace(",", "")
    if word in _MONTHS:
        return word[:3]
    return _ORDINALS.get(word) or _STYLE.get(word, word)


def numbers_in(word: str) -> tuple[str, ...]:
    """Numbers that a canonical word holds: digits, ordinals, months.

    >>> numbers_in("3-1"), numbers_in("third"), numbers_in("march")
    (('3', '1'), ('3',), ('m:mar',))
    """
    if word.isalpha() and word not in _ORDINALS:
        return ("m:" + word[:3],) if word in _MONTHS else ()
    return tuple(number.replace(",", "") for number in _NUMBER.findall(_ORDINALS.get(word, word)))


def is_negation(word: str) -> bool:
    """Whether a word in one case denies: a version that gains or loses it says something else."""
    return word in NEGATIONS or word.endswith("n't")


def number_hash(number: str) -> int:
    """32-bit hash of a number."""
    return _hash(number) & 0xFFFFFFFF


def headline_marks(headline: str) -> set[str]:
    """Find the marks of a later version in a headline or slug.

    >>> headline_marks("UPDATE 2-Talks collapse")
    {'UPDATE 2'}
    """
    marks = {" ".join(mark.split()) for mark in _HEADLINE_MARK.findall(headline.upper())}
    if any(mark.startswith("UPDATE ") for mark in marks):
        marks.discard("UPDATE")
    return marks


def body_marks(text: str) -> set[str]:
    """Find the marks of a correction in a text, such as “(corrects figure in third paragraph)”."""
    return {mark.casefold() for mark in _BODY_MARK.findall(text)} if "orrect" in text or "ORRECT" in text else set()


def is_mark(word: str) -> bool:
    """Whether a headline's word says what the dispatch is, not what it is about."""
    return _MARK_WORD.fullmatch(word) is not None


def _look_up(word: str) -> Word:
    normal = canonical(word)
    numbers = numbers_in(normal)
    bits = (NUMBER if numbers else 0) | (NEGATION if is_negation(normal) else 0)
    return Word(((_hash(normal) << CLASS_BITS) & 0xFFFFFFF8) | bits, tuple(map(number_hash, numbers)))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


LEXICON = _Lexicon()
