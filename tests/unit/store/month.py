"""A month of numbered feeds whose truth is written down item by item, by what was sent and what became of it.

Nothing here knows how holes are looked for. Rates follow the hour and the weekday; items overtake one another; some come hours late,
some twice, some never, alone or in runs, also over midnights and the ends of rounds; one line is cut for hours.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday; summer time begins within the month
DAYS = 30
# Items after which somebody who knows nothing of a feed can tell that its numbers follow one another. Before, what came late at
# last is not reported; in a feed without times, nobody can tell on the first day which late items are of the day before.
_LEARNING = 64


@dataclass(frozen=True)
class Wire:
    """How a service numbers and when it sends."""

    name: str
    rule: str
    zone: str
    day: float  # items in its busiest hour
    night: float
    weekend: float  # share of a workday
    first: int = 1
    timed: bool = True  # whether its items say when they were sent
    cut: tuple[float, float] | None = None  # hours since the start between which the line is cut
    rests: tuple[int, int] = (0, 0)  # hours of the day in which it sends nothing


WIRES = (
    Wire("rolls at 9999", "rollover:9999", "UTC", 40, 6, 0.5, first=9700),
    Wire("rolls at 999", "rollover:999", "Europe/Zurich", 30, 2, 0.4, cut=(16 * 24 + 9.0, 16 * 24 + 11.5)),
    Wire("new every day", "daily", "America/New_York", 45, 12, 0.6, timed=False),
    Wire("new every day, silent nights", "daily", "Europe/Brussels", 25, 0, 0.5, cut=(23 * 24 + 12.0, 23 * 24 + 15.0), rests=(0, 6)),
    Wire("silent nights and weekends", "rollover:9999", "Europe/Berlin", 14, 0, 0, rests=(19, 7)),
    Wire("busy, ends sharply", "daily", "Europe/Paris", 150, 4, 0.3, rests=(0, 5)),
)  # fmt: skip


@dataclass
class Item:
    """Something sent: its number, when it was sent, and each time that it came."""

    number: int
    day: date
    sent_at: datetime
    came_at: list[datetime]


def sent(wire: Wire, chance: random.Random) -> list[Item]:
    """Number what a wire sends in a month, and decide what becomes of each item."""
    zone, number, day = ZoneInfo(wire.zone), wire.first - 1, None
    size = int(wire.rule.partition(":")[2]) if ":" in wire.rule else 0
    items: list[Item] = []
    at = START
    while at < START + timedelta(days=DAYS):
        at += timedelta(hours=chance.expovariate(wire.day * 1.3))
        local = at.astimezone(zone)
        if chance.random() > _rate(wire, local) / (wire.day * 1.3):
            continue
        if not size and local.date() != day:
            number = 0
        day = local.date()
        number = number % size + 1 if size else number + 1
        items.append(Item(number, day, at, []))
    _transmit(wire, items, chance)
    return items


def _rate(wire: Wire, local: datetime) -> float:
    begin, end = wire.rests
    resting = begin <= local.hour < end if begin <= end else local.hour >= begin or local.hour < end
    if resting:
        return 0.0
    hour = local.hour + local.minute / 60
    shape = max(0.0, math.sin((hour - 6) / 16 * math.pi)) if 6 <= hour <= 22 else 0.0
    weekday = wire.weekend if local.weekday() >= 5 else (1.1, 1.0, 1.05, 1.0, 0.85)[local.weekday()]
    return (wire.night + (wire.day - wire.night) * shape**0.5) * weekday


def _transmit(wire: Wire, items: list[Item], chance: random.Random) -> None:
    cut = [START + timedelta(hours=each) for each in wire.cut] if wire.cut else None
    lost, again = 0, False
    for item in items:
        if lost == 0 and chance.random() < 0.004:  # a run of losses; one in three is sent again
            lost, again = min(30, 1 + int(chance.expovariate(0.5))), chance.random() < 0.33
        at = item.sent_at + timedelta(seconds=chance.uniform(0.2, 1.0) * chance.choice((2, 2, 2, 2, 5, 45)))
        if lost:
            lost -= 1
            if again:
                item.came_at.append(item.sent_at + timedelta(minutes=chance.uniform(25, 18 * 60)))
        elif chance.random() < 0.02:  # late, between a minute and six hours
            item.came_at.append(at + timedelta(minutes=math.exp(chance.uniform(0, math.log(360)))))
        else:
            item.came_at.append(at)
            if chance.random() < 0.03:
                item.came_at.append(at + timedelta(minutes=math.exp(chance.uniform(-2, math.log(720)))))
        if cut:  # a line that is cut brings nothing; what was late comes when it is whole
            item.came_at = [
                max(each, cut[1]) if cut[0] <= each < cut[1] else each for each in item.came_at if not _gone(each, item, cut)
            ]


def _gone(at: datetime, item: Item, cut: list[datetime]) -> bool:
    return cut[0] <= at < cut[1] and item.sent_at > cut[0]


@dataclass(frozen=True)
class Arrival:
    """An item as it comes in."""

    at: datetime
    number: int
    sent_at: datetime | None
    repeated: bool


def arrivals(wire: Wire, items: list[Item]) -> Iterator[Arrival]:
    """Yield what comes in, in the order in which it does."""
    came = [
        (at, item.number, item.sent_at if wire.timed else None, at > min(item.came_at)) for item in items for at in item.came_at
    ]
    for each in sorted(came, key=lambda arrival: arrival[0]):
        yield Arrival(*each)


@dataclass(frozen=True)
class Truth:
    """What is to be found out about a wire: items by number and day of sending."""

    missed: frozenset[tuple[date, int]]  # later than the grace after something newer had come: must be reported
    doubtful: frozenset[tuple[date, int]]  # about at the end of the grace: may be
    came: frozenset[tuple[date, int]]  # whatever came at some time


def truth(wire: Wire, items: list[Item], grace: timedelta, slack: timedelta) -> Truth:
    """Say which items somebody with a list of everything that was sent would miss.

    An item can be missed from the moment on at which one came that was sent after it, in a daily feed on the same day: what the day
    ends with leaves no trace.
    """
    missed, doubtful, known = set(), set(), set()
    overtaken: dict[date | None, datetime] = {}
    first = min((item for item in items if item.came_at), key=lambda each: min(each.came_at))
    for item in reversed(items):
        round_ = None if ":" in wire.rule else item.day
        key = item.day, item.number
        noticed = overtaken.get(round_)
        came = min(item.came_at, default=None)
        if came:
            known.add(key)
            overtaken[round_] = min(came, overtaken.get(round_, came))
        if noticed is None or item.sent_at < first.sent_at:
            continue
        learning = item.sent_at < items[_LEARNING].sent_at and came is not None
        if learning or (not wire.timed and ":" not in wire.rule and item.day <= (START + timedelta(days=1)).date()):
            doubtful.add(key)
        elif came is None or came > noticed + grace + slack:
            missed.add(key)
        elif came > noticed + grace - slack:
            doubtful.add(key)
    return Truth(frozenset(missed), frozenset(doubtful), frozenset(known))
