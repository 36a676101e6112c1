"""Identity, revisions and withdrawals: decided before any text is compared."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from pipeline.messages import Link, ParsedDispatch, Relation, Signal, Status
from tests.unit.deduplicate.samples import OTHER, START, TEXT, make, new_stage


def relations(*batch: ParsedDispatch) -> list[str]:
    return [verdict.story.relation.value for verdict in new_stage().decide(batch)]


def test_redelivery_is_no_copy_of_itself():
    """The broker hands the same receipt out again: the same verdict, to the letter."""
    stage, first, second = new_stage(), make(), make(provider="dpa")
    verdicts = stage.decide([first, second])
    assert [verdict.story.relation for verdict in verdicts] == ["new", "duplicate"]
    assert stage.decide([second, first]) == [verdicts[1], verdicts[0]]


def test_resend_of_the_same_dispatch_is_a_copy():
    """The agency sends the same bytes again under another receipt."""
    one = make(item_id="a", revision="1", number=1)
    two = one.model_copy(update={"receipt": make(number=2).receipt})
    first, second = new_stage().decide([one, two])
    assert second.story.relation is Relation.DUPLICATE
    assert second.story.of == one.dispatch.id
    assert second.story.id == first.story.id


def test_newer_revision_with_the_same_text_is_an_update():
    """Same identity and a newer revision is never a copy."""
    assert relations(make(item_id="a", revision="9"), make(item_id="a", revision="12")) == ["new", "update"]


def test_correction_by_signal():
    """A newer revision that its agency calls a correction is one."""
    corrected = make(TEXT.replace("14", "15"), item_id="a", revision="2", signal=Signal.CORRECTION)
    assert relations(make(item_id="a", revision="1"), corrected) == ["new", "correction"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_newest_revision_is_current_in_any_order(order):
    """Revisions that arrive in any order: one story, and the newest is current last."""
    sent = [make(f"{TEXT} Version {number}.", item_id="a", revision=str(number * 7)) for number in (1, 2, 3)]
    stage = new_stage()
    verdicts = stage.decide([sent[place] for place in order])
    newest = -1
    for place, verdict in zip(order, verdicts, strict=True):
        assert verdict.story.current == (place > newest)
        newest = max(newest, place)
    assert len({verdict.story.id for verdict in verdicts}) == 1
    assert stage.item_states(verdicts)[0].revision == "21"


@pytest.mark.parametrize(
    "withdrawn",
    [
        {"signal": Signal.KILL, "status": Status.CANCELED},
        {"signal": Signal.HOLD, "status": Status.WITHHELD},
        {"status": Status.CANCELED},
    ],
)
@pytest.mark.parametrize("text", [TEXT, "", OTHER])
def test_withdrawal_is_never_a_copy(withdrawn, text):
    """A kill or a hold attaches to its item and story whatever its text, even an empty one."""
    first, second = new_stage().decide([make(item_id="a", revision="1"), make(text, item_id="a", revision="2", **withdrawn)])
    assert second.story.relation is Relation.WITHDRAWAL
    assert second.story.id == first.story.id
    assert second.story.of == first.dispatch_id
    assert second.story.current
    assert second.story.withdrawn


def test_withdrawal_of_the_unknown_is_kept():
    """A kill of something that was never seen is a withdrawal, not a copy of another kill."""
    kill = {"signal": Signal.KILL, "status": Status.CANCELED}
    assert relations(make("", **kill), make("", **kill)) == ["withdrawal", "withdrawal"]


def test_revision_of_a_killed_item_is_not_current():
    """What comes after a kill, late or new, is stored and never replaces."""
    kill = make("", item_id="a", revision="2", signal=Signal.KILL, status=Status.CANCELED)
    verdicts = new_stage().decide([make(item_id="a", revision="1"), kill, make(OTHER, item_id="a", revision="3")])
    assert not verdicts[2].story.current


def test_release_of_a_held_item_is_current():
    """A hold can be lifted."""
    hold = make("", item_id="a", revision="2", signal=Signal.HOLD, status=Status.WITHHELD)
    verdicts = new_stage().decide([make(item_id="a", revision="1"), hold, make(item_id="a", revision="3")])
    assert verdicts[2].story.relation is Relation.UPDATE
    assert verdicts[2].story.current
    assert not verdicts[2].story.withdrawn


def test_kill_names_its_item_by_sequence():
    """“Please kill item dpa 157” withdraws number 157 of that service."""
    note = make(
        "Please kill item dpa 157.", provider="dpa", service="bdt", signal=Signal.KILL, status=Status.CANCELED,
        links=[Link(rel="withdraws", sequence="157")],
    )  # fmt: skip
    stage = new_stage()
    first, second = stage.decide([make(provider="dpa", service="bdt", sequence="0157"), note])
    assert second.story.relation is Relation.WITHDRAWAL
    assert second.story.id == first.story.id
    assert second.story.of == first.dispatch_id
    assert {state.status for state in stage.item_states([second])} == {Status.CANCELED}
    assert stage.decide([make(provider="afp")])[0].story.relation is Relation.UPDATE


def test_kill_by_the_agencys_own_number_leaves_the_services_number_alone():
    """“Please kill item dpa 157” means dpa 157, not the 157th item of the service."""
    note = make(
        "Please kill item dpa 157.", provider="dpa", service="bdt", signal=Signal.KILL, status=Status.CANCELED,
        links=[Link(rel="withdraws", sequence="157", key="dpa 157")],
    )  # fmt: skip
    other = make("Another story altogether, about the harbour.", provider="dpa", item_id="o", service="bdt", sequence="0157")
    meant = make(provider="dpa", item_id="m", service="bdt", sequence="0160", links=[Link(rel="follows", key="dpa 157")])
    verdicts = new_stage().decide([other, meant, note])
    assert verdicts[2].story.of == verdicts[1].dispatch_id


def test_story_is_withdrawn_with_its_last_item():
    """One agency's kill leaves the other agency's copy standing."""
    kill = {"signal": Signal.KILL, "status": Status.CANCELED, "revision": "2"}
    sent = [
        make(provider="afp", item_id="a", revision="1"), make(provider="dpa", item_id="d", revision="1"),
        make("", provider="afp", item_id="a", **kill), make("", provider="dpa", item_id="d", **kill),
    ]  # fmt: skip
    verdicts = new_stage().decide(sent)
    assert [verdict.story.withdrawn for verdict in verdicts] == [False, False, False, True]
    assert len({verdict.story.id for verdict in verdicts}) == 1
    assert verdicts[3].story.providers == ["afp", "dpa"]


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("embargo", [None, 60, 600])
@pytest.mark.parametrize("own_embargo", [None, 60, 600])
def test_copy_only_of_what_may_be_used(status, embargo, own_embargo):
    """A copy needs an original that is usable and under no later embargo; else it is an update."""
    until = None if embargo is None else START + timedelta(minutes=embargo)
    own = None if own_embargo is None else START + timedelta(minutes=own_embargo)
    stage = new_stage()
    stage.decide([make(provider="afp", item_id="a", revision="1", embargoed_until=until)])
    if status is not Status.USABLE:
        stage.decide([make("", provider="afp", item_id="a", revision="2", status=status)])
    (verdict,) = stage.decide([make(provider="dpa", at=10, embargoed_until=own)])
    copy = status is Status.USABLE and (embargo is None or (own_embargo is not None and embargo <= own_embargo))
    assert verdict.story.relation is (Relation.DUPLICATE if copy else Relation.UPDATE)
    assert verdict.story.current


def test_copy_of_a_lifted_embargo():
    """An embargo that has passed makes no difference."""
    until = START + timedelta(minutes=60)
    assert relations(make(embargoed_until=until), make(provider="dpa", at=61)) == ["new", "duplicate"]


def test_copy_finds_the_original_that_may_be_used():
    """Of two originals, an embargoed and a free one, a third agency's text copies the free one."""
    until = START + timedelta(minutes=600)
    sent = [make(embargoed_until=until), make(provider="dpa", at=5), make(provider="apa", at=10)]
    verdicts = new_stage().decide(sent)
    assert [verdict.story.relation for verdict in verdicts] == ["new", "update", "duplicate"]
    assert verdicts[2].story.of == sent[1].dispatch.id


