"""How dispatches stand after kills, holds and corrections."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from pipeline.messages import Event, Relation, Signal, Status
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.events import write_events
from pipeline.store.removal import purge_item
from pipeline.store.standing import Member, Standing, read_standings, standings

STANDS, CORRECTED, HELD, WITHDRAWN = Standing.STANDS, Standing.CORRECTED, Standing.HELD, Standing.WITHDRAWN


def member(identifier: str, item: str, relation: Relation = Relation.NEW, **more: object) -> Member:
    given = {"status": Status.USABLE, "signal": Signal.NEW, "current": True, **more}
    return Member(identifier, ("afp", item), relation, **given)  # type: ignore[arg-type]


FIRST = member("first", "1")
COPY = member("copy", "9", Relation.DUPLICATE, of="first")
SECOND = member("second", "1", Relation.UPDATE, of="first")
OTHER = member("other", "2", Relation.UPDATE, of="first")
FIX = member("fix", "1", Relation.CORRECTION, of="first", signal=Signal.CORRECTION)
KILL = member("kill", "1", Relation.WITHDRAWAL, of="second", status=Status.CANCELED, signal=Signal.KILL)
ADVISORY = member("kill", "77", Relation.WITHDRAWAL, of="first", signal=Signal.KILL)
HOLD = member("hold", "1", Relation.WITHDRAWAL, of="first", status=Status.WITHHELD, signal=Signal.HOLD)
BOTH = member("kill", "77", Relation.WITHDRAWAL, of="first", signal=Signal.KILL, named=(("afp", "1"), ("afp", "2")))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([FIRST, SECOND], {}),
        ([FIRST, COPY, SECOND, OTHER, KILL], {"first": WITHDRAWN, "copy": WITHDRAWN, "second": WITHDRAWN, "kill": WITHDRAWN}),
        ([FIRST, SECOND, ADVISORY], {"first": WITHDRAWN, "second": WITHDRAWN, "kill": WITHDRAWN}),
        ([FIRST, OTHER, BOTH], {"first": WITHDRAWN, "other": WITHDRAWN, "kill": WITHDRAWN}),
        ([FIRST, COPY, FIX], {"first": CORRECTED, "copy": CORRECTED}),
        ([FIRST, FIX, KILL], {"first": WITHDRAWN, "fix": WITHDRAWN, "kill": WITHDRAWN}),
        ([FIRST, HOLD], {"first": HELD, "hold": HELD}),
        ([FIRST, HOLD, SECOND], {}),
        ([FIRST, KILL, HOLD], {"first": WITHDRAWN, "kill": WITHDRAWN, "hold": WITHDRAWN}),
        ([FIRST, KILL, SECOND], {}),
        (
            [FIRST, KILL, member("late", "1", Relation.UPDATE, current=False)],
            {"first": WITHDRAWN, "late": WITHDRAWN, "kill": WITHDRAWN},
        ),
        ([FIRST, member("old", "1", Relation.WITHDRAWAL, status=Status.CANCELED, current=False)], {}),
    ],
)
def test_each_dispatch_stands_as_its_item_does(members: list[Member], expected: dict[str, Standing]) -> None:
    assert {key: how for key, how in standings(members).items() if how is not STANDS} == expected


def told(event: Event, **verdict: object) -> Event:
    assert event.story
    return event.model_copy(update={"story": event.story.model_copy(update=verdict)})


def test_a_kill_counts_though_its_file_be_older_than_what_it_kills(store: Store, event: Callable[..., Event]) -> None:
    """Files of a folder that was copied have any time; the order of the verdicts counts."""
    first, fix = event(1, minute=5), event(1, revision="2", relation=Relation.CORRECTION, minute=7)
    kill = event(1, revision="3", relation=Relation.WITHDRAWAL, status=Status.CANCELED, minute=0)
    assert first.story
    with store.writing() as connection:
        write_events(connection, [first, fix, kill])
        known = read_standings(connection, [str(first.story.id)])
        assert [known[str(each.dispatch.id)] for each in (first, fix, kill)] == [WITHDRAWN] * 3
        assert connection.execute(select(schema.stories.c.status)).scalar() == "withdrawn"


def test_a_kill_that_names_items_of_other_stories_withdraws_those_too(store: Store, event: Callable[..., Event]) -> None:
    """Until the item's next version; and not after the notice itself was purged."""
    first, second = event(1, story="one"), event(2, story="two")
    notice = event(9, story="one", relation=Relation.WITHDRAWAL, status=Status.CANCELED, minute=5)
    notice = told(notice, withdraws=["1", "2"])
    assert first.story and second.story
    stories = [str(first.story.id), str(second.story.id)]
    with store.writing() as connection:
        write_events(connection, [first, second, notice])
        known = read_standings(connection, stories)
        assert {known.get(str(each.dispatch.id)) for each in (first, second, notice)} == {WITHDRAWN}
        assert set(connection.execute(select(schema.stories.c.status)).scalars()) == {"withdrawn"}
        again = event(2, story="two", revision="2", relation=Relation.UPDATE, minute=9)
        write_events(connection, [again])
        assert str(again.dispatch.id) not in read_standings(connection, stories)
        purge_item(connection, str(notice.dispatch.id))
        assert read_standings(connection, stories) == {}


def test_what_a_kill_may_mean_is_doubted_and_not_withdrawn(store: Store, event: Callable[..., Event]) -> None:
    first, second = event(1, story="one"), event(2, story="two")
    notice = event(9, story="nine", relation=Relation.WITHDRAWAL, status=Status.CANCELED, minute=5)
    notice = told(notice, unresolved=[first.dispatch.id, second.dispatch.id])
    assert first.story and second.story
    with store.writing() as connection:
        write_events(connection, [first, second, notice])
        known = read_standings(connection, [str(first.story.id), str(second.story.id)])
        assert known == {str(each.dispatch.id): Standing.DOUBTED for each in (first, second)}
        status = select(schema.stories.c.status).where(schema.stories.c.id == str(first.story.id))
        assert connection.execute(status).scalar() == "open"
