"""Byte ranges of what was read from the formats that are text, for a person who asks where a field came from.

Formats that are text join wrapped lines, undo ASCII conventions and repair encodings, so a value does not stand in the bytes as it
is. It is looked for word by word, first in the line that the format names, else everywhere; where it cannot be found, the line that
it was made from is the answer. Only ``wirefeed parse --explain`` asks.
"""

from __future__ import annotations

import re
from itertools import accumulate

from pipeline.messages import Dispatch
from pipeline.stages.parse.encoding import decode

TEXTUAL = frozenset(("anpa1312", "iptc7901", "zczc_text", "email_rfc822", "plain_text", "plain_pressrelease"))
#: Lines by the names that the formats give them in ``Draft.where``, as expressions over the decoded message.
_LINES: dict[str, dict[str, str]] = {
    "anpa1312": {
        "first line": r"\x01[^\n\x02]*",
        "second line": r"(?<=\n)[^\n\x02]*\x13?[^\n\x02]*(?=\r?\n?\x02)",
        "trailer": r"\x03[^\x04]*",
        "paragraphs between 02 and 03": r"\x02[^\x03]*",
        "keyword line": r"(?<=\x02)[^\n]*",
        "keyword": r"(?<=\n)[^\n\x02]*\x13?[^\n\x02]*(?=\r?\n?\x02)",
    },
    "iptc7901": {
        "header": r"(?:\x01|\A)\s*[A-Za-z]{2,4}\d{3,5}[ \t][^\n]*",
        "header options": r"(?:\x01|\A)\s*[A-Za-z]{2,4}\d{3,5}[ \t][^\n]*",
        "sluglines": r"(?<=\n)[^\n]*/\s*(?=\n|\x02)",
        "after 03": r"\x03[^\x04]*",
        "between 02 and the notes": r"\x02[^\x03]*",
    },
    "zczc_text": {"ZCZC line": r"ZCZC[^\n]*", "message": r"(?s)ZCZC.*"},
}
#: What agencies write in ASCII for characters that it lacks.
_WRITTEN = {
    "“": '(?:“|``|"|\x93)', "”": "(?:”|''|\"|\x94)", "‘": "[‘`'\x91]", "’": "[’'\x92]", "—": "(?:—|--|_|\x97)",
    "–": "(?:–|--|-|\x96)", "/": r"\\?/", "½": r"(?:½|\s?1[/-]2|\{)", "¼": r"(?:¼|\s?1[/-]4)", "¾": r"(?:¾|\s?3[/-]4)",
}  # fmt: skip
_GAP = r"[\s\x00-\x1f\x7f^<=;+]+"
_LONGEST_WORDS = 6
_SHORTEST = 3


class _Message:
    """A message's text, and the byte at which each of its characters stands."""

    def __init__(self, raw: bytes, offset: int) -> None:
        self.text = decode(raw)
        self._offset = offset
        encoded = self.text.encode("utf-8", "replace")
        one_each = len(self.text) == len(raw) or encoded != raw
        self._places = range(len(raw) + 1) if one_each else [0, *accumulate(len(each.encode()) for each in self.text)]

    def range(self, start: int, end: int) -> str:
        """Bytes from the first up to and without the last, counted from 0 in the whole file."""
        last = len(self._places) - 1
        return f"bytes {self._offset + self._places[min(start, last)]}-{self._offset + self._places[min(end, last)]}"


def with_ranges(where: dict[str, str], dispatch: Dispatch, raw: bytes, payload: bytes) -> dict[str, str]:
    """Add to each place in a text format the bytes of the file where the value, or what it was made from, stands."""
    if dispatch.format not in TEXTUAL:
        return where
    message = _Message(raw, max(payload.find(raw), 0))
    return {name: _place(message, dispatch, name, label) for name, label in where.items()}


def _place(message: _Message, dispatch: Dispatch, name: str, label: str) -> str:
    line = _line(message, dispatch, label)
    begin, end = line or (0, len(message.text))
    spans = [_span(message.text, each, begin, end, within=line is not None) for each in _words(getattr(dispatch, name, None))]
    found = [span for span in spans if span]
    if found:
        return f"{label}, {message.range(min(start for start, _ in found), max(stop for _, stop in found))}"
    return f"{label}, {message.range(begin, end)}" if line else label


def _words(value: object) -> list[str]:
    """The first and the last part of a value; numbers and times stand in the bytes in another form."""
    parts = value.split("\n\n") if isinstance(value, str) else value if isinstance(value, list) else []
    return [each for each in (*parts[:1], *parts[-1:]) if isinstance(each, str)]


def _line(message: _Message, dispatch: Dispatch, label: str) -> tuple[int, int] | None:
    """Where the line begins and ends that a format names."""
    if label in ("dateline", "date line"):
        return _span(message.text, dispatch.dateline or "", 0, len(message.text), within=False)
    pattern = _pattern(dispatch.format, label)
    match = re.search(pattern, message.text) if pattern else None
    return match.span() if match else None


def _pattern(kind: str, label: str) -> str | None:
    known = _LINES.get(kind, {})
    named = next((known[name] for name in sorted(known, key=len, reverse=True) if label.startswith(name)), None)
    if named is not None:
        return named
    if kind == "email_rfc822" and label.endswith(" part"):
        return rf"(?is)content-type:\s*{re.escape(label.removesuffix(' part'))}.*?\r?\n\r?\n.*?(?=\r?\n--|\Z)"
    if kind == "email_rfc822":
        return rf"(?im)^{re.escape(label)}:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*"
    if (numbered := re.fullmatch(r"line (\d+)", label)) is not None:
        return rf"\A(?:[^\n]*\n){{{int(numbered[1]) - 1}}}[^\r\n]*"
    if (signed := re.match(r"[A-Z]{2}#|[$:=^*&+#@%~](?=,? )", label)) is not None:
        return rf"(?m)^{re.escape(signed.group())}[^\r\n]*"
    return None


def _span(text: str, value: str, begin: int, end: int, *, within: bool) -> tuple[int, int] | None:
    """Where a value begins and ends: its first words, and its last words behind them."""
    words = value.split()
    if not words or (len(value) < _SHORTEST and not within):
        return None
    head = re.compile(_GAP.join(map(_spelt, words[:_LONGEST_WORDS]))).search(text, begin, end)
    if head is None:
        return None
    if len(words) <= _LONGEST_WORDS:
        return head.span()
    tail = re.compile(_GAP.join(map(_spelt, words[-_LONGEST_WORDS:]))).search(text, head.start(), end)
    return head.start(), (tail or head).end()


def _spelt(word: str) -> str:
    return "".join(_WRITTEN.get(character) or re.escape(character) for character in word)
