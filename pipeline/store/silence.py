"""Silence of a feed against its own usual hours. No database, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

# Hours of the same kind that are remembered, and how many are needed before they say anything.
_REMEMBERED, _NEEDED = 8, 4
# Without an item or a look for longer, nobody was watching: that time proves nothing.
_WATCHED = timedelta(minutes=10)
# Items that a quiet hour of this kind would have brought meanwhile: by chance no gap in a month is as long, even beside a hole.
_EXPECTED = 20.0
#: Shorter silences are none.
SHORTEST = timedelta(minutes=15)
_HOUR, _QUARTER = timedelta(hours=1), timedelta(minutes=15)


@dataclass
class Baseline:
    """What a feed usually brings, by hour of day, for workdays and weekends apart."""

    hours: dict[int, list[list[int]]] = field(default_factory=dict)  # items of each quarter, by kind of hour
    clock: datetime | None = None
    hour: datetime | None = None
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    whole: bool = False
    last_item: datetime | None = None
    watched_since: datetime | None = None
    silent_since: datetime | None = None

    def item(self, at: datetime, zone: tzinfo) -> None:
        """Take an item at the time it was received."""
        if self.clock is not None and at < self.clock - _HOUR:
            return
        self.look(max(at, self.clock or at), zone)
        assert self.clock is not None  # noqa: S101 - look has set it
        self.counts[self.clock.minute // 15] += 1
        self.last_item = max(at, self.last_item or at)
        if self.silent_since is not None:
            self.silent_since, self.whole = None, False

    def look(self, now: datetime, zone: tzinfo) -> None:
        """Let the time pass until now."""
        start = now.replace(minute=0, second=0, microsecond=0)
        if self.clock is None or self.hour is None or now - self.clock > _WATCHED:
            self.clock = self.watched_since = now
            self.hour, self.counts, self.whole = start, [0, 0, 0, 0], False
            return
        if now <= self.clock:
            return
        self.clock = now
        if start > self.hour:
            if self.whole and self.silent_since is None:
                kept = self.hours.setdefault(_kind(self.hour, zone), [])
                kept.append(self.counts)
                del kept[:-_REMEMBERED]
            self.hour, self.counts, self.whole = start, [0, 0, 0, 0], True

    def silence(self, now: datetime, zone: tzinfo, shortest: timedelta = SHORTEST) -> datetime | None:
        """Since when the feed is silent although it usually is not; None where nothing is unusual."""
        if self.silent_since is not None:
            return self.silent_since
        if self.last_item is None or self.watched_since is None:
            return None
        since = max(self.last_item, self.watched_since)
        if now - since < shortest or self._expected(since, now, zone) < _EXPECTED:
            return None
        return self.last_item

    def _expected(self, since: datetime, now: datetime, zone: tzinfo) -> float:
        """Items that the least busy hours but one of these kinds would have brought; at most a week is counted.

        Only whole quarters count, and only those that all days but one brought something in: a feed may end its day sharply.
        """
        total, at = 0.0, max(since, now - timedelta(days=7))
        at += (_HOUR - timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond)) % _QUARTER
        while at + _QUARTER <= now and total < _EXPECTED:
            kept = self.hours.get(_kind(at, zone), [])
            if len(kept) >= _NEEDED:
                busy = [quarter for quarter in range(4) if sum(not counts[quarter] for counts in kept) <= 1]
                if at.minute // 15 in busy:
                    total += sorted(map(sum, kept))[1] / len(busy)
            at += _QUARTER
        return total


def _kind(at: datetime, zone: tzinfo) -> int:
    local = at.astimezone(zone)
    return local.hour + 24 * (local.weekday() >= 5)
