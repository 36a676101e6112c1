"""What changed between two versions of a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

# Words beyond which a comparison could take seconds: the page must not hang on a hostile dispatch.
_MOST_WORDS = 4000
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A stretch of text that stayed, came or went."""

    kind: str
    """same, added or removed"""
    text: str


def difference(before: str, after: str) -> list[Piece] | None:
    """Compare two texts; None where they are too long to be compared.

    >>> [(piece.kind, piece.text) for piece in difference("3 dead", "5 dead")]
    [('removed', '3'), ('added', '5'), ('same', ' dead')]
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > _MOST_WORDS:
        return None
    pieces: list[Piece] = []
    for tag, start, end, first, last in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[start:end])))
            continue
        if end > start:
            pieces.append(Piece("removed", "".join(old[start:end])))
        if last > first:
            pieces.append(Piece("added", "".join(new[first:last])))
    return pieces


def highlighted(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[bool, str]]:
    """Cut a text into stretches, each with whether it is to be marked; spans are code points and may overlap.

    >>> highlighted("war breaks out", [(0, 3), (2, 10)])
    [(True, 'war breaks'), (False, ' out')]
    """
    parts: list[tuple[bool, str]] = []
    place = 0
    merged: list[tuple[int, int]] = []
    cut = ((max(0, start), min(len(text), end)) for start, end in spans)
    for start, end in sorted((start, end) for start, end in cut if start < end):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    for start, end in merged:
        if start > place:
            parts.append((False, text[place:start]))
        parts.append((True, text[start:end]))
        place = end
    return [*parts, (False, text[place:])] if place < len(text) else parts
