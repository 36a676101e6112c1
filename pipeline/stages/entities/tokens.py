"""Words of a text with their places in code points.

The text is never case-folded as a whole: ``"İ".lower()`` is two characters, and every offset behind it would be wrong.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.stages.entities.vocabulary import words

#: Words whose full stop does not end a sentence.
ABBREVIATIONS = frozenset(
    words(
        "Mr Mrs Ms Dr Gen Sen Rep Gov Lt Col St Jr Sr Inc Corp Co Ltd No Sgt Capt Prof Rev Adm Maj Brig Jan Feb Mar Apr Jun "
        "Jul Aug Sep Sept Oct Nov Dec vs Bros Cos Fr Hon Pres Supt Cpl Pvt Ft Mt Cie Vol Msgr Sec Det Insp Messrs Mme Mlle "
        "Univ Dept Assn Intl Mass Calif Fla Ill Pa Conn Mich Minn Wis Ariz Tenn Va Md Ga Ala Ky La Okla Ore Wash Colo Nev "
        "Tex Ark Miss Mo Del Sra Srta Hr Bd Sta Sto"
    )
)
#: Arabic articles: "al-Assad" is one name, "Geneva-based" is a name and a word.
_ARTICLES = frozenset(words("al el as ad an ar at abd abu ul"))
_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(
    rf"(?:{_LETTER}\.){{2,}}"  # U.N.
    r"|['’][sS]\b"
    rf"|{_LETTER}+(?:(?:['’](?![sS]\b)|-|&|(?<=\b{_LETTER})\.)[^\W_]+)*"  # O'Brien, Jean-Pierre, AT&T, S.Africa
    r"|\d+(?:[.,:/]\d+)*"
    r"|\w+"
    r"|\n+"
    r"|[^\w\s]"
)
#: Articles and particles that Romance languages write to the next word: "l'Otan", "dell'Unione", "d'Alger".
_ELISION = re.compile(
    r"(?<![\w'’])(?:[ldsnmtcj]|qu|un|(?:d|n|s)[eu]ll|[dc]?all|nell|sull|coll|quest|lorsqu|puisqu|jusqu)['’](?=\w)", re.IGNORECASE
)
_LINE_ENDS = re.compile(r"(\n+)")
_CACHED_CHUNKS = 60_000
#: Marks that end a word without a doubt, as a full stop or an apostrophe does not.
_CLOSING = frozenset(",;:)")


class Token(NamedTuple):
    """A word, number, mark or run of line ends, with its place inside a chunk."""

    text: str
    start: int
    end: int


class Tokens(NamedTuple):
    """Parallel columns: the words of a text and where each starts and ends, in code points."""

    words: list[str]
    starts: list[int]
    ends: list[int]


_chunks: dict[str, tuple[Token, ...]] = {}
_elided_chunks: dict[str, tuple[Token, ...]] = {}


def tokenize(text: str, *, elisions: bool = False) -> Tokens:
    """Split a text into words, numbers, marks and runs of line ends; with ``elisions`` "l'Otan" is two words.

    >>> tokenize("Geneva-based U.N. aides, O'Brien's").words
    ['Geneva', '-', 'based', 'U.N.', 'aides', ',', "O'Brien", "'s"]
    """
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    known = (_elided_chunks if elisions else _chunks).get
    for chunk in text.split(" "):
        if chunk.isalpha():  # most chunks are one word
            words.append(chunk)
            starts.append(position)
            position += len(chunk)
            ends.append(position)
            position += 1
            continue
        # The end of one line and the head of the next are hardly ever met together again.
        for part in _LINE_ENDS.split(chunk) if "\n" in chunk else (chunk,):
            for word, start, end in (known(part) or chunk_tokens(part, elisions=elisions)) if part else ():
                words.append(word)
                starts.append(position + start)
                ends.append(position + end)
            position += len(part)
        position += 1
    return Tokens(words, starts, ends)


def chunk_tokens(chunk: str, *, elisions: bool = False) -> tuple[Token, ...]:
    """Split a stretch without spaces; remembered, since wires repeat their words."""
    if chunk.isalpha() or chunk.isdecimal():
        return (Token(chunk, 0, len(chunk)),)
    if chunk[-1:] in _CLOSING and chunk[:-1].isalpha():
        end = len(chunk) - 1
        return (Token(chunk[:-1], 0, end), Token(chunk[-1], end, end + 1))
    chunks = _elided_chunks if elisions else _chunks
    found = chunks.get(chunk)
    if found is None:
        found = tuple(_split_elisions(chunk) if elisions else _split(chunk))
        if len(chunk) < 60:
            if len(chunks) >= _CACHED_CHUNKS:
                chunks.clear()
            chunks[chunk] = found
    return found


def _split_elisions(chunk: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    for elision in [*_ELISION.finditer(chunk), None]:
        start, end = elision.span() if elision else (len(chunk), len(chunk))
        tokens += [Token(text, begin + position, stop + position) for text, begin, stop in _split(chunk[position:start])]
        if elision:
            tokens.append(Token(elision.group(), start, end))
        position = end
    return tokens


def _split(chunk: str) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(chunk):
        word, start = match.group(), match.start()
        if word == "." and tokens and tokens[-1].end == start and _takes_full_stop(tokens[-1].text):
            last = tokens.pop()
            tokens.append(Token(last.text + ".", last.start, last.end + 1))
        elif "-" in word and len(word) > 1:
            tokens.extend(_split_hyphen(word, start))
        else:
            tokens.append(Token(word, start, match.end()))
    return tokens


def _takes_full_stop(word: str) -> bool:
    return word in ABBREVIATIONS or (len(word) == 1 and word.isupper())


def _split_hyphen(word: str, start: int) -> list[Token]:
    """Part "Geneva-based" before its first lower-case part; leave "Jean-Pierre" and "al-Qaida" whole."""
    parts = word.split("-")
    lower = next((index for index, part in enumerate(parts) if index and part[:1].islower()), None)
    if lower is not None:
        head = "-".join(parts[:lower])
        if head[:1].isupper() and head.lower() not in _ARTICLES:
            middle = start + len(head)
            return [
                Token(head, start, middle),
                Token("-", middle, middle + 1),
                Token(word[len(head) + 1 :], middle + 1, start + len(word)),
            ]
    return [Token(word, start, start + len(word))]
