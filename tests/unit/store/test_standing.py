"""How dispatches stand after kills, holds and corrections."""

from __future__ import annotations

import pytest

from pipeline.messages import Relation, Signal, Status
from pipeline.store.standing import Member, Standing, standings

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
