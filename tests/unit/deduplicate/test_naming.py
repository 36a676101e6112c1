"""Kills and corrections that name their story by headline or slug alone."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from pipeline.messages import Link, ParsedDispatch, Relation, Signal, Status, Story
from pipeline.stages.deduplicate.naming import bare, names
from tests.unit.deduplicate.samples import OTHER, TEXT, make, new_stage

HEADLINE = "Talks between Norland and Sudria fail"
KILL = {"signal": Signal.KILL, "status": Status.CANCELED}
THIRD = (
    "A freighter with timber ran aground off Kelder island on Sunday, the coast guard said; nobody was hurt. Tugs will try to "
    "pull it free with the tide on Monday, and divers are to look at its hull for cracks."
)


def kill(headline: str = "", text: str = "", **fields: object) -> ParsedDispatch:
    return make(text, headline=headline, at=60, **{**KILL, **fields})


def last(*sent: ParsedDispatch) -> Story:
    return new_stage().decide(sent)[-1].story


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        (f"KILL KILL KILL - {HEADLINE}", ""),
        (f"STORY WITHDRAWN: {HEADLINE}", "The story was based on a false statement."),
        (f"STORY WITHDRAWN {HEADLINE}", ""),
        (f"BULLETIN KILL {HEADLINE}", ""),
        (f"Bulletin Kill: {HEADLINE.upper()}", ""),
        (f"{HEADLINE} (STORY WITHDRAWN)", ""),
        (f"{HEADLINE} - KILL", ""),
        ("MANDATORY KILL", f"Editors: please kill the story headlined “{HEADLINE}”, sent at 1205 GMT. It was wrong."),
        ("KILL ADVISORY", f'Editors,\n\nPlease kill our item "{HEADLINE}". A substitute will follow.'),
        ("KILL", f"Eds: Please kill the story entitled {HEADLINE}, which moved at 1205 GMT."),
        ("KILL KILL KILL", f"{HEADLINE}\n\nThis story is withdrawn."),
        ("", f"KILL KILL KILL\n\n{HEADLINE}"),
        ("ANNULATION", f"Prière d'annuler notre dépêche intitulée « {HEADLINE} » diffusée à 12h05."),
        (f"ANNULATION - {HEADLINE}", ""),
        (f"Bitte nicht verwenden: {HEADLINE}", "Die Meldung wird zurückgezogen."),
        (f"Zurückgezogen: {HEADLINE}", ""),
        ("Achtung Redaktionen", f"Bitte verwenden Sie die Meldung mit der Überschrift „{HEADLINE}“ nicht."),
        (f"ANULACIÓN: {HEADLINE}", "Se ruega no usar la nota."),
        ("ELIMINAR", f"Por favor, eliminen la nota titulada {HEADLINE}, enviada a las 12.05."),
        ("АННУЛИРОВАНИЕ", f"Просим аннулировать сообщение под заголовком «{HEADLINE}»."),
        (f"撤稿：{HEADLINE}", ""),
    ],
)
def test_kill_names_its_story_by_headline(headline, text):
    """A notice that gives the headline takes that story back, whatever the agency's language and form."""
    sent = [make(headline=HEADLINE, item_id="a"), make(OTHER, headline="Cider harvest falls short", at=5)]
    stage = new_stage()
    verdicts = stage.decide([*sent, kill(headline, text)])
    story = verdicts[2].story
    assert story.relation is Relation.WITHDRAWAL
    assert (story.id, story.of, story.withdraws) == (verdicts[0].story.id, verdicts[0].dispatch_id, ["a"])
    assert story.withdrawn
    assert not story.unresolved
    assert {state.item_id: state.status for state in stage.item_states(verdicts)}["a"] is Status.CANCELED


