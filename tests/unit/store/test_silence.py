"""Silence is unusual only against the feed's own hours, and only while somebody watches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.store.silence import Baseline

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
NOON = timedelta(hours=12)


def watched(days: int, hours: range = range(24), until: timedelta = NOON) -> Baseline:
    """Make a baseline of a feed with 40 items in each of the given hours, looked at every five minutes."""
    baseline = Baseline()
    for minute in range(0, int((timedelta(days=days) + until) / timedelta(minutes=1)), 5):
        at = START + timedelta(minutes=minute)
        baseline.look(at, UTC)
        if at.hour in hours and minute % 15 == 0:
            for _ in range(10):
                baseline.item(at, UTC)
    return baseline


def after(baseline: Baseline, now: datetime, minutes: int) -> datetime | None:
    for passed in range(5, minutes + 1, 5):
        baseline.look(now + timedelta(minutes=passed), UTC)
    return baseline.silence(now + timedelta(minutes=minutes), UTC)


def test_a_busy_hour_without_an_item_is_unusual() -> None:
    noon = START + timedelta(days=9) + NOON
    assert after(watched(9), noon, 10) is None
    assert after(watched(9), noon, 45) is not None


def test_a_night_that_is_usually_silent_is_not() -> None:
    baseline = watched(9, range(7, 21), timedelta(hours=21))
    assert after(baseline, START + timedelta(days=9, hours=21), 9 * 60) is None


def test_nothing_is_unusual_before_a_few_days_are_known() -> None:
    assert after(watched(2), START + timedelta(days=2) + NOON, 300) is None


def test_time_in_which_nobody_looked_proves_nothing() -> None:
    """After a stop of an hour the clock of silence starts anew."""
    baseline, noon = watched(9), START + timedelta(days=9) + NOON
    back = noon + timedelta(hours=1)
    baseline.look(back, UTC)
    assert baseline.silence(back, UTC) is None
    assert after(baseline, back, 45) is not None
