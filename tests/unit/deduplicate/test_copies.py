"""Copies and versions by their text."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.messages import Fingerprint, Relation, Signal, Status
from pipeline.settings import DeduplicateSettings
from pipeline.stages.deduplicate.fingerprint import fingerprint
from pipeline.stages.deduplicate.lexicon import headline_marks
from pipeline.stages.deduplicate.stage import Deduplicator
from tests.unit.deduplicate.edits import COPIES, VERSIONS
from tests.unit.deduplicate.samples import OTHER, START, TEXT, make, new_stage

FLASH = "Talks between Norland and Sudria have failed, minister says"
RUSSIAN = (
    "Переговоры между Норландией и Судрией о проливе Келдер завершились в воскресенье без результата, сообщил министр "
    "иностранных дел Альдон Берг. По его словам, 14 судов повернули назад ещё до полудня.\n\n"
    "Норландия закрыла пролив в январе после обстрела патрульного катера. Судрия отрицает участие своего флота и просит "
    "региональный совет провести расследование."
)
CHINESE = (
    "北地国外交部长星期日说,与南地国就海峡问题举行的会谈历时九天后破裂。特使们在黎明前离开了湖畔酒店。\n\n"
    "港务局说,中午前有14艘船只返航。一月份一艘巡逻艇遭到枪击后,北地国关闭了海峡。南地国否认其海军参与此事,并要求地区理事会进行调查。"
)
ARABIC = (
    "أعلن وزير خارجية نورلاند يوم الأحد فشل المحادثات مع سودريا بشأن مضيق كلدر بعد تسعة أيام. وقالت سلطة الميناء إن 14 سفينة "
    "عادت أدراجها قبل الظهر.\n\nوأغلقت نورلاند المضيق في يناير بعد إطلاق النار على زورق دورية. وتنفي سودريا تورط أسطولها في "
    "الحادث وطلبت من المجلس الإقليمي فتح تحقيق في الأمر."
)


@pytest.mark.parametrize("text", [TEXT, RUSSIAN, CHINESE, ARABIC], ids=["en", "ru", "zh", "ar"])
@pytest.mark.parametrize("edit", COPIES)
def test_form_makes_a_copy(text, edit):
    """Another agency's copy in another form is a copy, in any script."""
    chance = random.Random(7)
    first, second = new_stage().decide([make(text), make(COPIES[edit](text, chance), provider="dpa", at=9)])
    assert second.story.relation is Relation.DUPLICATE
    assert second.story.id == first.story.id
    assert second.story.providers == ["afp", "dpa"]


@pytest.mark.parametrize("text", [TEXT, RUSSIAN, CHINESE, ARABIC], ids=["en", "ru", "zh", "ar"])
@pytest.mark.parametrize("edit", VERSIONS)
@pytest.mark.parametrize("seed", range(5))
def test_silent_edit_makes_a_version(text, edit, seed):
    """A silently changed number or name is linked and kept, in any script."""
    edited = VERSIONS[edit](text, random.Random(seed))
    if edited is None:
        return
    first, second = new_stage().decide([make(text), make(edited, provider="dpa", at=9)])
    assert second.story.relation is Relation.UPDATE
    assert second.story.id == first.story.id


def test_changes_are_told():
    """A correction says what it changed."""
    corrected = make(TEXT.replace("14 vessels", "41 vessels"), item_id="a", revision="2", signal=Signal.CORRECTION)
    _, verdict = new_stage().decide([make(item_id="a", revision="1"), corrected])
    assert verdict.story.relation is Relation.CORRECTION
    assert verdict.story.changes is not None
    assert verdict.story.changes.numbers_added == ["41"]
    assert verdict.story.changes.numbers_removed == ["14"]


def test_fuller_version_is_linked():
    """A full story contains its lead and is linked to it, not dropped."""
    lead, full = make(TEXT.split("\n\n")[0] + " " + OTHER.split("\n\n")[0]), make(TEXT + "\n\n" + OTHER, at=30, provider="dpa")
    _, second = new_stage().decide([lead, full])
    assert second.story.relation is Relation.UPDATE


def test_flash_without_headline():
    """A flash of ten words is a copy of its like and of nothing else."""
    sent = [make(FLASH), make(FLASH, provider="dpa"), make(FLASH.replace("failed", "resumed").replace("minister", "envoy"))]
    assert [verdict.story.relation for verdict in new_stage().decide(sent)][:2] == ["new", "duplicate"]


@pytest.mark.parametrize(
    "mark",
    [
        "CORRECTED", "CORRECTION", "UPDATE 2", "REFILE", "1STLD", "4THLD", "WRITETHRU", "ADDS", "RECASTS", "CLARIFICATION",
        "BERICHTIGUNG", "KOREKTA", "КОРРЕКЦИЯ", "CORRECCIÓN", "CORREGIDA", "RECTIFICATIF",
    ],
)  # fmt: skip
def test_marks_of_every_desk_are_seen(mark):
    """A headline that carries a mark of a later version is told from one that does not, in capitals or not."""
    assert headline_marks(f"Norland {mark.lower()} talks") == headline_marks(f"{mark}: talks") == {mark}
    assert not headline_marks("Talks fail in Norland")


