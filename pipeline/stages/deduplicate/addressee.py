"""Which story of its own agency a notice is about that names it by headline or slug.

A notice never reaches another agency's story, and where its words fit two stories none is taken: a wrong kill is as bad as
a lost one, and a person decides faster than a guess is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

import numpy as np
import numpy.typing as npt

from pipeline.stages.deduplicate.lexicon import CLASS_BITS
from pipeline.stages.deduplicate.naming import Names
from pipeline.stages.deduplicate.shingles import Array32

_LEAST_HELD = 3
"""Words that two headlines must share where they are not the same."""
_HELD, _ALIKE = 0.5, 0.5
"""Part of the longer headline that the shorter one has; Jaccard of headlines that are only alike."""
_TABLE = 1 << 16
_LEAST_HITS = 2
"""Words that a headline shares with a title that it fits."""
_MOST = 12
"""Dispatches shown to the person who decides."""


class Fit(IntEnum):
    """How a headline fits a title that a notice gives."""

    NONE = 0
    ALIKE = 1
    """Some words differ: enough to ask a person, or beside the same slug."""
    HELD = 2
    """One has all the words of the other: cut short, or with an addition."""
    SAME = 3


@dataclass(frozen=True)
class Named:
    """An earlier dispatch of the agency that a notice may mean."""

    dispatch: UUID
    story: UUID
    fit: Fit
    told_slug: bool
    """Whether the notice says its slug."""
    own_slug: bool
    """Whether the notice carries its slug."""


@dataclass(frozen=True)
class Addressee:
    """What a notice is about; ``story`` is None where a person must decide between ``maybe``."""

    story: UUID | None
    dispatches: Sequence[UUID]
    """Those that it names, the best fit first."""
    maybe: Sequence[UUID]
    by: str = ""
    """By what it names them, for a person."""


def fits(titles: Sequence[Array32], hashes: Array32, lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """How each of many headlines fits the best of some titles.

    ``hashes`` are the words of all headlines one after the other, ``lengths`` how many each has.
    """
    best = np.zeros(len(lengths), np.int8)
    if not titles:
        return best
    # Most headlines have no word of any title: a table of bits leaves them out, so that a flood of notices costs little.
    wanted = np.zeros(_TABLE, np.bool_)
    wanted[_folded(np.concatenate(titles))] = True
    hits = wanted[_folded(hashes)]
    likely = np.bincount(np.repeat(np.arange(len(lengths)), lengths)[hits], minlength=len(lengths)) >= _LEAST_HITS
    hashes, lengths = hashes[np.repeat(likely, lengths)], lengths[likely]
    fit = np.zeros(len(lengths), np.int8)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    for title in titles:
        shared = np.bincount(rows[np.isin(hashes, title)], minlength=len(lengths))
        longer, shorter = np.maximum(lengths, len(title)), np.minimum(lengths, len(title))
        held = (shared == shorter) & (shared >= _LEAST_HELD) & (shared >= _HELD * longer)
        alike = (shared >= _LEAST_HELD) & (shared >= _ALIKE * (lengths + len(title) - shared))
        same = (shared == longer) & (shared > 0)
        np.maximum(fit, np.select([same, held, alike], [Fit.SAME, Fit.HELD, Fit.ALIKE], Fit.NONE).astype(np.int8), out=fit)
    best[likely] = fit
    return best


def _folded(hashes: Array32) -> Array32:
    return (hashes >> np.uint32(CLASS_BITS)) % np.uint32(_TABLE)


def addressee(names: Names, found: Sequence[Named], resembled: Callable[[], UUID | None]) -> Addressee | None:
    """Choose the story that a notice is about; None where it names none that is known.

    ``resembled`` gives the story whose text the notice repeats: it decides between two that its words fit.
    """
    by_fit = {fit: {one.story for one in found if one.fit is fit} for fit in Fit}
    named = by_fit[Fit.SAME] or by_fit[Fit.HELD]
    told, own = {one.story for one in found if one.told_slug}, {one.story for one in found if one.own_slug}
    alike = by_fit[Fit.ALIKE]
    sure = True
    if told:
        pool = ((named & told) or (named | told)) if named else (alike & told) or told
    elif named:
        pool = (named & own) or named
    elif alike & own or (own and not names.headline):
        pool = (alike & own) or own
    else:
        pool, sure = alike | own, False
    if not pool:
        return None
    if len(pool) > 1 or not sure:
        story = resembled()
        pool, sure = ({story}, True) if story in pool else (pool, False)
    meant = sorted(
        (one for one in found if one.story in pool), key=lambda one: (one.fit, one.told_slug, one.own_slug), reverse=True
    )
    dispatches = [one.dispatch for one in meant]
    if not sure or len(pool) != 1:
        return Addressee(None, [], dispatches[:_MOST])
    return Addressee(next(iter(pool)), dispatches, [], "headline" if meant[0].fit > Fit.ALIKE else "slug")
