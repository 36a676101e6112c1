"""Texts of the window, to find copies and versions by.

Candidates share a few of the smallest shingles; which of them is of the same story is decided by exact containment, numbers,
headlines and rarity (``kinship``), and whether a text is a copy by the words that changed (``wording``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np

from pipeline.messages import Changes
from pipeline.stages.deduplicate.addressee import Fit, Named, fits
from pipeline.stages.deduplicate.changes import changes_between
from pipeline.stages.deduplicate.kinship import (
    LEAST_CONTAINED,
    LEAST_WEIGHT,
    LOOK,
    SHORT,
    Mask,
    Pair,
    compare_headlines,
    kinship,
    weigh,
)
from pipeline.stages.deduplicate.lexicon import CLASS_BITS, NUMBER
from pipeline.stages.deduplicate.naming import NO_SLUG, Names, slug_hash
from pipeline.stages.deduplicate.record import SKETCH, Record, unpack_text
from pipeline.stages.deduplicate.shingles import Array64, shingles
from pipeline.stages.deduplicate.window import Holders, Window, size, story_number
from pipeline.stages.deduplicate.wording import compare_wording

_VOTES = 2
"""Keys that a candidate must share."""
_FIRST, _TOP, _PER_STORY = 4, 8, 3
"""Candidates looked at before one is found worth it, after that, and of one story."""
_SHARES = 840 // np.maximum(np.arange(9), 1)
"""A key held by h texts gives each 840/h: whole numbers, so that no sum hangs on the order of its terms."""
_LEAST_SHARE, _LEAST_PART = 252, 0.2
_COPY, _SHORT_COPY = 0.9, 0.97
"""Part of a copy's words that the original has."""
_LEAST_COPIED = 0.4
"""Part of the new text's shingles below which its words are not compared."""
_BOILERPLATE = 3
"""Other stories that hold the same words make them boilerplate."""
_LONG_TEXT = 16_000
_MOST_NAMED = 200
"""Newest dispatches looked at that a notice may mean."""
_RESEMBLANCE = 0.5
"""Overlap of headlines that bears out an agency's link."""


@dataclass(frozen=True)
class Likeness:
    """An earlier dispatch of the same story."""

    dispatch: UUID
    story: UUID
    similarity: float
    copy: bool
    why: str
    """Why, for a person; ``{of}`` stands for the earlier dispatch."""
    changes: Changes | None = None


class _Candidate(NamedTuple):
    ordinal: int
    slot: int
    story: int
    length: int
    shared: Mask
    common: int


class _Kin(NamedTuple):
    surety: float
    candidate: _Candidate
    new_mark: bool
    clash: bool
    """Whether the headlines name different numbers."""

    def rank(self) -> tuple[float, int]:
        """How much of the new text it has."""
        return self.candidate.common / len(self.candidate.shared), self.candidate.ordinal


