"""Whether two texts belong to one story: shared words, numbers and headlines, weighed by how rare they are.

The thresholds were tuned on development sets of real dispatches and of generated edits (docs/deduplication.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.stages.deduplicate.shingles import Array32

Mask = npt.NDArray[np.bool_]

SHORT = 30
"""Shingles below which a text is short: its headline must bear it out."""
LOOK = 0.12
"""Containment below which a candidate is not worth a closer look."""
_SHORT_STRENGTH, _SHORT_OVERLAP, _SHORT_JACCARD, _SHORT_WEIGHT = 0.55, 0.7, 0.5, 0.3
_SHORT_ALONE = 0.85
_ALONE_CONTAINED = 0.85
"""Containment that needs no headline."""
_SAME_HEADLINE, _SAME_CONTAINED, _SAME_WEIGHT = 0.9, 0.85, 0.6
_LEAST_SHARED = 12
_STRENGTH, _OVERLAP, _STRENGTH_ALONE, _WEIGHT = 0.65, 0.3, 0.75, 0.6
_CONTAINED, _CONTAINED_SHINGLES = 0.9, 60
_HEADLINE, _HEADLINE_WEIGHT, _HEADLINE_NUMBERS, _HEADLINE_MINUTES = 0.6, 0.4, 0.7, 24 * 60
_CLASH_CONTAINED = 0.6
_RAREST = 4096
"""A headline word rarer than one in so many stories weighs no more."""
_POWER = 3.0
_WEIGHTS = (1.0 + np.arange(64)) ** -_POWER


@dataclass(frozen=True)
class Headlines:
    """How two headlines agree: overlap and Jaccard of words by rarity; whether their numbers conflict."""

    overlap: float = 0.5
    jaccard: float = 0.5
    clash: bool = False
    known: bool = False


@dataclass(frozen=True)
class Pair:
    """What is known of an old and a new text."""

    shared: int
    old: int
    new: int
    weight: float
    old_numbers: Counter[int]
    new_numbers: Counter[int]
    headlines: Headlines
    minutes: float
    new_mark: bool

    @property
    def contained(self) -> float:
        """Larger of the parts of the one that stands in the other."""
        return self.shared / min(self.old, self.new)


def weigh(found: Sequence[tuple[int, Mask, int, int]]) -> list[float]:
    """Containment with each shingle weighted by 1/(1+k)³, k = the other candidate stories that hold it.

    ``found`` gives the story of each candidate, which shingles it shares, how many, and how many it has. Members of a family
    of notices are each other's candidates, so what the family shares weighs little; text that is no candidate has no say,
    however much of it there is.
    """
    stories: dict[int, Mask] = {}
    for story, shared, _, _ in found:
        stories[story] = stories[story] | shared if story in stories else shared
    if len(stories) == 1:
        return [_weight(float(common), float(len(shared)), old - common) for _, shared, common, old in found]
    held = np.add.reduce(list(stories.values()), dtype=np.intp)
    masks = np.array([shared for _, shared, _, _ in found])
    own = np.array([stories[story] for story, _, _, _ in found]) if len(stories) < len(found) else masks
    weights = _WEIGHTS.take(held - own, mode="clip")
    whole = weights.sum(1).tolist()
    inner = (weights * masks).sum(1).tolist()
    return [_weight(inner[row], whole[row], old - common) for row, (_, _, common, old) in enumerate(found)]


def _weight(inner: float, whole: float, missing: int) -> float:
    return max(inner / whole, inner / (inner + missing)) if inner else 0.0


def compare_headlines(old: Array32, new: Array32, stories: int, held: Mapping[int, int]) -> Headlines:
    """Compare headlines; words that many stories of the window carry count less."""
    if not len(old) or not len(new):
        return Headlines()
    first, second = dict.fromkeys(old.tolist()), dict.fromkeys(new.tolist())
    floor = 1 + stories / _RAREST
    top = math.log(stories + 2) + 0.3
    weights = {word: top - math.log(held.get(word, 0) + floor) for word in first | second}
    inner = sum([weights[word] for word in first if word in second])
    one, other = sum([weights[word] for word in first]), sum([weights[word] for word in second])
    numbers = {word for word in first if word & 1}, {word for word in second if word & 1}
    clash = bool(numbers[0]) and bool(numbers[1]) and not (numbers[0] <= numbers[1] or numbers[1] <= numbers[0])
    return Headlines(inner / min(one, other), inner / (one + other - inner), clash, known=True)


def may_be_kin(shared: int, old: int, new: int, weight: float) -> bool:
    """Whether two texts may belong to one story, whatever their numbers and headlines; ``kinship`` decides."""
    least = min(old, new)
    contained = shared / least
    if contained < LOOK:
        return False
    if least < SHORT:
        return contained >= _SHORT_STRENGTH and weight >= _SHORT_WEIGHT
    if shared < _LEAST_SHARED and contained < min(_SAME_CONTAINED, _ALONE_CONTAINED):
        return False
    return weight >= _HEADLINE_WEIGHT or (contained >= _CONTAINED and least >= _CONTAINED_SHINGLES)


def kinship(pair: Pair) -> float:
    """How surely two texts belong to one story; 0 = they do not."""
    least = min(sum(pair.old_numbers.values()), sum(pair.new_numbers.values()))
    agreeing = (pair.old_numbers & pair.new_numbers).total() / least if least else 1.0
    contained = pair.contained
    strength = contained * (0.5 + 0.5 * agreeing)
    heads = pair.headlines
    clash = heads.clash and not pair.new_mark
    if heads.known and heads.jaccard >= _SAME_HEADLINE and contained >= _SAME_CONTAINED and pair.weight >= _SAME_WEIGHT:
        return contained
    if not heads.known and contained >= _ALONE_CONTAINED and pair.weight >= _WEIGHT:
        return contained
    if min(pair.old, pair.new) < SHORT:
        return 0.0 if clash else _short(pair, strength)
    if (clash and contained < _CLASH_CONTAINED) or pair.shared < _LEAST_SHARED:
        return 0.0
    if strength >= _STRENGTH and (heads.overlap >= _OVERLAP or strength >= _STRENGTH_ALONE) and pair.weight >= _WEIGHT:
        return strength
    if contained >= _CONTAINED and min(pair.old, pair.new) >= _CONTAINED_SHINGLES and heads.overlap >= _OVERLAP:
        return contained * _CONTAINED
    by_headline = heads.overlap >= _HEADLINE and pair.weight >= _HEADLINE_WEIGHT and agreeing >= _HEADLINE_NUMBERS
    return strength if by_headline and pair.minutes <= _HEADLINE_MINUTES else 0.0


def _short(pair: Pair, strength: float) -> float:
    heads = pair.headlines
    if strength < _SHORT_STRENGTH or pair.weight < _SHORT_WEIGHT:
        return 0.0
    if heads.known:
        return strength if heads.overlap >= _SHORT_OVERLAP and heads.jaccard >= _SHORT_JACCARD else 0.0
    return strength if strength >= _SHORT_ALONE else 0.0
