"""Text as deduplication compares it: words without typography, markup, dateline and sign-off.

A word of a script without spaces is a run of three (Han, Kana) or five (Thai, Lao, Khmer, Burmese) characters, one for each
place, so that three words in a row span five or seven characters.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NamedTuple

from pipeline.stages.deduplicate.scripts import DIGITS, HAN, SOUTH_EAST, WORD

_HTML = (
    "a|abbr|article|aside|b|big|block|blockquote|body|br|byline|center|cite|code|div|em|figure|figcaption|font|footer|h1|h2|h3|"
    "h4|h5|h6|head|header|hl1|hl2|hr|html|i|img|li|link|media|meta|nobr|ol|p|pre|q|s|section|small|span|strong|style|sub|sup|"
    "table|tbody|td|th|thead|title|tr|tt|u|ul"
)
#: Elements and tickers such as <DBKG.F>; <Company Inc> is a name.
_TAG = re.compile(rf"</?(?i:{_HTML})(?:\s[^<>]{{0,500}})?/?>|<[A-Z.]{{1,8}}(?: [A-Z]{{1,2}})?>")
_DATELINE = re.compile(
    r"^\s*(?:[A-Z][A-Z .'/-]{2,40})(?:,? [A-Z][a-z]{2,8}\.? \d{1,2})?,?\s*(?:\([A-Za-z]{2,12}\))?\s*(?:--|-|\u2013|\u2014|_)\s+"
)
#: A place, perhaps a date, and the agency in brackets; in capitals or not.
_AGENCY_DATELINE = re.compile(r"\s*(?=[^\W\d_])(?:[^\s(]+\s+){1,8}\([^\W\d_][\w .-]{1,20}\)\s*(?:--|[-_=:–—])\s+")
_ANY_DATELINE = re.compile(r"\s*([^\n]{3,80}?)\s(?:--|-|_)\s")
_SIGNOFF = re.compile(
    r"(?:\n|^)\s*(?:\(Reporting by [^\n]*\)|\(\([^\n]*\)\)|REUTER|\(END\)|-- [A-Z][^\n]{0,60} newsroom"
    r"|[A-Z][a-z]+ [A-Z][a-z]+/[A-Z][a-z]+ [A-Z][a-z]+)\s*$"
)
_TYPOGRAPHY: dict[int, str | None] = {
    0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-", 0xA0: " ", 0x200B: None, 0xAD: None,
    0x200C: None, 0x200D: None, 0x66B: ".", 0x66C: ",", 0x640: None,
    **DIGITS,
}  # fmt: skip
_ASCII_WORD = re.compile(r"[A-Za-z0-9]++(?:[.,/'-][A-Za-z0-9]++)*+")
_WORD = re.compile(rf"(?=\S)(?:[{HAN}]+|[{SOUTH_EAST}]+|{WORD})")
_SPACELESS = re.compile(rf"[{HAN}{SOUTH_EAST}]")
_HAN_RUN = re.compile(rf"[{HAN}]")
HAN_NUMERAL = re.compile("[〇零一二三四五六七八九十百千万萬億亿兆両兩两]+")
_HAN_LENGTH, _SOUTH_EAST_LENGTH = 3, 5
_LEAST_CASED = 3


class Words(NamedTuple):
    """Words in order, as written but for typography, and numerals inside scripts without spaces by the word's place."""

    words: list[str]
    numerals: list[tuple[int, str]]


def plain(text: str) -> str:
    r"""Text without entities, typography and tags.

    >>> plain("<p>It&rsquo;s “over” — ٣ dead</p>").strip()
    'It\'s "over" - 3 dead'
    """
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)
    return _TAG.sub(" ", text) if "<" in text else text


def body(text: str) -> str:
    """Plain text without dateline and sign-off."""
    text = plain(text)
    text = text[_dateline(text) :]
    cut = max(0, len(text) - 160)
    return text[:cut] + _SIGNOFF.sub("", text[cut:].rstrip())


def words(text: str) -> Words:
    """Split plain text into words.

    >>> words("Don't pay 1,200.50 now").words
    ["Don't", 'pay', '1,200.50', 'now']
    >>> words("東京都知事").words
    ['東京都', '京都知', '都知事']
    """
    if text.isascii():
        return Words(_ASCII_WORD.findall(text), [])
    found = _WORD.findall(text)
    if not _SPACELESS.search(text):
        return Words(found, [])
    split: list[str] = []
    numerals: list[tuple[int, str]] = []
    for word in found:
        if not _SPACELESS.match(word):
            split.append(word)
            continue
        length = _SOUTH_EAST_LENGTH
        if _HAN_RUN.match(word):
            length = _HAN_LENGTH
            last = max(0, len(word) - length)
            runs = HAN_NUMERAL.finditer(word)
            numerals += [(len(split) + min(run.start(), last), run[0]) for run in runs if run[0] != "一"]
        split += [word[place : place + length] for place in range(max(1, len(word) - length + 1))]
    return Words(split, numerals)


def _dateline(text: str) -> int:
    """Length of a dateline in capitals of any script."""
    found = _DATELINE.match(text) or _AGENCY_DATELINE.match(text)
    if found and found[0].strip()[0].isupper():
        return found.end()
    if text.isascii():
        return 0
    found = _ANY_DATELINE.match(text)
    if not found:
        return 0
    cased = [character for character in found[1].split("(")[0] if character.isupper() or character.islower()]
    capitals = sum(map(str.isupper, cased))
    return found.end() if 2 * capitals > max(len(cased), _LEAST_CASED) and found[1][:3].isupper() else 0
