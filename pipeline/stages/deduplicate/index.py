"""Texts of the window, to find copies and versions by.

Candidates share a few of the smallest shingles; which of them is of the same story is decided by exact containment, numbers,
headlines and rarity (``kinship``), and whether a text is a copy by the words that changed (``wording``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np

from pipeline.messages import Changes
from pipeline.stages.deduplicate.addressee import Fit, Named, fits
from pipeline.stages.deduplicate.boilerplate import Boilerplate
from pipeline.stages.deduplicate.candidates import Candidate, candidates, compared
from pipeline.stages.deduplicate.changes import changes_between
from pipeline.stages.deduplicate.kinship import LOOK, SHORT, Pair, compare_headlines, kinship, may_be_kin, weigh
from pipeline.stages.deduplicate.lexicon import CLASS_BITS, LEXICON, NUMBER
from pipeline.stages.deduplicate.naming import NO_SLUG, Names, slug_hash
from pipeline.stages.deduplicate.record import Record, unpack_text
from pipeline.stages.deduplicate.window import Holders, Window, size, story_number
from pipeline.stages.deduplicate.wording import compare_wording

_COPY, _SHORT_COPY = 0.9, 0.97
"""Part of a copy's words that the original has."""
_LEAST_COPIED = 0.4
"""Part of the new text's shingles below which its words are not compared."""
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


class _Kin(NamedTuple):
    surety: float
    candidate: Candidate
    new_mark: bool
    clash: bool
    """Whether the headlines name different numbers."""


class Index:
    """Texts received within the window."""

    def __init__(self, window: timedelta, capacity: int) -> None:
        self._window = Window(window.total_seconds() / 60, capacity)

    def compare(self, record: Record, at: datetime, may_be_copied: Callable[[UUID], bool]) -> Likeness | None:
        """Find the dispatch that this text copies or follows; None where there is none. Changes nothing."""
        if not len(record.words):
            return None
        holders = self._window.holders(record)
        found = candidates(self._window, record, holders, _minutes(at))
        kin = self._kin(record, found, _minutes(at)) if found else []
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
        (one,) = compared(self._window, record, [ordinal])
        return _similarity(one), self._changes(record, ordinal)

    def resembles(self, record: Record, dispatch: UUID) -> bool:
        """Whether a text shares more with a dispatch than chance: enough where the agency links the two."""
        ordinal = self._window.ordinal(dispatch)
        if ordinal is None:
            return False
        (one,) = compared(self._window, record, [ordinal])
        if one.common >= LOOK * min(one.length, len(one.shared)):
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
            time = _minutes(at)
            self._window.expire(time, size(record))
            self._window.insert(record, dispatch, story, time, opens=opens)

    # ---- stories

    def _kin(self, record: Record, found: list[Candidate], time: float) -> list[_Kin]:
        weights = weigh([(one.story, one.shared, one.common, one.length) for one in found])
        numbers: Counter[int] | None = None
        kin = []
        for one, weight in zip(found, weights, strict=True):
            if not may_be_kin(one.common, one.length, len(one.shared), weight):
                continue
            numbers = Counter(record.numbers.tolist()) if numbers is None else numbers
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
                minutes=time - self._window.time(one.ordinal),
                new_mark=new_mark,
            )
            surety = kinship(pair)
            if surety:
                kin.append(_Kin(surety, one, new_mark, pair.headlines.clash))
        return kin

    def _version(self, record: Record, kin: _Kin) -> Likeness:
        one = kin.candidate
        dispatch, story = self._window.ids(one.ordinal)
        similarity = _similarity(one)
        changes = self._changes(record, one.ordinal)
        news = "a mark of a later version" if kin.new_mark else _news(changes)
        why = f"shares {_percent(similarity)} with {{of}}, {news}"
        return Likeness(dispatch, story, similarity, copy=False, why=why, changes=changes)

    # ---- copies

    def _original(
        self, record: Record, holders: Holders, kin: list[_Kin], may_be_copied: Callable[[UUID], bool]
    ) -> Likeness | None:  # fmt: skip
        for one in sorted(kin, key=lambda one: (one.candidate.part, one.candidate.ordinal), reverse=True):
            candidate = one.candidate
            if one.new_mark or candidate.part < _LEAST_COPIED or (one.clash and self._has_new_headline_number(record, candidate)):
                continue
            dispatch, story = self._window.ids(candidate.ordinal)
            if not may_be_copied(dispatch):
                continue
            copied = self._copied(record, holders, candidate)
            if copied is not None:
                return Likeness(dispatch, story, copied[0], copy=True, why=copied[1])
        return None

    def _has_new_headline_number(self, record: Record, one: Candidate) -> bool:
        """Whether the headline names a number that neither headline nor text of the old dispatch has."""
        numbers = record.headline[(record.headline & np.uint32(NUMBER)) > 0] >> np.uint32(CLASS_BITS)
        old = np.concatenate([self._window.words(one.ordinal), self._window.headline(one.ordinal)]) >> np.uint32(CLASS_BITS)
        return not bool(np.isin(numbers, old).all())

    def _copied(self, record: Record, holders: Holders, one: Candidate) -> tuple[float, str] | None:
        """How much of a text an old one has, and why it is a copy; None where it is none."""
        old = self._window.words(one.ordinal)
        if len(old) == len(record.words) and bool(((old ^ record.words) >> np.uint32(3) == 0).all()):
            return 1.0, "the same words as {of}"
        text, packed = record.text, self._window.packed_text(one.ordinal)
        before = unpack_text(packed)
        if max(len(text), len(before)) > _LONG_TEXT and one.common < len(one.shared):
            return None
        headline = set((self._window.headline(one.ordinal) >> np.uint32(CLASS_BITS)).tolist())
        boilerplate = Boilerplate(self._window, record, holders, one.story)
        wording = compare_wording(before, text, boilerplate, lambda word: LEXICON[word] >> CLASS_BITS in headline)
        least = _COPY if min(one.length, len(one.shared)) >= SHORT else _SHORT_COPY
        if wording.fact or wording.new_lead or wording.purity < least:
            return None
        why = f"has {_percent(wording.purity)} of its words from {{of}}, no new number, name, negation or correction mark"
        return wording.purity, why

    def _changes(self, record: Record, ordinal: int) -> Changes:
        return changes_between(unpack_text(self._window.packed_text(ordinal)), record.text)


def _minutes(at: datetime) -> float:
    return at.timestamp() / 60


def _similarity(one: Candidate) -> float:
    return min(1.0, one.contained)


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
