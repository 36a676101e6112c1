"""A copy of an embargoed or withdrawn dispatch is no copy: every combination of status, embargo and order of two agencies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.messages import Relation, Signal, Status
from tests.unit.deduplicate.samples import START, TEXT, make, new_stage

WITHDRAWALS = {
    "stands": None,
    "withheld": {"status": Status.WITHHELD},
    "canceled": {"status": Status.CANCELED},
    "killed": {"signal": Signal.KILL, "status": Status.CANCELED},
    "held": {"signal": Signal.HOLD, "status": Status.WITHHELD},
    "killed by headline": {"signal": Signal.KILL, "status": Status.CANCELED, "headline": "KILL - Talks over the strait fail"},
}
EMBARGOES = {"free": None, "soon": 60, "later": 600}


@pytest.mark.parametrize("order", [("afp", "dpa"), ("dpa", "afp")], ids="-".join)
@pytest.mark.parametrize("own", EMBARGOES)
@pytest.mark.parametrize("embargo", EMBARGOES)
@pytest.mark.parametrize("when", ["before", "after", "late"])
@pytest.mark.parametrize("withdrawal", WITHDRAWALS)
def test_copy_only_of_what_may_be_used(withdrawal, when, embargo, own, order):
    """What another agency sends is a copy only of what is usable, not withdrawn and under no later embargo.

    The withdrawal comes before or after the second agency's dispatch, or late: as an older revision it changes nothing.
    """
    untils = [None if minutes is None else START + timedelta(minutes=minutes) for minutes in (EMBARGOES[embargo], EMBARGOES[own])]
    first, second = order
    fields = {"headline": "Talks over the strait fail"}
    original = make(provider=first, item_id="a", revision="2", embargoed_until=untils[0], **fields)
    other = make(provider=second, item_id="b", at=10, embargoed_until=untils[1], **fields)
    sent = [original, other]
    if (told := WITHDRAWALS[withdrawal]) is not None:
        by_id = {} if "headline" in told else {"item_id": "a", "revision": "1" if when == "late" else "3"}
        sent.insert(2 if when == "after" else 1, make("", provider=first, at=5, **by_id, **told))
    third = make(TEXT, provider="apa", at=20, **fields)
    verdicts = {
        parsed.dispatch.id: verdict for parsed, verdict in zip([*sent, third], new_stage().decide([*sent, third]), strict=True)
    }
    works = told is not None and (when != "late" or "headline" in told)
    gone = works and when != "after"
    under = untils[0] is not None and (untils[1] is None or untils[0] > untils[1])
    verdict = verdicts[other.dispatch.id]
    assert verdict.story.relation is (Relation.UPDATE if gone or under else Relation.DUPLICATE)
    assert verdict.story.id == verdicts[original.dispatch.id].story.id
    assert verdict.story.current
    free = [parsed.dispatch.id for parsed, until in zip((original, other), untils, strict=True) if until is None]
    if works and original.dispatch.id in free:
        free.remove(original.dispatch.id)
    last = verdicts[third.dispatch.id].story
    assert (last.relation is Relation.DUPLICATE) == bool(free)
    assert not free or last.of in free
