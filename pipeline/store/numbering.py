"""Holes in a numbered feed: which numbers are missing, and when a late one closes a hole. No database, no clock.

Numbers are unrolled into places on one line: a round of a feed that rolls over at 9999 has 9999 places, a day of a feed that
starts anew at midnight has a million.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

# Places of a day, more than any service sends in one.
_DAY = 1_000_000
# Around midnight, numbers of both days are under way.
_MIDNIGHT = timedelta(minutes=10)
# A feed counts as consecutively numbered from the upper mark on, until it falls below the lower: whoever receives a selection
# of a service sees holes that are none. The average looks back at about 32 numbers.
_STEADY, _UNSTEADY, _WEIGHT = 0.75, 0.3, 1 / 32
# A number so little above the newest belongs to the same day, whatever the day before lacks.
_NEAR = 20
# A longer hole needs as many seconds to be sent; where they have not passed, the agency has numbered anew, or the number is of
# another day.
_LONG = 100
# Items in a row, far behind and over this time, after which the line has jumped by more than half a round.
_BEHIND, _BEHIND_TIME = 3, timedelta(minutes=10)
# A feed that is not consecutive opens holes for ever; only the newest matter.
_MOST_HOLES = 256


@dataclass(frozen=True)
class Rule:
    """How a service numbers: by day in a zone, or in rounds of ``size`` numbers."""

    zone: tzinfo
    size: int | None = None

    @classmethod
    def parse(cls, text: str, zone: tzinfo) -> Rule | None:
        """Read a profile's ``sequence``; None where it promises nothing.

        >>> from datetime import UTC
        >>> Rule.parse("rollover:999", UTC).size
        999
        """
        if text == "daily":
            return cls(zone)
        kind, _, size = text.partition(":")
        return cls(zone, int(size)) if kind == "rollover" and size.isdecimal() and int(size) > 1 else None

    def number(self, written: str | None) -> int | None:
        """Read a number as written; None for what no consecutive number can be.

        >>> from datetime import UTC
        >>> Rule(UTC, 999).number("0157"), Rule(UTC, 999).number("1000"), Rule(UTC).number("a7")
        (157, None, None)
        """
        if written is None or not re.fullmatch(r"[0-9]{1,6}", written.strip()):
            return None
        number = int(written)
        return number if 1 <= number <= (self.size or _DAY - 1) else None

    def shown(self, place: int) -> int:
        """Number at a place, as the agency counts."""
        return place % self.size + 1 if self.size else place % _DAY

    def span(self, first: int, last: int) -> str:
        """Write a stretch of places.

        >>> from datetime import UTC
        >>> Rule(UTC, 999).span(997, 1000)
        '998–2'
        """
        return str(self.shown(first)) if first == last else f"{self.shown(first)}–{self.shown(last)}"


@dataclass
class Hole:
    """Numbers that did not come, and what of them is still missing."""

    first: int
    last: int
    noticed_at: datetime
    missing: list[tuple[int, int]] = field(default_factory=list)
    closed_at: datetime | None = None
    reported_at: datetime | None = None

    def fill(self, place: int, at: datetime) -> bool:
        """Take a late number; whether it was missing."""
        for index, (first, last) in enumerate(self.missing):
            if first <= place <= last:
                halves = [(first, place - 1), (place + 1, last)]
                self.missing[index : index + 1] = [(low, high) for low, high in halves if low <= high]
                if not self.missing:
                    self.closed_at = at
                return True
        return False

    @property
    def size(self) -> int:
        """How many are still missing."""
        return sum(last - first + 1 for first, last in self.missing)


@dataclass
class Line:
    """What is known of one service's numbers; ``holes`` are those that are open."""

    newest: int | None = None
    newest_at: datetime | None = None
    before: int | None = None  # highest place of the day before the newest
    steadiness: float = 0.5
    numbered: bool = False
    behind: list[int] = field(default_factory=list)
    behind_since: datetime | None = None
    holes: list[Hole] = field(default_factory=list)
    held: list[tuple[int, datetime]] = field(default_factory=list)

    def observe(
        self, rule: Rule, number: int, at: datetime, sent_at: datetime | None = None, *, repeated: bool = False
    ) -> list[Hole]:
        """Take the next item's number and the times it was received and sent; return holes that it closes.

        Times may be out of order. ``repeated`` says that the item was found to be a copy: it may still be one that was missing, or
        the next, but it never shows a jump.
        """
        if self.newest is None or self.newest_at is None:
            self._advance(number - 1 if rule.size else self._day(rule, sent_at or at) * _DAY + number, at)
            return []
        if at < self.newest_at - timedelta(days=1):
            return []
        if rule.size:
            return self._take(rule, self._rolled(rule.size, number), at, repeated=repeated)
        if sent_at is None and not repeated and self._either(rule, number, at):
            self.held.append((number, at))
            return []
        closed = self._decide(rule, number, at) if self.held and not repeated else []
        place = self._daily(rule, number, at, sent_at, repeated=repeated)
        return closed if place is None else closed + self._take(rule, place, at, repeated=repeated)

    def _either(self, rule: Rule, number: int, at: datetime) -> bool:
        """Whether a number ahead may be one that yesterday lacks as well as today's: what comes next will tell."""
        assert self.newest is not None  # noqa: S101 - observe has checked
        today = max(self._day(rule, at), self.newest // _DAY)
        newest = max(self.newest, today * _DAY) % _DAY
        lacking = self._missing((today - 1) * _DAY + number) and not self._missing(today * _DAY + number)
        follows = not self.held or abs(number - max(self.held)[0]) <= _BEHIND
        return lacking and follows and newest + _BEHIND < number

    def _decide(self, rule: Rule, number: int, at: datetime) -> list[Hole]:
        """Put the held numbers where they belong: today's are followed by one that yesterday does not lack."""
        assert self.newest is not None  # noqa: S101 - observe has checked
        held, self.held = sorted(self.held), []
        today = max(self._day(rule, at), self.newest // _DAY)
        day = today if abs(number - held[-1][0]) <= _BEHIND else today - 1
        return [hole for each, came in held for hole in self._take(rule, day * _DAY + each, came, repeated=False)]

    def _take(self, rule: Rule, place: int, at: datetime, *, repeated: bool) -> list[Hole]:
        assert self.newest is not None  # noqa: S101 - observe has checked
        closed = self._fill(place, at)
        if closed is not None:
            return closed
        if repeated and place > self.newest + _NEAR:
            return []
        if place > self.newest:
            self._forward(rule, place, at)
        elif not rule.size and self.before is not None and self.before < place < self._start(self.newest):
            self._open(self.before + 1, place - 1, at)
            self.before = place
        elif rule.size and not repeated:
            self._fall_behind(rule.size, place, at)
        return []

    def overdue(self, now: datetime, grace: timedelta) -> list[Hole]:
        """Take the holes that are to be reported: each once, when its grace has passed and the feed is consecutive."""
        found = [hole for hole in self.holes if self.numbered and not hole.reported_at and now - hole.noticed_at >= grace]
        for hole in found:
            hole.reported_at = now
        return found

    def _forward(self, rule: Rule, place: int, at: datetime) -> None:
        assert self.newest is not None  # noqa: S101 - observe has checked
        assert self.newest_at is not None  # noqa: S101 - observe has checked
        first = self.newest + 1
        if not rule.size and place // _DAY != self.newest // _DAY:
            self.before, first = self.newest, self._start(place)
        size = place - first
        plausible = size <= _LONG or (at - self.newest_at).total_seconds() >= size
        if not plausible and not rule.size and first == self.newest + 1:
            return
        self._steady(hit=size == 0)
        if plausible:
            self._open(first, place - 1, at)
        self._advance(place, at)

    def _advance(self, place: int, at: datetime) -> None:
        self.newest, self.newest_at, self.behind, self.behind_since = place, at, [], None

    def _steady(self, *, hit: bool) -> None:
        self.steadiness += _WEIGHT * (hit - self.steadiness)
        self.numbered = self.steadiness >= (_UNSTEADY if self.numbered else _STEADY)

    def _open(self, first: int, last: int, at: datetime) -> None:
        if first <= last:
            self.holes = [*self.holes[1 - _MOST_HOLES :], Hole(first, last, at, [(first, last)])]

    def _fill(self, place: int, at: datetime) -> list[Hole] | None:
        for hole in self.holes:
            if hole.first <= place <= hole.last and hole.fill(place, at):
                closed = [hole] if hole.closed_at else []
                if closed:  # what only came late was no sign against the feed
                    self.steadiness = min(1.0, self.steadiness + _WEIGHT)
                self.holes = [each for each in self.holes if not each.closed_at]
                return closed
        return None

    def _rolled(self, size: int, number: int) -> int:
        assert self.newest is not None  # noqa: S101 - observe has checked
        ahead = (number - 1 - self.newest) % size
        return self.newest + (ahead if ahead <= size // 2 else ahead - size)

    def _fall_behind(self, size: int, place: int, at: datetime) -> None:
        """Notice that the line went on more than half a round ahead, after an outage."""
        if place == self.newest or (self.behind and place <= self.behind[-1]):
            return
        if not self.behind or place - self.behind[-1] > _BEHIND:
            self.behind, self.behind_since = [place], at
            return
        self.behind.append(place)
        assert self.newest is not None  # noqa: S101 - observe has checked
        assert self.behind_since is not None  # noqa: S101 - set with the first of them
        if len(self.behind) >= _BEHIND and at - self.behind_since >= _BEHIND_TIME:
            if size + self.behind[0] != self.newest + 1 and (self.behind[0] % size) > _BEHIND:
                self._open(self.newest + 1, size + self.behind[0] - 1, at)
            self._advance(size + place, at)

    def _daily(self, rule: Rule, number: int, at: datetime, sent_at: datetime | None, *, repeated: bool) -> int | None:
        """Decide which day a number belongs to; None where it says nothing."""
        assert self.newest is not None  # noqa: S101 - observe has checked
        today, known = self._day(rule, at), self.newest // _DAY
        latest, sent = max(today, known), None if sent_at is None else self._day(rule, sent_at)
        local = at.astimezone(rule.zone)
        if repeated:  # it came before, or is a copy of something else: then it is the next, or fills what its own day lacks
            here = number <= self.newest % _DAY and not self._missing(known * _DAY + number)
            days = [sent] if sent is not None else [latest, known] if here else [latest, known, known - 1]
            places = [day * _DAY + number for day in days]
            return next((each for each in places if each == self.newest + 1 or self._missing(each)), None)
        days = [latest, known] if sent is None else [sent, latest, known]
        if sent_at is None or _near(sent_at.astimezone(rule.zone)):  # else it is known not to be of the day before
            days += [latest - 1, known - 1]
        if number <= _BEHIND and local.hour == 23 and _near(local):
            days.append(today + 1)
        for day in days:
            if self._fits(day * _DAY + number):
                return day * _DAY + number
        if sent is not None:
            return sent * _DAY + number if sent >= known - 1 else None
        place = latest * _DAY + number
        if place > self.newest:
            self._suspect(place, at)
        return None

    def _fits(self, place: int) -> bool:
        """Whether a number is missing there, or is one of the next."""
        assert self.newest is not None  # noqa: S101 - observe has checked
        if self._missing(place):
            return True
        day, known = place // _DAY, self.newest // _DAY
        if day == known:
            top = self.newest
        elif day > known:
            top = day * _DAY
        elif self.before is not None and self.before // _DAY == day:
            top = self.before
        else:
            return False
        return top < place <= top + _NEAR

    def _suspect(self, place: int, at: datetime) -> None:
        """A number far ahead whose day nobody knows: a few that follow one another are a jump, one is of another day."""
        assert self.newest is not None  # noqa: S101 - observe has checked
        if not self.behind or not 0 < place - self.behind[-1] <= _BEHIND:
            self.behind, self.behind_since = [place], at
            return
        self.behind.append(place)
        if len(self.behind) < _BEHIND:
            return
        first = self.newest + 1
        if place // _DAY != self.newest // _DAY:
            self.before, first = self.newest, self._start(place)
        came = self.behind
        self._steady(hit=False)
        self._open(first, place, at)
        for each in came:
            self._fill(each, at)
        self._advance(place, at)

    def _missing(self, place: int) -> bool:
        return any(first <= place <= last for hole in self.holes for first, last in hole.missing)

    @staticmethod
    def _day(rule: Rule, at: datetime) -> int:
        return at.astimezone(rule.zone).date().toordinal()

    @staticmethod
    def _start(place: int) -> int:
        return place // _DAY * _DAY + 1


def _near(local: datetime) -> bool:
    """Whether it is about midnight."""
    passed = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    return min(passed, timedelta(days=1) - passed) <= _MIDNIGHT