def test_mark_of_a_correction_keeps_the_same_text():
    """“CORRECTED” in the headline keeps a text that is otherwise the same; sent again, it is a copy."""
    sent = [make(headline="Talks fail"), make(headline="CORRECTED-Talks fail", at=2), make(headline="CORRECTED-Talks fail", at=3)]
    verdicts = new_stage().decide(sent)
    assert [verdict.story.relation for verdict in verdicts] == ["new", "update", "duplicate"]


def test_silent_number_in_the_headline_keeps_the_same_text():
    """A headline that names another number than headline and text before is news."""
    sent = [make(headline="14 ships turn back"), make(headline="17 ships turn back", provider="dpa")]
    verdicts = new_stage().decide([*sent, make(headline="17 ships turn back", provider="apa")])
    assert [verdict.story.relation for verdict in verdicts] == ["new", "update", "duplicate"]


def test_what_has_left_the_window_is_forgotten():
    """After the window the same text is a new story."""
    sent = [make(), make(provider="dpa", at=73 * 60)]
    assert [verdict.story.relation for verdict in new_stage().decide(sent)] == ["new", "new"]


def test_memory_is_bounded():
    """Past its capacity the index forgets the oldest texts and goes on."""
    stage = Deduplicator(DeduplicateSettings(max_documents=1024))
    filler = [make(f"{OTHER} {number} " + " ".join(f"w{number}x{place}" for place in range(30))) for number in range(1100)]
    verdicts = stage.decide([make(), *filler, make(provider="dpa"), make(filler[-1].dispatch.text, provider="dpa")])
    assert verdicts[-2].story.relation is Relation.NEW
    assert verdicts[-1].story.relation is Relation.DUPLICATE


def test_unreadable_fingerprint_text_is_no_bomb():
    """A compressed text that would unfold to gigabytes is cut."""
    import zlib

    from pipeline.stages.deduplicate.record import unpack_text

    assert len(unpack_text(zlib.compress(b"a" * 10_000_000))) < 100_000


@given(st.text(max_size=400), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_has_a_verdict(text, headline):
    """Whatever the text, the fingerprint survives JSON, and the same text from another agency is a copy or a new story."""
    one, two = make(text, headline=headline), make(text, headline=headline, provider="dpa")
    printed = fingerprint(one.dispatch)
    assert Fingerprint.model_validate_json(printed.to_json()) == printed
    first, second = new_stage().decide([one, two])
    assert second.story.relation in {Relation.NEW, Relation.DUPLICATE}
    assert first.story.relation is Relation.NEW


STREAM_TEXTS = [TEXT, OTHER, TEXT.replace("14", "15"), TEXT + "\n\n" + OTHER, RUSSIAN, FLASH, ""]


@st.composite
def streams(draw: st.DrawFn):
    """A few items with revisions, kills, embargoes and copies by other agencies."""
    sent = []
    for place in range(draw(st.integers(4, 14))):
        kill = draw(st.integers(0, 9)) == 0
        until = START + timedelta(minutes=draw(st.integers(1, 300))) if draw(st.integers(0, 4)) == 0 else None
        sent.append(
            make(
                draw(st.sampled_from(STREAM_TEXTS)),
                at=place * draw(st.integers(0, 20)),
                number=place,
                provider=draw(st.sampled_from(["afp", "dpa"])),
                item_id=draw(st.sampled_from(["a", "b", "c", f"own-{place}"])),
                revision=str(draw(st.integers(1, 5))),
                embargoed_until=until,
                signal=Signal.KILL if kill else Signal.NEW,
                status=Status.CANCELED if kill else Status.USABLE,
            )
        )
    return sent


@given(streams(), st.lists(st.integers(0, 13), max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_rereads_and_restarts_change_no_verdict(sent, cuts, chance):
    """Crashes that re-read from earlier offsets, with or without a restart, never make a second decision."""
    undisturbed = new_stage().decide(sent)
    stage, logged = new_stage(), []
    for cut in [*sorted(cut for cut in cuts if cut < len(sent)), len(sent)]:
        start = chance.randint(0, min(cut, len(logged)))
        logged = [*logged[:start], *stage.decide(sent[start:cut])]
        if chance.random() < 0.5:
            items = stage.item_states(logged)
            stage = new_stage()
            stage.restore(logged, items)
    assert logged == undisturbed
    kills = [verdict for verdict in undisturbed if verdict.signal is Signal.KILL]
    assert all(verdict.story.relation is Relation.WITHDRAWAL for verdict in kills)