class Index:
    """Texts received within the window."""

    def __init__(self, window: timedelta, capacity: int) -> None:
        self._window = Window(window.total_seconds() / 60, capacity)

    def compare(self, record: Record, at: datetime, may_be_copied: Callable[[UUID], bool]) -> Likeness | None:
        """Find the dispatch that this text copies or follows; None where there is none. Changes nothing."""
        if not len(record.words):
            return None
        holders = self._window.holders(record)
        found = self._candidates(record, holders, _minutes(at))
        kin = self._kin(record, found, _minutes(at))
        if not kin:
            return None
        original = self._original(record, holders, kin, may_be_copied)
        if original is not None:
            return original
        closest = max(kin, key=lambda one: one.surety)
        return self._version(record, closest)

    def changes(self, record: Record, dispatch: UUID) -> tuple[float, Changes] | None:
        """Similarity to a dispatch and what changed against it; None where it has left the window."""
        ordinal = self._window.ordinal(dispatch)
        if ordinal is None or not len(record.words):
            return None
        shared, old = self._shared(record, ordinal)
        return _ratio(int(np.count_nonzero(shared)), old, len(shared)), self._changes(record, ordinal)

    def resembles(self, record: Record, dispatch: UUID) -> bool:
        """Whether a text shares more with a dispatch than chance: enough where the agency links the two."""
        ordinal = self._window.ordinal(dispatch)
        if ordinal is None:
            return False
        shared, old = self._shared(record, ordinal)
        if int(np.count_nonzero(shared)) >= LOOK * min(old, len(shared)):
            return True
        window = self._window
        heads = compare_headlines(window.headline(ordinal), record.headline, window.story_count, window.headline_words)
        return heads.known and heads.overlap >= _RESEMBLANCE

    def named(self, names: Names, sender: int, at: datetime) -> list[Named]:
        """Find the dispatches of a sender whose headline or slug is among these names, the oldest first."""
        window = self._window
        ordinals = window.sent_by(sender, _minutes(at))
        slots = ordinals % window.capacity
        headlines, lengths = window.headlines(slots)
        fit = fits(names.titles, headlines, lengths)
        told = np.isin(window.slugs[slots], np.array([slug_hash(slug) for slug in names.slugs], np.uint32))
        own = window.slugs[slots] == np.uint32(slug_hash(names.own_slug) or NO_SLUG)
        rows = sorted([*np.flatnonzero(fit > 0)[-_MOST_NAMED:], *np.flatnonzero((told | own) & (fit == 0))[-_MOST_NAMED:]])
        return [Named(*window.ids(int(ordinals[row])), Fit(int(fit[row])), bool(told[row]), bool(own[row])) for row in rows]

    def of_story(self, story: UUID, sender: int, at: datetime) -> list[UUID]:
        """Find the dispatches of a sender in a story, the oldest first."""
        window = self._window
        ordinals = window.sent_by(sender, _minutes(at))
        there = ordinals[window.stories[ordinals % window.capacity] == story_number(story)]
        return [dispatch for dispatch, of in map(window.ids, there.tolist()) if of == story]

    def insert(self, record: Record, dispatch: UUID, story: UUID, at: datetime, *, opens: bool) -> None:
        """Add a text; depends on the record and its verdict alone."""
        if len(record.words):
            self._window.expire(_minutes(at), size(record))
            self._window.insert(record, dispatch, story, _minutes(at), opens=opens)

    # ---- candidates

    def _candidates(self, record: Record, holders: Holders, time: float) -> list[_Candidate]:
        ranked = self._ranked(record, holders, time)
        found: list[_Candidate] = []
        per_story: Counter[int] = Counter()
        worth = False
        for ordinal in ranked:
            if len(found) >= (_TOP if worth else _FIRST):
                break
            slot = ordinal % self._window.capacity
            story = int(self._window.stories[slot])
            if per_story[story] >= _PER_STORY:
                continue
            shared, length = self._shared(record, ordinal)
            count = int(np.count_nonzero(shared))
            found.append(_Candidate(ordinal, slot, story, length, shared, count))
            per_story[story] += 1
            worth = worth or count / min(length, len(shared)) >= LOOK
        return found if worth else []

    def _ranked(self, record: Record, holders: Holders, time: float) -> list[int]:
        """Ordinals of texts that share enough keys, the best first."""
        sketch = record.keys.sketch
        live = holders.live[:sketch]
        held = holders.ordinals[:sketch][live]
        votes = min(_VOTES, max(1, sketch // 4))
        often = _often(held, votes)
        if not often:
            return []
        tally: dict[int, list[int]] = {ordinal: [0, 0] for ordinal in often}
        for ordinal, share in zip(held.tolist(), _SHARES[live.sum(1)][live.nonzero()[0]].tolist(), strict=True):
            if ordinal in tally:
                tally[ordinal][0] += 1
                tally[ordinal][1] += share
        own = len(record.shingles)
        good = []
        for ordinal, (count, share) in tally.items():
            _, length, then = self._window.row(ordinal)
            full = sketch * length / own if length < own else min(float(sketch), SKETCH * own / length)
            full = max(3.0, full)  # votes to be expected if the smaller text stood in the larger one
            if count >= _LEAST_PART * full and share >= _LEAST_SHARE and abs(then - time) <= self._window.minutes:
                good.append((share / full, ordinal))
        good.sort(reverse=True)
        return [ordinal for _, ordinal in good]

    def _shared(self, record: Record, ordinal: int) -> tuple[Mask, int]:
        """Which shingles of the new text stand in an old one, and how many the old one has."""
        old = shingles(self._window.words(ordinal))
        mask = np.zeros(len(record.shingles), np.bool_)
        places = record.shingles.searchsorted(old)
        places[places == len(mask)] = 0
        mask[places[record.shingles[places] == old]] = True
        return mask, int(self._window.shingle_counts[ordinal % self._window.capacity])

    # ---- stories

    def _kin(self, record: Record, found: list[_Candidate], time: float) -> list[_Kin]:
        if not found:
            return []
        stories: dict[int, Mask] = {}
        for one in found:
            stories[one.story] = stories[one.story] | one.shared if one.story in stories else one.shared
        held = np.add.reduce(list(stories.values()), dtype=np.int32) if len(stories) > 1 else None
        numbers = Counter(record.numbers.tolist())
        kin = []
        for one in found:
            if one.common / min(one.length, len(one.shared)) < LOOK:
                continue
            weight = weigh(held, stories[one.story], one.shared, one.length)
            if weight < LEAST_WEIGHT and one.common / min(one.length, len(one.shared)) < LEAST_CONTAINED:
                continue
            new_mark = bool(record.marks - self._window.marks(one.ordinal))
            headline = self._window.headline(one.ordinal)
            pair = Pair(
                shared=one.common,
                old=one.length,
                new=len(one.shared),
                weight=weight,
                old_numbers=Counter(self._window.numbers(one.ordinal).tolist()),
                new_numbers=numbers,
                headlines=compare_headlines(headline, record.headline, self._window.story_count, self._window.headline_words),
                minutes=time - float(self._window.times[one.slot]),
                new_mark=new_mark,
            )
            surety = kinship(pair)
            if surety:
                kin.append(_Kin(surety, one, new_mark, pair.headlines.clash))
        return kin

    def _version(self, record: Record, kin: _Kin) -> Likeness:
        one = kin.candidate
        dispatch, story = self._window.ids(one.ordinal)
        similarity = _ratio(one.common, one.length, len(one.shared))
        changes = self._changes(record, one.ordinal)
        news = "a mark of a later version" if kin.new_mark else _news(changes)
        why = f"shares {_percent(similarity)} with {{of}}, {news}"
        return Likeness(dispatch, story, similarity, copy=False, why=why, changes=changes)

    # ---- copies

    def _original(
        self, record: Record, holders: Holders, kin: list[_Kin], may_be_copied: Callable[[UUID], bool]
    ) -> Likeness | None:  # fmt: skip
        for one in sorted(
            kin, key=lambda one: (one.candidate.common / len(one.candidate.shared), one.candidate.ordinal), reverse=True
        ):
            candidate = one.candidate
            part = candidate.common / len(candidate.shared)
            if one.new_mark or part < _LEAST_COPIED or (one.clash and self._has_new_headline_number(record, candidate)):
                continue
            dispatch, story = self._window.ids(candidate.ordinal)
            if not may_be_copied(dispatch):
                continue
            copied = self._copied(record, holders, candidate)
            if copied is not None:
                return Likeness(dispatch, story, copied[0], copy=True, why=copied[1])
        return None

    def _has_new_headline_number(self, record: Record, one: _Candidate) -> bool:
        """Whether the headline names a number that neither headline nor text of the old dispatch has."""
        numbers = record.headline[(record.headline & np.uint32(NUMBER)) > 0] >> np.uint32(CLASS_BITS)
        old = np.concatenate([self._window.words(one.ordinal), self._window.headline(one.ordinal)]) >> np.uint32(CLASS_BITS)
        return not bool(np.isin(numbers, old).all())

    def _copied(self, record: Record, holders: Holders, one: _Candidate) -> tuple[float, str] | None:
        """How much of a text an old one has, and why it is a copy; None where it is none."""
        old = self._window.words(one.ordinal)
        if len(old) == len(record.words) and bool(((old ^ record.words) >> np.uint32(3) == 0).all()):
            return 1.0, "the same words as {of}"
        text, packed = record.text, self._window.packed_text(one.ordinal)
        before = unpack_text(packed)
        if max(len(text), len(before)) > _LONG_TEXT and one.common < len(one.shared):
            return None
        wording = compare_wording(before, text, _Boilerplate(self._window, record, holders, one.story))
        least = _COPY if min(one.length, len(one.shared)) >= SHORT else _SHORT_COPY
        if wording.fact or wording.new_lead or wording.purity < least:
            return None
        why = f"has {_percent(wording.purity)} of its words from {{of}}, no new number, name, negation or correction mark"
        return wording.purity, why

    def _changes(self, record: Record, ordinal: int) -> Changes:
        return changes_between(unpack_text(self._window.packed_text(ordinal)), record.text)


class _Boilerplate:
    """Whether words of a new text stand in other stories of the window, too."""

    def __init__(self, window: Window, record: Record, holders: Holders, story: int) -> None:
        self._window, self._record, self._holders, self._story = window, record, holders, story
        self._common: list[tuple[int, bool]] | None = None

    def __call__(self, start: int, end: int) -> bool:
        if self._common is None:
            self._common = list(self._placed())
        common = [is_common for place, is_common in self._common if start <= place < end]
        return bool(common) and 2 * sum(common) >= len(common)

    def _placed(self) -> Iterator[tuple[int, bool]]:
        """Place of each key of the text, and whether other stories have it, too."""
        keys = self._record.keys
        common = self._commons(self._holders)
        yield from zip(keys.places, common[keys.sketch :], strict=True)
        ordered: Array64 = shingles(self._record.words)
        sketch = dict(zip(keys.all[: keys.sketch].tolist(), common, strict=False))
        for place, key in enumerate(ordered.tolist()):
            if key in sketch:
                yield place, sketch[key]

    def _commons(self, holders: Holders) -> list[bool]:
        """Whether each key is held by enough other stories."""
        return [self._is_common(ordinals[live]) for ordinals, live in zip(holders.ordinals, holders.live, strict=True)]

    def _is_common(self, ordinals: Array64) -> bool:
        if len(ordinals) < _BOILERPLATE:
            return False
        stories = set(self._window.stories[self._window.slots(ordinals)].tolist()) - {self._story}
        return len(stories) >= _BOILERPLATE


def _often(held: Array64, votes: int) -> list[int]:
    """Ordinals that stand at least ``votes`` times, one or two, among these, the oldest first."""
    if len(held) < votes:
        return []
    ordered = np.sort(held)
    again = ordered[1:][ordered[1:] == ordered[:-1]] if votes > 1 else ordered
    return list(dict.fromkeys(again.tolist()))


def _minutes(at: datetime) -> float:
    return at.timestamp() / 60


def _ratio(shared: int, old: int, new: int) -> float:
    return min(1.0, shared / min(old, new))


def _percent(part: float) -> str:
    return f"{int(part * 100)} %"


def _news(changes: Changes) -> str:
    if changes.numbers_added:
        return f"new number {changes.numbers_added[0]}"
    if changes.names_added:
        return f"new name {changes.names_added[0]}"
    if changes.sentences_added:
        return f"new words “{changes.sentences_added[0][:60]}”"
    return "shorter or re-ordered"
