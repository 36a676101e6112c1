"""Numbers, rounds and midnights of numbered feeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.store.numbering import Hole, Line, Rule

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROUND = Rule(UTC, 999)
DAILY = Rule(ZoneInfo("Europe/Berlin"))


def fed(rule: Rule, numbers: list[int], *, at: datetime = NOON, step: int = 60) -> Line:
    line = Line()
    for index, number in enumerate(numbers):
        line.observe(rule, number, at + timedelta(seconds=step * index))
    return line


def holes(rule: Rule, line: Line) -> list[str]:
    return [rule.span(hole.first, hole.last) for hole in line.holes]


def test_consecutive_numbers_have_no_hole_over_the_end_of_a_round() -> None:
    assert holes(ROUND, fed(ROUND, [997, 998, 999, 1, 2])) == []


def test_a_hole_may_span_the_end_of_a_round() -> None:
    assert holes(ROUND, fed(ROUND, [996, 997, 3, 4])) == ["998–2"]


def test_a_late_number_closes_its_hole_and_repeated_ones_change_nothing() -> None:
    line = fed(ROUND, [1, 2, 5, 5, 2, 3])
    assert [hole.missing for hole in line.holes] == [[(3, 3)]]
    assert [hole.closed_at for hole in line.observe(ROUND, 4, NOON)] == [NOON]
    assert line.holes == []


def test_a_feed_received_in_part_is_never_reported() -> None:
    """Whoever takes every second dispatch of a service loses nothing."""
    line = fed(ROUND, [1 + 2 * index % 999 for index in range(400)])
    assert not line.numbered
    assert line.overdue(NOON + timedelta(days=1), timedelta(minutes=10)) == []


def test_a_hole_is_reported_once_after_its_grace() -> None:
    line = fed(ROUND, [*range(1, 60), 62])
    noticed = line.holes[0].noticed_at
    grace = timedelta(minutes=10)
    assert line.overdue(noticed + grace - timedelta(seconds=1), grace) == []
    assert len(line.overdue(noticed + grace, grace)) == 1
    assert line.overdue(noticed + 2 * grace, grace) == []


def test_an_agency_that_numbers_anew_has_lost_nothing() -> None:
    assert holes(Rule(UTC, 9999), fed(Rule(UTC, 9999), [6000, 6001, 1, 2, 3])) == []


def test_more_than_half_a_round_lost_in_an_outage_is_a_hole() -> None:
    line = fed(ROUND, list(range(1, 50)))
    after = NOON + timedelta(hours=20)
    for index in range(12):
        line.observe(ROUND, 700 + index, after + timedelta(minutes=index * 2))
    assert holes(ROUND, line) == ["50–699"]


def test_a_day_starts_with_one_in_the_agencys_zone() -> None:
    midnight = datetime(2026, 3, 2, 23, tzinfo=UTC)  # in Berlin
    line = fed(DAILY, [501, 502], at=midnight - timedelta(minutes=5))
    line.observe(DAILY, 1, midnight + timedelta(minutes=30))
    assert holes(DAILY, line) == []
    line.observe(DAILY, 3, midnight + timedelta(minutes=40))
    assert holes(DAILY, line) == ["2"]


def test_the_last_numbers_of_a_day_may_come_after_midnight() -> None:
    midnight = datetime(2026, 3, 2, 23, tzinfo=UTC)
    line = fed(DAILY, [501, 502], at=midnight - timedelta(minutes=5))
    for number, seconds in ((1, 10), (503, 20), (2, 30), (504, 40), (3, 50)):
        line.observe(DAILY, number, midnight + timedelta(seconds=seconds))
    assert holes(DAILY, line) == []


def test_numbers_lost_at_the_start_of_a_day_are_a_hole() -> None:
    line = fed(DAILY, [501, 502])
    line.observe(DAILY, 4, NOON + timedelta(days=1))
    assert holes(DAILY, line) == ["1–3"]


@pytest.mark.parametrize("written", [None, "", "0", "1000", "12a", "20260301001", "-5", "١٢"])
def test_what_is_no_consecutive_number_is_passed_over(written: str | None) -> None:
    assert ROUND.number(written) is None


def test_an_old_reception_read_again_opens_nothing() -> None:
    line = fed(ROUND, [500, 501])
    line.observe(ROUND, 900, NOON - timedelta(days=3))
    assert holes(ROUND, line) == []


def test_filling_splits_what_is_missing() -> None:
    hole = Hole(1, 5, NOON, [(1, 5)])
    assert hole.fill(3, NOON)
    assert not hole.fill(3, NOON)
    assert hole.missing == [(1, 2), (4, 5)]
    assert hole.size == 4
