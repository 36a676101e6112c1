"""A month of numbered feeds: every hole is reported once and closed when it is filled; there is no false alarm."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.store.numbering import Hole, Line, Rule
from pipeline.store.silence import SHORTEST, Baseline
from tests.unit.store.month import DAYS, SERVICES, START, generate

GRACE = timedelta(minutes=10)


def numbers(rule: Rule, hole: Hole) -> frozenset[int]:
    return frozenset(rule.shown(place) for first, last in hole.missing for place in range(first, last + 1))


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))])
def test_a_month_shows_every_hole_once_and_nothing_else(seed: int) -> None:
    month = generate(seed)
    rules = [Rule.parse(service.rule, ZoneInfo(service.zone)) for service in SERVICES]
    lines, baselines = [Line() for _ in SERVICES], [Baseline() for _ in SERVICES]
    reported: list[list[tuple[frozenset[int], Hole]]] = [[] for _ in SERVICES]
    silences: list[tuple[int, datetime, datetime]] = []
    arrivals = iter([*month.arrivals, (START + timedelta(days=99), 0, "1", START)])
    arrival = next(arrivals)
    for tick in range(0, (DAYS + 1) * 24 * 60, 5):  # what is sent again at the end comes a day later
        now = START + timedelta(minutes=tick)
        while arrival[0] <= now:
            at, index, written, sent_at = arrival
            rule = rules[index]
            assert rule
            number = rule.number(written)
            assert number
            lines[index].observe(rule, number, at, sent_at)
            baselines[index].item(at, rule.zone)
            arrival = next(arrivals)
        for index, service in enumerate(SERVICES):
            zone = ZoneInfo(service.zone)
            baselines[index].look(now, zone)
            since = baselines[index].silence(now, zone)
            if since and baselines[index].silent_since is None and tick < DAYS * 24 * 60:
                baselines[index].silent_since = since
                silences.append((index, since, now))
            rule = rules[index]
            assert rule
            reported[index] += [(numbers(rule, hole), hole) for hole in lines[index].overdue(now, GRACE)]
    for index in range(len(SERVICES)):
        name = f"{SERVICES[index].provider}, seed {seed}"
        assert Counter(missing for missing, _ in reported[index]) == Counter(month.holes[index]), name
        closed = Counter(missing for missing, hole in reported[index] if hole.closed_at)
        assert closed == Counter(month.filled[index]), name
    assert [index for index, *_ in silences] == [index for index, *_ in sorted(month.silences, key=lambda each: each[1])]
    for (_, _, noticed), (_, begin, _) in zip(silences, sorted(month.silences, key=lambda each: each[1]), strict=True):
        assert SHORTEST <= noticed - begin <= timedelta(hours=1.5)
