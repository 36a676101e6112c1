"""Quotes, dashes and fractions that teleprinter alphabets lack, as Unicode."""

from __future__ import annotations

import re

_FRACTIONS = {
    "1/2": "½", "1/4": "¼", "3/4": "¾", "1/3": "⅓", "2/3": "⅔", "1/8": "⅛", "3/8": "⅜", "5/8": "⅝", "7/8": "⅞",
}  # fmt: skip
_SLASHED = re.compile(r"(?<![\d/.])(?:(\d+)[ -])?([1-7]/[2348])(?![\d/])")
#: With a hyphen only before a unit: "8 1-2 percent" is a fraction, "won 8 1-2" is a score.
_HYPHENED = re.compile(
    r"(?<![\d-])(\d+) ([1-7])-([2348])(?=[ -](?:percent|points?|inch|feet|foot|miles?|hours?|years?|months?|yards?|acres?|pounds?"
    r"|cents?|games?|innings?|lengths?|tons?|million|billion)\b)"
)
#: Between spaces or at the start, or two hyphens between words; what stands before is looked at last, because signs are rare.
_DASH = re.compile(r"_(?<!\S_)(?=\s)|--(?:(?<!\S--)(?=\s)|(?<=[^\s-]--)(?=[^\s-]))")
#: What every fraction with a hyphen holds.
_HYPHEN = re.compile(r"-[2348][ -]")
_CLOSING_SINGLE = re.compile(r"(?<=[\w.,!?])'(?=[\s\".,;:!?)”]|$)")


def typographic(text: str) -> str:
    """Write AP's ASCII conventions as the characters that they stand for.

    >>> typographic("``It's 3 1/2 miles,'' he said _ twice.")
    "“It's 3½ miles,” he said — twice."
    """
    text = text.replace("``", "“").replace("''", "”")
    if "_" in text or "--" in text:
        text = _DASH.sub("—", text)
    if "/" in text:
        text = _SLASHED.sub(lambda found: _fraction(found[1], found[2], found[0]), text)
    if _HYPHEN.search(text):
        text = _HYPHENED.sub(lambda found: _fraction(found[1], f"{found[2]}/{found[3]}", found[0]), text)
    if "`" in text:
        text = _CLOSING_SINGLE.sub("’", text.replace("`", "‘"))
    return text


def _fraction(whole: str | None, part: str, written: str) -> str:
    sign = _FRACTIONS.get(part)
    return written if sign is None else f"{whole or ''}{sign}"
