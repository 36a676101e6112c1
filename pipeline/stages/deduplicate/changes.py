"""What a version changed, for a person and for subscribers: numbers, names and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.messages import Changes
from pipeline.stages.deduplicate.alignment import differences
from pipeline.stages.deduplicate.tokens import Token, tokens

_MOST = 12
"""Entries of each list; a version that changed more is a rewrite."""
_LONGEST = 300
"""Characters of a sentence that are shown."""


def changes_between(old: str, new: str) -> Changes:
    """List what changed between two texts.

    >>> changes_between("The toll rose to 12, Mr Aldon said.", "The toll rose to 15, Mr Berg said.").numbers_added
    ['15']
    """
    before, after = tokens(old), tokens(new)
    gone: list[int] = []
    come: list[int] = []
    for stretch in differences([token.normal for token in before], [token.normal for token in after]):
        gone += range(stretch.old_start, stretch.old_end)
        come += range(stretch.new_start, stretch.new_end)
    numbers = _numbers(before, gone), _numbers(after, come)
    names = _names(before, gone), _names(after, come)
    return Changes(
        numbers_added=_less(numbers[1], numbers[0]),
        numbers_removed=_less(numbers[0], numbers[1]),
        names_added=_less(names[1], names[0]),
        names_removed=_less(names[0], names[1]),
        sentences_added=_sentences(new, after, come),
        sentences_removed=_sentences(old, before, gone),
    )


def _numbers(text: Sequence[Token], places: Sequence[int]) -> list[str]:
    return [text[place].text for place in places if text[place].numbers]


def _names(text: Sequence[Token], places: Sequence[int]) -> list[str]:
    """Find the runs of capitalised words among these."""
    names: list[str] = []
    last = -2
    for place in sorted(places):
        token = text[place]
        if not token.capital or token.initial or token.numbers:
            continue
        if place == last + 1 and not token.starts:
            names[-1] += f" {token.text}"
        else:
            names.append(token.text)
        last = place
    return names


def _less(some: Sequence[str], others: Sequence[str]) -> list[str]:
    left = Counter(some) - Counter(others)
    return list(dict.fromkeys(value for value in some if left[value] > 0))[:_MOST]


def _sentences(text: str, found: Sequence[Token], places: Sequence[int]) -> list[str]:
    """Sentences most of whose words are among these."""
    changed = set(places)
    sentences: list[str] = []
    start = 0
    for end in range(1, len(found) + 1):
        if end < len(found) and not found[end].starts:
            continue
        words = range(start, end)
        if 2 * sum(place in changed for place in words) > len(words):
            sentences.append(" ".join(text[found[start].start : found[end - 1].end].split())[:_LONGEST])
        start = end
    return sentences[:_MOST]
