"""A month of numbered feeds whose truth is known before anything looks at it.

Holes, numbers that come late, copies, rounds that end, midnights, nights and weekends without an item, two outages.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday; summer time begins within the month
DAYS = 30


@dataclass(frozen=True)
class Service:
    """How a service numbers and how many items its hours bring."""

    provider: str
    name: str
    rule: str
    zone: str
    day: float  # items an hour from 7 to 21 o'clock
    night: float
    weekend: float  # share of a workday
    first: int = 1

    @property
    def size(self) -> int | None:
        return int(self.rule.partition(":")[2]) if ":" in self.rule else None


SERVICES = (
    Service("afp", "ECO", "rollover:9999", "UTC", 40, 6, 0.5, first=9700),
    Service("ats", "BAS", "rollover:999", "Europe/Zurich", 30, 2, 0.4),
    Service("ap", "A", "daily", "America/New_York", 45, 12, 0.6),
    Service("belga", "INT", "daily", "Europe/Brussels", 25, 0, 0.5),  # silent nights
    Service("dpa", "kul", "rollover:9999", "Europe/Berlin", 12, 0, 0),  # silent nights and weekends
)


@dataclass
class Month:
    """What arrives, in order of arrival, and what is to be found out about it."""

    arrivals: list[tuple[datetime, int, str, datetime]] = field(default_factory=list)  # received, service, number as written, sent
    holes: dict[int, list[frozenset[int]]] = field(default_factory=dict)  # by service, numbers of each reported hole
    filled: dict[int, list[frozenset[int]]] = field(default_factory=dict)  # those of them that are closed later
    silences: list[tuple[int, datetime, datetime]] = field(default_factory=list)  # service, begin, end


def generate(seed: int = 1) -> Month:
    """Write the month and its truth."""
    month, chance = Month(), random.Random(seed)
    for index, service in enumerate(SERVICES):
        sent = _sent(service, chance)
        _transmit(month, index, service, sent, chance)
    month.arrivals.sort()
    return month


def _sent(service: Service, chance: random.Random) -> list[tuple[datetime, int]]:
    zone, number, day, sent = ZoneInfo(service.zone), service.first - 1, None, []
    for minute in range(DAYS * 24 * 60):
        at = START + timedelta(minutes=minute)
        local = at.astimezone(zone)
        rate = service.day if 7 <= local.hour < 21 else service.night
        rate *= service.weekend if local.weekday() >= 5 else 1
        for _ in range(sum(chance.random() < rate / 180 for _ in range(3))):
            if service.size is None and local.date() != day:
                number = 0
            day = local.date()
            number = number % service.size + 1 if service.size else number + 1
            sent.append((at + timedelta(seconds=chance.random() * 60), number))
    return sorted(sent, key=lambda each: each[0].replace(second=0, microsecond=0))


def _transmit(month: Month, index: int, service: Service, sent: list[tuple[datetime, int]], chance: random.Random) -> None:
    holes: list[frozenset[int]] = []
    filled: list[frozenset[int]] = []
    outage = _outage(index)
    cut = frozenset(number for at, number in sent if outage and outage[0] <= at < outage[1])
    if outage and cut:
        holes.append(cut)
        month.silences.append((index, *outage))
    position, quiet = 1, 5
    month.arrivals.append((sent[0][0], index, f"{sent[0][1]:04d}", sent[0][0]))
    while position < len(sent):
        at, number = sent[position]
        if outage and outage[0] <= at < outage[1]:
            position, quiet = position + 1, 5
            continue
        length = chance.choice((1, 1, 1, 2, 3, 7))
        run = sent[position : position + length]
        # A loss is seen by what comes after it, the same day and not after an outage; what is alone around midnight is not seen.
        whole = (
            len(run) == length
            and position + length + 5 < len(sent)
            and _ordinary(service, sent[position - 3 : position + length + 5], outage)
        )
        event = chance.random() if quiet <= 0 and whole else 1
        numbers = frozenset(each for _, each in run)
        after = sent[min(position + length, len(sent) - 1)][0]
        if event < 0.004:  # lost for ever
            holes.append(numbers)
        elif event < 0.007:  # lost, sent again hours later
            holes.append(numbers)
            filled.append(numbers)
            late = after + timedelta(minutes=chance.uniform(30, 600))
            month.arrivals += [
                (late + timedelta(seconds=step), index, f"{each:04d}", then) for step, (then, each) in enumerate(run)
            ]
        elif event < 0.03:  # late, within grace
            month.arrivals += [
                (after + timedelta(seconds=chance.uniform(1, 400)), index, f"{each:04d}", then) for then, each in run
            ]
        else:
            month.arrivals.append((at, index, f"{number:04d}", at))
            if chance.random() < 0.05:  # and again
                month.arrivals.append((at + timedelta(seconds=chance.uniform(1, 3000)), index, f"{number:04d}", at))
            position, quiet = position + 1, quiet - 1
            continue
        position, quiet = position + length, 5
    month.holes[index], month.filled[index] = holes, filled
    if outage:  # a line that is cut brings nothing, not even what is sent again
        month.arrivals = [
            (outage[1] + (at - outage[0]) / 60, each, *rest) if each == index and outage[0] <= at < outage[1] else (at, each, *rest)
            for at, each, *rest in month.arrivals
        ]


def _ordinary(service: Service, around: list[tuple[datetime, int]], outage: tuple[datetime, datetime] | None) -> bool:
    zone = ZoneInfo(service.zone)
    same_day = service.size is not None or len({at.astimezone(zone).date() for at, _ in around}) == 1
    return same_day and not (outage and any(abs(at - edge) < timedelta(hours=1) for at, _ in around for edge in outage))


def _outage(index: int) -> tuple[datetime, datetime] | None:
    """The Zurich line is cut for two hours on a Wednesday, the Brussels line for three on another."""
    begin = {1: START + timedelta(days=16, hours=9), 3: START + timedelta(days=23, hours=12)}.get(index)
    return (begin, begin + timedelta(hours=2 + index // 2)) if begin else None