def test_restored_state_decides_the_same():
    """A state rebuilt from its logs at any point decides as the undisturbed one."""
    kill = make("", item_id="a", revision="3", signal=Signal.KILL, status=Status.CANCELED)
    sent = [
        make(item_id="a", revision="1"), make(provider="dpa", at=1), make(item_id="a", revision="2", at=2), make(OTHER, at=3),
        kill, make(OTHER, provider="apa", at=5), make(provider="ap", at=6),
    ]  # fmt: skip
    undisturbed = new_stage().decide(sent)
    for cut in range(len(sent)):
        before, stage = new_stage(), new_stage()
        logged = before.decide(sent[:cut])
        stage.restore(logged, before.item_states(logged))
        assert stage.decide(sent) == undisturbed


def test_item_outlives_the_window():
    """A kill on day five finds its story from the item log alone."""
    before, stage = new_stage(), new_stage()
    logged = before.decide([make(item_id="a", revision="1")])
    stage.restore([], before.item_states(logged))
    kill = make("", at=5 * 1440, item_id="a", revision="2", signal=Signal.KILL, status=Status.CANCELED)
    (verdict,) = stage.decide([kill])
    assert verdict.story.id == logged[0].story.id
    assert verdict.story.relation is Relation.WITHDRAWAL


def test_correction_by_link():
    """A new item that corrects another one joins its story, whatever its text."""
    link = Link(rel="corrects", item_id="a")
    first, second = new_stage().decide([make(item_id="a"), make(OTHER, item_id="b", links=[link])])
    assert second.story.relation is Relation.CORRECTION
    assert second.story.id == first.story.id
    assert second.story.of == first.dispatch_id