@pytest.mark.parametrize(
    "title", ["Переговоры Норландии и Судрии сорваны", "فشل المحادثات بين نورلاند وسودريا", "北地国与南地国会谈破裂"]
)
def test_headline_in_any_script(title):
    """Headlines of other scripts are found as well."""
    marks = {"П": "АННУЛИРОВАНИЕ - ", "ف": "إلغاء: ", "北": "撤稿：", "": ""}
    found = last(make(headline=title, item_id="a"), make(OTHER, headline="Harvest"), kill(marks[title[0]] + title))
    assert found.withdraws == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "Editors: please kill the story slugged NORLAND-TALKS sent at 1205 GMT.",
        "Eds: Kill the item slugged BC-Norland-Talks, 1st Ld-Writethru.",
        "Please kill “slug: Norland/Talks”.",
    ],
)
def test_kill_names_its_story_by_slug(text):
    """A notice that gives the slug takes that story back, in whatever typography and version."""
    sent = [make(headline=HEADLINE, slugline="BC-Norland-Talks", item_id="a"), make(OTHER, slugline="BC-Cider", at=5)]
    assert last(*sent, kill("MANDATORY KILL", text)).withdraws == ["a"]


def test_kill_carries_the_slug_of_its_story():
    """A kill without a word of its own is about the one story that has its slug."""
    sent = [make(slugline="BC-Norland-Talks", item_id="a"), make(OTHER, slugline="BC-Cider", at=5)]
    assert last(*sent, kill(slugline="BC-Norland-Talks, Kill")).withdraws == ["a"]


def test_every_take_of_the_story_is_taken_back():
    """The agency's leads and updates go with the story; another agency's copy stands."""
    sent = [
        make(headline=HEADLINE, item_id="a"),
        make(f"{TEXT} At least 20 ships waited.", headline=f"UPDATE 1-{HEADLINE}", item_id="b", at=9),
        make(headline="Norland, Sudria talks fail", provider="dpa", item_id="d", at=12),
    ]
    verdicts = new_stage().decide([*sent, kill(f"STORY WITHDRAWN-{HEADLINE}")])
    assert len({verdict.story.id for verdict in verdicts}) == 1
    assert sorted(verdicts[-1].story.withdraws) == ["a", "b"]
    assert not verdicts[-1].story.withdrawn


@pytest.mark.parametrize(
    "notice",
    [
        kill(f"KILL KILL KILL - {HEADLINE}", provider="dpa"),
        kill("MANDATORY KILL", "Please kill the story slugged NORLAND-TALKS.", provider="dpa"),
        kill(f"KILL - {HEADLINE}", TEXT, provider="dpa"),
        kill("KILL", "Please kill the afp story headlined “Talks between Norland and Sudria fail”.", provider="dpa"),
        kill("KILL", "", provider="dpa", slugline="NORLAND-TALKS"),
        kill("KILL", "", provider="dpa", links=[Link(rel="withdraws", item_id="a"), Link(rel="withdraws", key="norland-talks")]),
    ],
)
def test_one_wire_cannot_kill_anothers_story(notice):
    """Whatever a notice names, the story of another agency stands, untouched and open."""
    stage = new_stage()
    first, told = stage.decide([make(headline=HEADLINE, slugline="NORLAND-TALKS", item_id="a"), notice])
    assert told.story.relation is Relation.WITHDRAWAL
    assert told.story.withdraws == []
    assert {item.item_id for item in told.items} == {notice.dispatch.item_id}
    assert not told.story.withdrawn or told.story.id != first.story.id
    assert stage.decide([make(headline=HEADLINE, provider="apa", at=70)])[0].story.relation is Relation.DUPLICATE


def test_unknown_senders_are_told_apart_by_feed():
    """Where the agency is not known, only what came over the same feed can be taken back."""
    one, notice = make(headline=HEADLINE, provider="unknown", item_id="a"), kill(f"KILL - {HEADLINE}", provider="unknown")
    assert last(one, notice).withdraws == ["a"]
    source = notice.dispatch.source.model_copy(update={"feed": "another"})
    notice = notice.model_copy(update={"dispatch": notice.dispatch.model_copy(update={"source": source})})
    assert last(one, notice).withdraws == []


