"""A month of numbered feeds: every number that is missed is reported once and closed when it comes; there is no false alarm."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.store.numbering import Hole, Line, Rule
from pipeline.store.silence import Baseline
from tests.unit.store.month import DAYS, START, WIRES, Item, Wire, arrivals, sent, truth

GRACE, TICK = timedelta(minutes=10), timedelta(minutes=5)
END = START + timedelta(days=DAYS + 1)


def watch(wire: Wire, items: list[Item]) -> tuple[list[tuple[datetime, Hole, list[int]]], list[tuple[datetime, datetime]], Rule]:
    """Look at a feed every few minutes as the program does; return holes as they were reported, and silences."""
    zone = ZoneInfo(wire.zone)
    rule = Rule.parse(wire.rule, zone)
    assert rule
    line, baseline = Line(), Baseline()
    reported: list[tuple[datetime, Hole, list[int]]] = []
    silences: list[tuple[datetime, datetime]] = []
    coming = arrivals(wire, items)
    arrival = next(coming, None)
    now = START
    while now < END:
        now += TICK
        while arrival and arrival.at <= now:
            line.observe(rule, arrival.number, arrival.at, arrival.sent_at, repeated=arrival.repeated)
            baseline.item(arrival.at, zone)
            arrival = next(coming, None)
        baseline.look(now, zone)
        since = baseline.silence(now, zone)
        if since and baseline.silent_since is None and now < START + timedelta(days=DAYS):
            baseline.silent_since = since
            silences.append((since, now))
        overdue = line.overdue(now, GRACE)
        reported += [(now, hole, [place for first, last in hole.missing for place in range(first, last + 1)]) for hole in overdue]
    return reported, silences, rule


def named(rule: Rule, place: int, noticed_at: datetime, items: list[Item]) -> tuple[date, int]:
    """The day and number of a place; in a feed that rolls over, of the item last sent with that number."""
    number = rule.shown(place)
    if not rule.size:
        return date.fromordinal(place // 1_000_000), number
    last = max((item for item in items if item.number == number and item.sent_at <= noticed_at), key=lambda each: each.sent_at)
    return last.day, number


def check(wire: Wire, seed: int) -> list[str]:
    """Compare what was reported with what is true; return a line for each difference."""
    items = sent(wire, random.Random(f"{wire.name} {seed}"))
    reported, silences, rule = watch(wire, items)
    true = truth(wire, items, GRACE, 2 * TICK)
    found = Counter(named(rule, place, hole.noticed_at, items) for _, hole, places in reported for place in places)
    wrong = [f"reported {count} times: {key}" for key, count in found.items() if count > 1]
    wrong += [f"not missing: {key}" for key in set(found) - true.missed - true.doubtful]
    settled = {key for key in true.missed if key[0] < (START + timedelta(days=DAYS - 1)).date()}
    wrong += [f"not reported: {key}" for key in settled - set(found)]
    for at, hole, places in reported:
        keys = {named(rule, place, hole.noticed_at, items) for place in places}
        if (keys <= true.came) != bool(hole.closed_at) and at < START + timedelta(days=DAYS - 1):
            wrong.append(f"{'closed' if hole.closed_at else 'open'}: {sorted(keys)}")
    cut = [START + timedelta(hours=each) for each in wire.cut] if wire.cut else []
    wrong += [
        f"no silence: {since:%d. %H:%M} at {now:%H:%M}"
        for since, now in silences
        if not cut or not cut[0] - timedelta(hours=1) <= since <= cut[1]
    ]
    if cut and len(silences) != 1:
        wrong.append(f"the cut line was reported {len(silences)} times")
    return [f"{wire.name}, seed {seed}: {each}" for each in wrong]


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 13))])
def test_a_month_shows_every_hole_once_and_nothing_else(wire: Wire, seed: int) -> None:
    assert check(wire, seed) == []