def test_link_to_the_unknown_is_no_obstacle():
    """A link to what was never seen leaves the text to decide."""
    links = [Link(rel="replaces", item_id="lost"), Link(rel="follows", sequence="9")]
    assert relations(make(), make(provider="dpa", links=links)) == ["new", "duplicate"]


def test_story_key_needs_to_be_borne_out():
    """Agencies give one keyword to all alerts of a day: it links only texts or headlines that are alike."""
    key = [Link(rel="follows", key="BC-ALERT")]
    sent = [
        make(headline="Strait talks fail", links=key),
        make(OTHER, headline="Cider harvest falls short", links=key, at=5),
        make("Norland and Sudria will not meet again, envoys said.", headline="Strait talks fail for good", links=key, at=9),
    ]
    first, second, third = new_stage().decide(sent)
    assert second.story.relation is Relation.NEW
    assert third.story.relation in {Relation.UPDATE, Relation.NEW}
    assert first.story.id != second.story.id


def test_deciding_without_logging_changes_no_later_verdict():
    """What a withdrawal, which enters no text, lets expire is the same after a restart."""
    kill = make("", at=80 * 60, number=3, item_id="k", revision="1", signal=Signal.KILL, status=Status.CANCELED)
    sent = [make(at=0, number=1), make(OTHER, at=60, number=2), kill, make(provider="dpa", at=70 * 60, number=4)]
    undisturbed = new_stage().decide(sent)
    stage = new_stage()
    stage.restore(undisturbed[:3], [])
    assert stage.decide(sent) == undisturbed
    assert undisturbed[3].story.relation is Relation.DUPLICATE
