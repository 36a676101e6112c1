"""Text as rules see it: one form for every way of writing a letter, character by character.

Folding is a homomorphism: the fold of a text is the fold of its characters, joined. That makes offsets exact in every script,
however much a character shrinks (a combining accent) or grows (a ligature).
"""

from __future__ import annotations

import unicodedata
from importlib.resources import files

#: Ends a paragraph or a field; no distance in words reaches over it. An ASCII character, so that plain English stays quick.
BREAK = "\x02"
_PARAGRAPH_SEPARATOR = "\u2029"

# Scripts that write no spaces: each character is a word of its own (Han, kana, Thai, Lao, Khmer, Myanmar).
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
# What Unicode keeps apart and Arabic wires do not: ta marbuta and alef maksura at the end of words, tatweel anywhere, and
# Persian yeh and kaf.
_ARABIC = {"\u0629": "\u0647", "\u0649": "\u064a", "\u0640": "", "\u06cc": "\u064a", "\u06a9": "\u0643"}


def _simplified() -> dict[str, str]:
    """Traditional Chinese characters and their simplified forms: lines of the one, each followed by a line of the other."""
    lines = files(__package__).joinpath("traditional.txt").read_text(encoding="utf-8").splitlines()[1:]
    return dict(zip("".join(lines[::2]), "".join(lines[1::2]), strict=True))


_SIMPLIFIED = _simplified()


def _is_ornament(mark: str) -> bool:
    """Whether a mark may be left out: accents, harakat, niqqud; not the vowel signs of Thai or Devanagari."""
    place = unicodedata.combining(mark)
    return 10 <= place <= 35 or place >= 200


def _is_unspaced(letter: str) -> bool:
    point = ord(letter)
    return point >= 0x0E00 and any(first <= point <= last for first, last in _UNSPACED)


def _fold_letter(letter: str) -> str:
    if letter in _ARABIC:
        return _ARABIC[letter]
    letter = _SIMPLIFIED.get(letter, letter)
    category = unicodedata.category(letter)
    if category == "Cf" or (category[0] == "M" and _is_ornament(letter)):
        return ""
    if _is_unspaced(letter):
        return f" {letter} "
    return letter if letter.isalnum() or category[0] == "M" else " "


class _Folds(dict[int, str]):
    """Fold of every character met so far, as ``str.translate`` wants it."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        if character in {BREAK, _PARAGRAPH_SEPARATOR}:
            folded = BREAK
        else:
            decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
            folded = "".join(_fold_letter(letter) for letter in decomposed)
        self[point] = folded
        return folded


FOLDS = _Folds()


def fold(text: str) -> str:
    """Fold case, accents, widths and typographic variants; what is no letter or digit becomes a space.

    >>> fold("L’État d'urgence").split()
    ['l', 'etat', 'd', 'urgence']
    >>> fold("停火 F-16").split()
    ['停', '火', 'f', '16']
    >>> fold("停火協議") == fold("停火协议")
    True
    """
    return text.translate(FOLDS)
