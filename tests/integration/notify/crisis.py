"""A short crisis, played to a notifier by a clock set by hand; as a program it kills itself at a given moment.

Usage: crisis.py STORE SUBSCRIBERS CLOCK POINT COUNT — the COUNT-th time that POINT is reached the process ends by SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.messages import Event, Position
from pipeline.notify import notifier as module
from pipeline.notify.channels import webhook
from pipeline.notify.channels.post import PostOffice
from pipeline.notify.notifier import Notifier
from pipeline.notify.subscribers import load_subscribers
from pipeline.settings import NotifySettings, StoreSettings
from pipeline.store.database import Store
from pipeline.store.progress import read_positions, write_positions
from tests.samples import new_dispatch, new_event, new_match, new_story

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EMBARGO = START + timedelta(seconds=300)
#: Longer than a lease, so that what a dead process held is free when the next one starts.
AFTER_CRASH = timedelta(seconds=20)
SETTINGS = NotifySettings(timeout_seconds=1)

#: Where the process can be made to die many times, and where only so often.
RARE = {"reminder due": 1, "reminder written": 1, "pruning written": 2}
POINTS = (
    "plan written", "plan committed", "release written", "claim written", "claim committed", "answer arrived", "attempt made",
    "settlement begun", "settlement written", "settlement committed", "summary written",
)  # fmt: skip


def event(item: str, number: int, severity: int, relation: str = "new", **fields: Any) -> Event:
    """Make one event; the number is its reception."""
    revision, withdrawn = str(number), relation == "withdrawal"
    dispatch = new_dispatch(
        item_id=item, revision=revision, headline=f"Item {item}", text="Sudria moves.", received_at=START, feed="crisis",
        position=number, **{"published_at": START, **fields},
    )  # fmt: skip
    alerts = [] if withdrawn else [new_match(severity, words=("text", 0, "Sudri"))]
    return new_event(dispatch, new_story(item, relation, providers=["afp"], withdrawn=withdrawn), alerts=alerts)


#: Items whose embargo ends one after the other, so that every change of state happens often enough to be hit.
FREED = 25
KILL = {"status": "canceled", "signal": "kill"}
#: A is told, rises and is corrected; B is freed from embargo; C is killed under embargo, D after it was told; E is too old;
#: F is replaced under embargo.
STEPS: list[tuple[int, list[Event]]] = [
    (
        0,
        [
            event("A", 0, 3),
            event("B", 1, 4, embargoed_until=EMBARGO),
            event("C", 2, 4, embargoed_until=EMBARGO),
            event("D", 3, 4),
            event("E", 8, 4, published_at=START - timedelta(days=3)),
            event("F", 9, 4, embargoed_until=EMBARGO),
        ],
    ),
    (60, [event("A", 4, 5, "update"), event("F", 10, 4, "update", embargoed_until=EMBARGO)]),
    (120, [event("C", 5, 1, "withdrawal", **KILL), event("D", 6, 1, "withdrawal", **KILL)]),
    (300, []),
    (360, [event("A", 7, 5, "correction")]),
    *[
        (400 + 2 * number, [event(f"G{number}", 100 + number, 4, embargoed_until=START + timedelta(seconds=401 + 2 * number))])
        for number in range(FREED)
    ],
    *[(later, []) for later in (500, 600, 1200, 5000, 30000)],
]


def play(url: str, subscribers: Path, clock: Path) -> None:
    """Play what has not been played yet; position and plan commit together, as in an engine."""
    store = Store.open(StoreSettings(url=url))
    notifier = Notifier(store, load_subscribers(subscribers), SETTINGS)
    now = datetime.fromisoformat(clock.read_text())
    for number, (seconds, events) in enumerate(STEPS):
        with store.reading() as connection:
            played = int(read_positions(connection, "crisis").get("", _nothing()).position)
        now = max(now, START + timedelta(seconds=seconds))
        clock.write_text(now.isoformat())
        if number > played:
            with store.writing() as connection:
                notifier.plan(connection, events, now)
                write_positions(connection, [Position(feed="crisis", position=str(number), updated_at=now)])
                reached("plan written")
            reached("plan committed")
        notifier.deliver_due(now)
    notifier.close()
    store.close()


def _nothing() -> Position:
    return Position(feed="crisis", position="-1", updated_at=START)


reached: Callable[[str], None] = lambda _: None  # noqa: E731


def die_at(point: str, count: int) -> None:
    """Arm the fail point."""
    left = count

    def hit(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def after(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            result = function(*arguments, **options)
            hit(name)
            return result

        return wrapped

    def before(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            hit(name)
            return function(*arguments, **options)

        return wrapped

    globals()["reached"] = hit
    module.release = after(module.release, "release written")
    module.summarise = after(module.summarise, "summary written")
    module.remind = after(before(module.remind, "reminder due"), "reminder written")
    module.prune = after(module.prune, "pruning written")
    module.claim = after(module.claim, "claim written")
    module.settle = after(before(module.settle, "settlement begun"), "settlement written")
    PostOffice.send = after(before(PostOffice.send, "claim committed"), "attempt made")  # type: ignore[method-assign]
    webhook._finish = before(webhook._finish, "answer arrived")
    writing = Store.writing
    settled = module.settle

    @contextmanager
    def watched(self: Store) -> Iterator[Any]:
        done = False

        def noting(*arguments: Any, **options: Any) -> Any:
            nonlocal done
            done = True
            return settled(*arguments, **options)

        module.settle = noting
        with writing(self) as connection:
            yield connection
        if done:
            hit("settlement committed")

    Store.writing = watched  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    die_at(sys.argv[4], int(sys.argv[5]))
    play(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