@pytest.mark.parametrize(
    ("one", "other", "notice"),
    [
        ({"headline": "Dollar steady"}, {"headline": "Dollar steady"}, kill("KILL - Dollar steady")),
        ({"slugline": "MARKETS"}, {"slugline": "MARKETS"}, kill("KILL", "Please kill the story slugged MARKETS.")),
        ({"slugline": "MARKETS"}, {"slugline": "MARKETS"}, kill("KILL", slugline="MARKETS")),
        ({"headline": HEADLINE}, {"slugline": "CIDER"}, kill(f"KILL - {HEADLINE}", "Please kill the story slugged CIDER.")),
        ({"headline": "Acme profit rises 5 percent"}, {}, kill("KILL - Brandt profit rises 5 percent")),
        ({"headline": "Acme profit rises", "slugline": "X"}, {}, kill("KILL - Strait closed to shipping", slugline="X")),
    ],
    ids=["headline twice", "slug twice", "own slug twice", "headline and slug differ", "another name", "headline unknown"],
)
def test_no_guess(one, other, notice):
    """Where a notice's words fit two stories, or none well, nothing is taken back and the desk is told which it may be."""
    stage = new_stage()
    first, second, told = stage.decide([make(item_id="a", **one), make(OTHER, item_id="b", at=5, **other), notice])
    assert told.story.relation is Relation.WITHDRAWAL
    assert told.story.withdraws == []
    assert told.story.id not in {first.story.id, second.story.id}
    assert set(told.story.unresolved) <= {first.dispatch_id, second.dispatch_id}
    assert told.story.unresolved
    assert told.story.asks
    assert "a person must decide" in told.story.reason
    assert {state.status for state in stage.item_states([first, second])} == {Status.USABLE}


@pytest.mark.parametrize(
    "notice",
    [
        kill(f"KILL KILL KILL - {HEADLINE}"),
        kill("", "Editors: please kill the story slugged NORLAND-TALKS sent at 1205 GMT."),
        make("", headline=f"STORY WITHDRAWN-{HEADLINE}", at=73 * 60, **KILL),
        kill("", "Please kill item afp 157.", links=[Link(rel="withdraws", sequence="157")]),
    ],
    ids=["nothing was sent", "slug", "older than the window", "number"],
)
def test_what_a_notice_names_in_vain_is_asked_of_a_person(notice):
    """A kill by headline, slug or number that fits nothing in the window, perhaps because that is older, asks the desk to look."""
    old = make(headline=HEADLINE, slugline="NORLAND-TALKS", item_id="a")
    is_late = notice.dispatch.received_at - old.dispatch.received_at > timedelta(hours=72)
    told = last(*[old] * is_late, notice)
    assert told.relation is Relation.WITHDRAWAL
    assert (told.of, told.withdraws, told.unresolved) == (None, [], [])
    assert told.asks
    assert "a person must look" in told.reason


@pytest.mark.parametrize("status", [Status.CANCELED, Status.WITHHELD])
def test_an_item_that_comes_canceled_asks_nobody(status):
    """An agency's draft or deleted item that nobody has received concerns nobody; nor does a kill of an item by its unknown id."""
    assert not last(make(headline=HEADLINE, status=status)).asks
    assert not last(kill(f"KILL - {HEADLINE}", links=[Link(rel="withdraws", item_id="x")])).asks


def test_text_decides_between_two_that_the_words_fit():
    """A notice that repeats the text means the story that has it."""
    sent = [make(headline="Dollar steady", item_id="a"), make(OTHER, headline="Dollar steady", item_id="b", at=5)]
    assert last(*sent, kill("KILL - Dollar steady", OTHER)).withdraws == ["b"]


def test_slug_decides_between_two_of_one_headline():
    """Headline and slug together tell what neither tells alone."""
    sent = [
        make(headline="Dollar steady", slugline="FX-ASIA", item_id="a"),
        make(OTHER, headline="Dollar steady", slugline="FX-EUROPE", item_id="b", at=5),
        make(THIRD, headline="Ship aground", slugline="FX-ASIA", item_id="c", at=6),
    ]
    assert last(*sent, kill("KILL - Dollar steady", "Editors: kill the item slugged FX-ASIA.")).withdraws == ["a"]


