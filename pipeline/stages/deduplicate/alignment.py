"""Where two texts differ: stretches of words that no three shared words in a row cover.

A moved paragraph is covered wherever it stands, and the cost is linear whatever the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_SPAN, _SIGN_SPAN = 3, 8
"""Words, or signs of a script without spaces, in a row that are no accident."""
_LONGEST = 120
"""Words of a stretch that are compared one by one; a longer one was rewritten."""


class Stretch(NamedTuple):
    """Words of the old text ``[old_start:old_end]`` that ``[new_start:new_end]`` of the new one stand for."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def differences(old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """Find the stretches that differ, in order of the new text, then what the old one alone has.

    >>> differences("a b c d e f g h".split(), "a b c x e f g h".split())
    [Stretch(old_start=3, old_end=4, new_start=3, new_end=4)]
    """
    if list(old) == list(new):
        return []
    span = _SIGN_SPAN if 2 * [*map(len, new)].count(1) > len(new) >= 4 * _SIGN_SPAN else _SPAN
    if min(len(old), len(new)) < span:
        return [Stretch(0, len(old), 0, len(new))]
    places: dict[tuple[str, ...], list[int]] = {}
    for place, words in enumerate(_in_a_row(old, span)):
        places.setdefault(words, []).append(place)
    news = list(_in_a_row(new, span))
    held = set(news)
    old_runs = _uncovered(len(old), span, [place for words, at in places.items() if words in held for place in at])
    new_runs = _uncovered(len(new), span, [place for place, words in enumerate(news) if words in places])
    by_start = dict(old_runs)
    by_end = {end: start for start, end in old_runs}
    found: list[Stretch] = []
    taken: set[int] = set()
    for start, end in new_runs:
        before = places.get(news[start - span], []) if start >= span else []
        after = places.get(news[end], []) if end < len(news) else []
        ends = [place + span for place in before] or ([0] if start == 0 else [])
        starts = list(after) or ([len(old)] if end == len(new) else [])
        pair = next(((at, by_start[at]) for at in ends if at in by_start and at not in taken), None)
        pair = pair or next(((by_end[at], at) for at in starts if at in by_end and by_end[at] not in taken), None)
        if pair is None:
            at = ends[0] if ends else starts[0] if starts else 0
            pair = (at, at)
        else:
            taken.add(pair[0])
        found += _narrowed(old, new, Stretch(*pair, start, end))
    return found + [Stretch(start, end, len(new), len(new)) for start, end in old_runs if start not in taken]


def _in_a_row(words: Sequence[str], span: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[first:] for first in range(span)), strict=False)


def _uncovered(length: int, span: int, shared: Sequence[int]) -> list[tuple[int, int]]:
    covered = bytearray(length)
    for place in shared:
        covered[place : place + span] = b"\1" * span
    runs = []
    start = 0
    while (start := covered.find(b"\0", start)) >= 0:
        end = covered.find(b"\1", start)
        end = length if end < 0 else end
        runs.append((start, end))
        start = end
    return runs


def _narrowed(old: Sequence[str], new: Sequence[str], stretch: Stretch) -> list[Stretch]:
    """Split a stretch at the words that both sides share."""
    old_start, old_end, new_start, new_end = stretch
    if old_end - old_start > _LONGEST or new_end - new_start > _LONGEST or old_start == old_end:
        return [stretch]
    blocks = SequenceMatcher(None, old[old_start:old_end], new[new_start:new_end], autojunk=False).get_opcodes()
    return [
        Stretch(old_start + a, old_start + b, new_start + c, new_start + d) for tag, a, b, c, d in blocks if tag != "equal"
    ]  # fmt: skip
