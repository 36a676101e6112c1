"""Crashes, re-reads and restarts: what was decided once stays decided."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.messages import ParsedDispatch, Relation, Signal, Status, Verdict
from tests.unit.deduplicate.samples import OTHER, START, TEXT, make, new_stage
from tests.unit.deduplicate.wires import HARMLESS, SILENT, TEXTS, changed, render

SEEDS = st.integers(0, 2**32 - 1)


def stream(seed: int, length: int = 40) -> list[ParsedDispatch]:
    """Dispatches of three agencies in ten languages: copies, silent versions, revisions, re-sends, kills by id and by headline."""
    chance = random.Random(seed)
    sent: list[ParsedDispatch] = []
    at = 0.0
    while len(sent) < length:
        at += chance.choice((0, 1, 7, 400))
        language, agency = chance.choice(list(TEXTS)), chance.choice(("afp", "dpa", "ap"))
        text, _ = render(language, denied=chance.random() < 0.5)
        fields = {
            "at": at,
            "number": len(sent),
            "provider": agency,
            "headline": f"Kelder {language}",
            "slugline": f"KELDER-{language}",
        }
        kind = chance.choice(("text", "copy", "silent", "revision", "kill", "kill by headline", "again"))
        if kind == "copy":
            fields["text"] = HARMLESS[chance.choice(list(HARMLESS))](language, text, chance)
        elif kind == "silent":
            fields["text"] = changed(language, SILENT[chance.choice(list(SILENT))], chance)[1]
        elif kind == "revision":
            fields |= {"text": text, "item_id": f"item-{language}", "revision": str(chance.randint(1, 9))}
        elif kind.startswith("kill"):
            fields |= {"text": "", "signal": Signal.KILL, "status": Status.CANCELED}
            fields |= (
                {"item_id": f"item-{language}", "revision": "5"} if kind == "kill" else {"headline": f"KILL - Kelder {language}"}
            )
        elif kind == "again" and sent:
            earlier = chance.choice(sent)
            sent.append(earlier.model_copy(update={"receipt": make(number=len(sent)).receipt}))
            continue
        fields.setdefault("text", text)
        if chance.random() < 0.1:
            fields["embargoed_until"] = START + timedelta(minutes=at + chance.randint(1, 600))
        sent.append(make(**fields))
    return sent


def stored(verdicts: list[Verdict]) -> list[Verdict]:
    """What the log hands back."""
    return [Verdict.model_validate_json(verdict.to_json()) for verdict in verdicts]


@given(SEEDS)
@settings(max_examples=3, deadline=None)
def test_ten_restarts_change_nothing(seed):
    """After ten restarts at random points verdicts and story ids are those of an undisturbed run."""
    sent, chance = stream(seed), random.Random(seed)
    undisturbed = new_stage().decide(sent)
    stage, logged = new_stage(), []
    for cut in [*sorted(chance.sample(range(len(sent)), 10)), len(sent)]:
        logged += stage.decide(sent[len(logged) : cut])
        stage, before = new_stage(), stage
        stage.restore(stored(logged), before.item_states(logged))
    assert logged == undisturbed


@given(SEEDS)
@settings(max_examples=3, deadline=None)
def test_crashes_before_the_log_was_written(seed):
    """Decisions that were lost unlogged are made again as before, and reading on starts anywhere before the log's end."""
    sent, chance = stream(seed), random.Random(seed)
    undisturbed = new_stage().decide(sent)
    logged: list[Verdict] = []
    while len(logged) < len(sent):
        stage = new_stage()
        stage.restore(stored(logged), [])
        first = chance.randint(0, len(logged))
        decided = stage.decide(sent[first : first + chance.randint(1, 25)])
        written = decided[: chance.randint(0, len(decided))] if chance.random() < 0.7 else decided
        logged = [*logged[:first], *written, *logged[first + len(written) :]]
    assert logged == undisturbed