def test_agencys_own_item_is_found_behind_another_agencys_copy():
    """A kill that repeats the text takes back the agency's own item though another agency's copy is nearer."""
    sent = [make(item_id="a"), make(TEXT.replace("dawn", "sunrise"), provider="dpa", at=5)]
    assert last(*sent, kill("", TEXT.replace("dawn", "sunrise"))).withdraws == ["a"]


def test_same_notice_again_spares_what_replaced_the_story():
    """A repeated kill does not take back the substitute that came between, unless a person says so."""
    stage = new_stage()
    sent = [make(headline=HEADLINE, item_id="a"), kill(f"KILL - {HEADLINE}"), make(headline=HEADLINE, item_id="b", at=70)]
    first, _, substitute, told = stage.decide([*sent, make("", headline=f"KILL KILL - {HEADLINE}", at=80, **KILL)])
    assert told.story.id == first.story.id
    assert told.story.unresolved == [substitute.dispatch_id]
    assert {item.item_id: item.status for item in stage.item_states([substitute])}["b"] is Status.USABLE


def test_hold_by_headline_holds():
    """A hold by name withholds its story."""
    stage = new_stage()
    first, _ = stage.decide(
        [make(headline=HEADLINE, item_id="a"), kill(f"HOLD HOLD HOLD - {HEADLINE}", signal=Signal.HOLD, status="withheld")]
    )
    assert stage.item_states([first])[0].status is Status.WITHHELD


def test_what_has_left_the_window_is_not_named():
    """A headline means a recent dispatch, not last week's."""
    found = last(make(headline=HEADLINE, item_id="a"), make("", headline=f"KILL - {HEADLINE}", at=80 * 60, **KILL))
    assert found.withdraws == []


def test_correction_names_its_story():
    """A correction whose text is all its own joins the story that it names; where two fit, it opens one and asks."""
    note = "In the story headlined “Talks between Norland and Sudria fail” please read 41 vessels, not 14."
    sent = [make(headline=HEADLINE, item_id="a"), make(note, headline="CORRECTION", signal=Signal.CORRECTION, at=60)]
    first, second = new_stage().decide(sent)
    assert second.story.relation is Relation.CORRECTION
    assert second.story.id == first.story.id
    again = make(OTHER, headline=HEADLINE, item_id="b", at=5)
    found = last(sent[0], again, sent[1])
    assert found.relation is Relation.NEW
    assert len(found.unresolved) == 2


def test_restored_state_knows_the_names():
    """After a restart a notice finds its story as before."""
    sent = [make(headline=HEADLINE, slugline="NORLAND-TALKS", item_id="a"), make(OTHER, at=5)]
    before, stage = new_stage(), new_stage()
    logged = before.decide(sent)
    stage.restore([type(verdict).model_validate_json(verdict.to_json()) for verdict in logged], before.item_states(logged))
    notice = kill("KILL", "Please kill the story slugged NORLAND-TALKS.")
    assert stage.decide([notice]) == before.decide([notice])
    assert stage.decide([notice])[0].story.withdraws == ["a"]


@pytest.mark.parametrize(
    "hostile",
    ["update " * 4000, "KILL - " * 4000, '"' * 9000, "«a" * 4000, "slugged a/" * 3000, "headlined, " * 3000, "(kill " * 4000],
)
def test_hostile_notices_cost_no_time(hostile):
    """No text makes reading a name slow."""
    notice = make(hostile, headline=hostile, slugline=hostile)
    started = time.process_time()
    names(notice.dispatch)
    assert time.process_time() - started < 0.5


def test_ordinary_headline_stays_whole():
    """Words are taken off where desks put them alone."""
    assert bare("Two killed in Norland") == "Two killed in Norland"
