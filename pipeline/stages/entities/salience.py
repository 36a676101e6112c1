"""How much a dispatch is about an entity."""

from __future__ import annotations

import math

#: A lead ends after so many characters of text.
_LEAD = 400
#: Weights in the order in which each told the salient entities of news apart from the others (docs/entities.md).
_COUNT, _EARLY, _HEADLINE, _IN_LEAD = 0.5, 0.35, 0.35, 0.15
_MOST_COUNTED = 8


def salience(count: int, first: int, headline_end: int, length: int) -> float:
    """Score in 0…1 from the number of mentions and where the first one stands, in characters.

    >>> salience(5, 0, 60, 2000) > salience(1, 1500, 60, 2000)
    True
    """
    score = _COUNT * min(1.0, math.log1p(count) / math.log(_MOST_COUNTED)) + _EARLY * (1 - first / max(1, length))
    if first < headline_end:
        score += _HEADLINE
    if first < headline_end + _LEAD:
        score += _IN_LEAD
    return round(min(1.0, score / (_COUNT + _EARLY + _HEADLINE + _IN_LEAD)), 3)