@given(SEEDS)
@settings(max_examples=3, deadline=None)
def test_parse_hands_its_output_out_again(seed):
    """Records that a crashed parse wrote twice, anywhere later, get their first verdict again and change no other."""
    sent, chance = stream(seed), random.Random(seed)
    undisturbed = dict(zip((parsed.receipt for parsed in sent), new_stage().decide(sent), strict=True))
    read = list(sent)
    for _ in range(8):
        first = chance.randrange(len(sent))
        again = sent[first : first + chance.randint(1, 12)]
        last = max(place for place, parsed in enumerate(read) if parsed.receipt == again[-1].receipt)
        place = chance.randint(last + 1, len(read))
        read = [*read[:place], *again, *read[place:]]
    for parsed, verdict in zip(read, new_stage().decide(read), strict=True):
        assert verdict == undisturbed[parsed.receipt]


@given(SEEDS)
@settings(max_examples=3, deadline=None)
def test_nothing_is_a_copy_of_itself_and_a_resend_is_a_copy(seed):
    """A duplicate is of a dispatch that came before under another receipt; an agency's true re-send is always one of its kind."""
    sent = stream(seed)
    before: dict = {}
    killed = set()
    for parsed, verdict in zip(sent, new_stage().decide(sent), strict=True):
        if verdict.story.relation is Relation.DUPLICATE:
            assert verdict.story.of in before
        if parsed.dispatch.id in before and verdict.item_id not in killed:
            assert verdict.story.relation is not Relation.NEW
        killed |= {item.item_id for item in verdict.items if item.status is not Status.USABLE}
        before.setdefault(parsed.dispatch.id, verdict)


PROMISES = (
    test_ten_restarts_change_nothing,
    test_crashes_before_the_log_was_written,
    test_parse_hands_its_output_out_again,
    test_nothing_is_a_copy_of_itself_and_a_resend_is_a_copy,
)


@pytest.mark.slow
@pytest.mark.parametrize("promise", PROMISES)
@pytest.mark.parametrize("seed", range(25))
def test_the_same_for_many_streams(promise, seed):
    """The promises above, for more streams."""
    promise.hypothesis.inner_test(seed)


NUMBERS = [str(number) for number in range(1, 6)]
GAPS = ["3", "11", "12", "40", "101"]
TIMES = [f"2026-03-01T12:{minute:02}:00Z" for minute in (1, 5, 9, 20, 41)]
COMPACT = [f"20260301T12{minute:02}00+0000" for minute in (1, 5, 9, 20, 41)]
OPAQUE = ["9f3c", "02ab", "77de", "c001", "5e5e"]


@pytest.mark.parametrize(
    "revisions", [NUMBERS, GAPS, TIMES, COMPACT, OPAQUE], ids=["numbers", "gaps", "times", "compact", "opaque"]
)
@given(order=st.permutations(range(5)))
@settings(max_examples=10, deadline=None)
def test_newest_revision_is_current_in_any_order(revisions, order):
    """In reverse or any other order: one story, the newest revision current, and no later arrival takes its place."""
    sent = [
        make(f"{TEXT} Version {place}.", item_id="a", revision=revision, published_at=START + timedelta(minutes=place))
        for place, revision in enumerate(revisions)
    ]
    stage, newest = new_stage(), -1
    verdicts = stage.decide([sent[place] for place in order])
    for place, verdict in zip(order, verdicts, strict=True):
        assert verdict.story.current == (place > newest)
        newest = max(newest, place)
    assert len({verdict.story.id for verdict in verdicts}) == 1
    assert stage.item_states(verdicts)[0].revision == revisions[-1]


@pytest.mark.parametrize("reverse", [False, True])
def test_restart_between_reversed_revisions(reverse):
    """Which revision is the newest survives a restart."""
    sent = [make(f"{TEXT} {OTHER[:place]}", item_id="a", revision=str(place)) for place in range(1, 6)]
    sent = sent[::-1] if reverse else sent
    undisturbed, logged = new_stage().decide(sent), []
    for parsed in sent:
        stage = new_stage()
        stage.restore(stored(logged), [])
        logged += stage.decide([parsed])
    assert logged == undisturbed
