"""What a new text says that an old one does not: the words that changed, and whether they matter.

Re-wrapping, typing errors, house style, capitals, moved paragraphs, datelines, by-lines and service notes do not; a number, a
name or a negation does.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from pipeline.stages.deduplicate.alignment import Stretch, differences
from pipeline.stages.deduplicate.lexicon import affirmed, are_opposite
from pipeline.stages.deduplicate.notices import DATELINE_WORDS, is_credit, is_dateline, is_service
from pipeline.stages.deduplicate.tokens import Token, tokens

_LEAD_WORDS = 12
"""New words at the start of a text that make a new lead."""
_ALIKE, _NAME_ALIKE, _RUN_ALIKE = 0.7, 0.75, 0.85
_SHORTEST, _LONGEST_WORD = 4, 40
_LONG_MONTH = 7
"""Letters of a month that no other word is a slip of the hand away from."""
_BESIDE = 12
"""Words before and behind among which the one that was misspelt is looked for: else a long list costs the square of its length."""
_SIGNS = 2
"""Signs of a script without spaces that make a word."""
_CAPITALS = 0.6
_WEEKDAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_RELATIVE_DAYS = frozenset({"yesterday", "today", "tomorrow", "tonight"})
_ALIASES = {"unitedstates": "us", "unitedkingdom": "uk", "britain": "uk"}
#: Of these words one in place of another says something else, however alike they look.
_CLOSED = (
    frozenset({"hundred", "thousand", "million", "billion", "trillion", "dozen", "hundreds", "thousands", "millions", "billions"}),
    _WEEKDAYS,
    frozenset({"north", "south", "northern", "southern", "east", "west", "eastern", "western"}),
    frozenset({"rise", "rose", "fall", "fell", "up", "down", "more", "less", "above", "below", "higher", "lower"}),
    frozenset({"buy", "sell", "bought", "sold", "won", "lost", "win", "lose", "profit", "loss", "gain", "gains", "losses"}),
    frozenset(
        {"increase", "decrease", "increased", "decreased", "accepted", "rejected", "confirmed", "denied", "guilty", "innocent"}
    ),
    frozenset({"killed", "injured", "wounded", "dead", "alive", "arrested", "released", "before", "after", "open", "closed"}),
)


@dataclass
class Wording:
    """How the wording of a new text differs from an old one, counted up to the first fact that changed."""

    fact: str | None = None
    """The first changed number, name or negation, for a person; None where there is none."""
    new_words: int = 0
    """Words of the new text that the old one lacks and nothing explains."""
    lost_words: int = 0
    """Words that the old text has and the new one left out inside a sentence."""
    explained: int = 0
    """Words of datelines, by-lines, service notes and boilerplate that the old text lacks."""
    words: int = 0
    """Words of the new text."""
    old_words: int = 0
    """Words of the old text."""
    new_lead: bool = False
    """Whether it begins with a sentence of its own."""

    @property
    def purity(self) -> float:
        """Part of the text that both have, leaving out what is explained and what was cut as a whole."""
        rest = self.words - self.explained
        if rest <= 0:
            return 1.0
        return max(0.0, 1 - max(self.new_words / rest, self.lost_words / self.old_words if self.old_words else 0.0))


def compare_wording(
    old: str,
    new: str,
    boilerplate: Callable[[int, int], bool] = lambda _start, _end: False,
    headed: Callable[[str], bool] = lambda _word: False,
) -> Wording:
    """Compare two texts word by word.

    ``boilerplate(start, end)`` tells whether these words of the new text stand in other stories, too, ``headed(word)`` whether
    the headline of the old text has a word: a name that it has is no new one.

    >>> compare_wording("The toll rose to 12 in Norville on Monday.", "The toll rose to 15 in Norville on Monday.").fact
    'number 15 for 12'
    """
    return _Comparison(tokens(old), tokens(new), boilerplate, headed).wording()


class _Comparison:
    def __init__(
        self, old: Sequence[Token], new: Sequence[Token], boilerplate: Callable[[int, int], bool], headed: Callable[[str], bool]
    ) -> None:
        self._old, self._new, self._boilerplate, self._headed = old, new, boilerplate, headed
        self._result = Wording(words=len(new), old_words=len(old))
        self._stretches = differences([token.normal for token in old], [token.normal for token in new])

    def wording(self) -> Wording:
        for stretch in self._stretches:
            self._judge(stretch)
            if self._result.fact is not None:
                return self._result
        self._count()
        return self._result

    @cached_property
    def _shouts(self) -> bool:
        return _mostly_capitals(self._old) or _mostly_capitals(self._new)

    @cached_property
    def _known(self) -> set[str]:
        return {_stem(token.normal) for token in self._old}

    @cached_property
    def _names(self) -> set[str]:
        return {token.normal for token in (*self._old, *self._new) if token.capital and not token.initial}

    @cached_property
    def _new_numbers(self) -> Counter[str]:
        return Counter(_numbers(self._new))

    def _count(self) -> None:
        """Look for numbers and negations too many or too few where the words around them stand elsewhere in the text, too."""
        stretches = self._stretches
        old = _outside(self._old, [(stretch.old_start, stretch.old_end) for stretch in stretches])
        new = _outside(self._new, [(stretch.new_start, stretch.new_end) for stretch in stretches])
        number = next(iter(Counter(_numbers(new)) - Counter(_numbers(self._old))), None)
        self._note(f"number {number}" if number else None)
        signs = (
            (Counter(_signs(new)) - Counter(_signs(self._old))).total(),
            (Counter(_signs(old)) - Counter(_signs(self._new))).total(),
        )
        self._note("other words" if max(signs) >= _SIGNS else None)
        denials = Counter(_denials(new)) - Counter(_denials(self._old)), Counter(_denials(old)) - Counter(_denials(self._new))
        self._note(f"“{next(iter(denials[0]))}”" if denials[0] else None)
        self._note(f"without “{next(iter(denials[1]))}”" if denials[1] else None)

    def _judge(self, stretch: Stretch) -> None:
        gone = self._old[stretch.old_start : stretch.old_end]
        come = self._new[stretch.new_start : stretch.new_end]
        if _joined(gone) == _joined(come) or (gone and come and _is_misspelt_run(gone, come)):
            return
        if not come:
            self._removed(gone, stretch)
        elif stretch.new_start == 0 and is_dateline(come) and (not gone or (stretch.old_start == 0 and is_dateline(gone))):
            self._result.explained += len(come)
        elif not gone or len(come) > len(gone) + DATELINE_WORDS or stretch.new_end == len(self._new):
            self._added(stretch, gone)
        else:
            self._replaced(gone, come)

    def _removed(self, gone: Sequence[Token], stretch: Stretch) -> None:
        """Words left out: a text that was cut is a copy, one that lost its “not” is none."""
        if stretch.old_start == 0 and is_dateline(gone):
            return
        if gone[0].starts and (stretch.old_end == len(self._old) or self._old[stretch.old_end].starts):
            return
        self._note(next((f"without “{token.text}”" for token in gone if token.denies), None))
        number = next(iter(Counter(_numbers(gone)) - self._new_numbers), None)
        self._note(f"without number {number}" if number else None)
        self._note("without some signs" if len(_signs(gone)) >= _SIGNS else None)
        self._result.lost_words += len(gone)

    def _added(self, stretch: Stretch, gone: Sequence[Token]) -> None:
        """Words put in: judged sentence by sentence."""
        sentences = self._sentences(stretch)
        explained = self._explained(sentences)
        if gone and not any(explained):
            self._replaced(gone, self._new[stretch.new_start : stretch.new_end])
            return
        rest = [sentence for sentence, is_explained in zip(sentences, explained, strict=True) if not is_explained]
        self._result.explained += sum(last - first for first, last in sentences) - sum(last - first for first, last in rest)
        for first, last in rest:
            come = self._new[first:last]
            if _joined(gone) == _joined(come):
                continue
            if gone:
                self._replaced(gone, come)
            else:
                self._weigh(come, [])
            if first == 0 and last - first >= _LEAD_WORDS:
                self._result.new_lead = True

    def _sentences(self, stretch: Stretch) -> list[tuple[int, int]]:
        starts = [place for place in range(stretch.new_start + 1, stretch.new_end) if self._new[place].starts]
        bounds = [stretch.new_start, *starts, stretch.new_end]
        return list(itertools.pairwise(bounds))

    def _explained(self, sentences: Sequence[tuple[int, int]]) -> list[bool]:
        """Which sentences are datelines, by-lines, notices to subscribers or stand in other stories, too."""
        explained = []
        serves = False
        for first, last in sentences:
            come = self._new[first:last]
            serves = is_service(come, serves)
            explained.append(serves or (first == 0 and (is_dateline(come) or is_credit(come))) or self._is_boilerplate(first, last))
        for number in range(len(sentences) - 1, -1, -1):
            first, last = sentences[number]
            at_end = last == len(self._new) if number == len(sentences) - 1 else explained[number + 1]
            if not at_end or not (explained[number] or (self._new[first].starts and is_credit(self._new[first:last]))):
                break
            explained[number] = True
        return explained

    def _is_boilerplate(self, first: int, last: int) -> bool:
        if not self._new[first].starts or (last < len(self._new) and not self._new[last].starts):
            return False
        return self._boilerplate(self._new[first].place, self._new[last - 1].place + 1)

    def _replaced(self, gone: Sequence[Token], come: Sequence[Token]) -> None:
        if len(gone) == len(come) and all(map(_is_misspelt, gone, come)):
            return
        if Counter(_numbers(gone)) - Counter(_numbers(come)) and not _is_same_day(gone, come):
            numbers = "/".join(_numbers(come)) or " ".join(token.text for token in come[:4])
            self._note(f"number {numbers} for {'/'.join(_numbers(gone))}")
        if any(token.denies for token in gone) and not any(token.denies for token in come):
            self._note(f"without “{next(token.text for token in gone if token.denies)}”")
        words = {token.normal for token in gone}, {token.normal for token in come}
        before, after = words[0] - words[1], words[1] - words[0]
        pairs = [(old, new) for old in before for new in affirmed(old) & after]
        pairs += [(old, new) for new in after for old in affirmed(new) & before]
        self._note("“{1}” for “{0}”".format(*min(pairs)) if pairs else None)
        for closed in _CLOSED:
            if before & closed and after & closed:
                self._note(f"“{min(after & closed)}” for “{min(before & closed)}”")
        self._weigh(come, gone)
        self._result.lost_words += len(gone)

    def _weigh(self, come: Sequence[Token], gone: Sequence[Token]) -> None:
        """Look for what matters in words that came, perhaps in place of others."""
        added = Counter(_numbers(come)) - Counter(_numbers(gone))
        if added and not _is_same_day(gone, come):
            self._note(f"number {next(iter(added))}")
        if any(token.denies for token in come) and not any(token.denies for token in gone):
            self._note(f"“{next(token.text for token in come if token.denies)}”")
        named, same_day = any(map(self._is_name, gone)), _is_same_day(gone, come)
        replaced = {_stem(token.normal) for token in gone if not _is_sign(token)}
        for place, token in enumerate(come):
            stem = _stem(token.normal)
            told = stem in self._known or (not gone and (self._headed(token.normal) or self._headed(stem)))
            told = told and not _is_sign(token)
            known = same_day or (told and not (named and gone)) or stem in replaced
            if (
                not known
                and (self._is_name(token) or self._renames(token, gone))
                and not any(_is_misspelt(other, token) for other in _beside(gone, place, len(come)))
            ):
                self._note(f"name {token.text}")
                break
        self._result.new_words += len(come)

    def _renames(self, token: Token, gone: Sequence[Token]) -> bool:
        """Whether a word at the start of a sentence is a name, or came in place of one."""
        if not (token.initial and token.capital and gone) or len(token.text) < _SHORTEST:
            return False
        return token.normal in self._names or any(other.capital and other.normal in self._names for other in gone)

    def _is_name(self, token: Token) -> bool:
        if token.numbers or token.denies:
            return False
        if not token.cased:
            return True
        return token.capital and len(token.text) > 1 and (not token.initial or (self._shouts and token.text.isupper()))

    def _note(self, fact: str | None) -> None:
        if self._result.fact is None:
            self._result.fact = fact


def _numbers(run: Sequence[Token]) -> list[str]:
    return [number for token in run for number in token.numbers]


def _is_long_month(token: Token) -> bool:
    return len(token.text) >= _LONG_MONTH and any(number.startswith("m:") for number in token.numbers)


def _denials(run: Sequence[Token]) -> list[str]:
    return [token.normal for token in run if token.denies]


def _signs(run: Sequence[Token]) -> list[str]:
    """Signs of a script without spaces."""
    return [token.normal for token in run if _is_sign(token)]


def _is_sign(token: Token) -> bool:
    return len(token.text) == 1 and not token.cased and not token.numbers


def _outside(text: Sequence[Token], stretches: Sequence[tuple[int, int]]) -> list[Token]:
    inside = {place for start, end in stretches for place in range(start, end)}
    return [token for place, token in enumerate(text) if place not in inside]


def _stem(word: str) -> str:
    """Write a name without the s of its genitive or plural."""
    return word.removesuffix("s").removesuffix("'") if len(word) > _SHORTEST else word


def _beside(run: Sequence[Token], place: int, length: int) -> Sequence[Token]:
    """Words at about the same place as one of a run of this length that took its place: a slip of the hand moves no word."""
    middle = place * len(run) // length
    return run[max(0, middle - _BESIDE) : middle + _BESIDE + 1]


def _joined(run: Sequence[Token]) -> str:
    joined = "".join(token.normal if token.numbers else "".join(filter(str.isalnum, token.normal)) for token in run)
    return _ALIASES.get(joined, joined)


def _mostly_capitals(run: Sequence[Token]) -> bool:
    cased = [token for token in run if token.cased]
    return sum(token.text.isupper() for token in cased) > _CAPITALS * len(cased)


def _is_misspelt(old: Token, new: Token) -> bool:
    """Whether one word is the other with a letter or two wrong, or in another spelling or ending."""
    one, other = old.normal, new.normal
    if one == other:
        return True
    if old.denies or new.denies or not (one.isalpha() and other.isalpha() and old.cased and new.cased):
        return False
    if are_opposite(one, other) or (old.numbers and new.numbers) or any(one in closed and other in closed for closed in _CLOSED):
        return False
    if max(len(one), len(other)) > _LONGEST_WORD:
        return False
    if _is_long_month(old) or _is_long_month(new):
        one, other = old.text.casefold(), new.text.casefold()
    if max(len(one), len(other)) < _SHORTEST:
        return abs(len(one) - len(other)) <= 1 and sum(map(str.__ne__, one, other)) <= 1
    named = (old.capital and not old.initial) or (new.capital and not new.initial)
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= (_NAME_ALIKE if named else _ALIKE)


def _is_misspelt_run(gone: Sequence[Token], come: Sequence[Token]) -> bool:
    """Whether words run together or torn apart are the same but for a letter or two."""
    if len(gone) == len(come) or len(gone) + len(come) > DATELINE_WORDS:
        return False
    if any(not token.cased or not token.normal.isalpha() or len(token.normal) > _LONGEST_WORD for token in (*gone, *come)):
        return False
    one, other = _joined(gone), _joined(come)
    lost = any(token.normal not in other for token in gone if token.denies)
    if lost or any(token.normal not in one for token in come if token.denies):
        return False
    return len(one) >= _SHORTEST and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _RUN_ALIKE


def _is_same_day(gone: Sequence[Token], come: Sequence[Token]) -> bool:
    """Whether “yesterday” became “Saturday”, or the other way round."""
    before, after = {token.normal for token in gone}, {token.normal for token in come}
    return bool((before & _RELATIVE_DAYS and after & _WEEKDAYS) or (before & _WEEKDAYS and after & _RELATIVE_DAYS)) and not (
        _numbers(gone) or _numbers(come)
    )
