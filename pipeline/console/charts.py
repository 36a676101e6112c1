"""Charts as numbers: where each bar of a stacked chart stands. The templates draw them as SVG, without a script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 720, 160
_HOUR = timedelta(hours=1)
# Languages that get a colour of their own; the rest is one.
_SERIES = 5


@dataclass(frozen=True)
class Bar:
    """A rectangle and what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True)
class Chart:
    """Stacked bars by hour, a legend, the highest value and the hours at both ends."""

    bars: list[Bar]
    legend: list[tuple[int, str]]
    highest: int
    first: datetime
    last: datetime
    rows: list[tuple[datetime, str, int]]
    """The same as a table, for those who do not see it."""
    width: int = WIDTH
    height: int = HEIGHT


def stacked(counts: Iterable[tuple[datetime, str, int]], hours: int, order: Sequence[str] | None = None) -> Chart | None:
    """Stack counts of named series by hour, ``hours`` of them up to the last; None where there is nothing.

    Series are those of ``order``, or the most frequent ones and "other".
    """
    rows = sorted(counts)
    if not rows:
        return None
    names = list(order) if order is not None else _most_frequent(rows)
    last = rows[-1][0]
    first = last - (hours - 1) * _HOUR
    by_hour: dict[datetime, dict[str, int]] = {}
    for hour, name, number in rows:
        cell = by_hour.setdefault(hour, {})
        key = name if name in names else "other"
        cell[key] = cell.get(key, 0) + number
    if any("other" in cell for cell in by_hour.values()):
        names = [*names, "other"]
    highest = max(sum(cell.values()) for cell in by_hour.values())
    bars = [bar for hour, cell in by_hour.items() if hour >= first for bar in _stack(hour, cell, names, (first, hours, highest))]
    return Chart(bars, list(enumerate(names)), highest, first, last, rows)


def _most_frequent(rows: Sequence[tuple[datetime, str, int]]) -> list[str]:
    totals: dict[str, int] = {}
    for _, name, number in rows:
        totals[name] = totals.get(name, 0) + number
    return sorted(totals, key=lambda name: (-totals[name], name))[:_SERIES]


def _stack(hour: datetime, cell: dict[str, int], names: list[str], frame: tuple[datetime, int, int]) -> list[Bar]:
    first, hours, highest = frame
    step = WIDTH / hours
    bars, top = [], float(HEIGHT)
    for series, name in enumerate(names):
        number = cell.get(name, 0)
        if number:
            height = HEIGHT * number / highest
            top -= height
            x = (hour - first) / _HOUR * step
            title = f"{hour:%d %b %H:00}: {number} {name}"
            bars.append(Bar(round(x + 1, 1), round(top, 1), round(step - 2, 1), round(height, 1), series, title))
    return bars
