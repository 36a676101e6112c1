"""Changed words: what makes a version and what leaves a copy."""

from __future__ import annotations

import itertools
import time

import pytest

from pipeline.stages.deduplicate.alignment import differences
from pipeline.stages.deduplicate.wording import compare_wording
from tests.unit.deduplicate.samples import OTHER, TEXT


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    "text",
    [
        changed("14 vessels", "15 vessels"),
        changed("14 vessels", "several vessels"),
        changed("nine days", "ten days"),
        changed("January", "February"),
        changed("Norland closed", "Vestmark closed"),
        changed("had failed", "had not failed"),
        changed("that talks with Sudria", "that talks with Vestmark"),
        changed("Sudria denies that", "Sudria does not deny that"),
        changed("shot at. Sudria denies that its navy was involved", "shot at. Sudria said that its navy was not involved"),
        changed("on Thursday", "on Tuesday"),
        TEXT + "\n\nNorland's president recalled the ambassador to Sudria, Mr Aldon Berg, late in the evening.",
        TEXT + "\n\nThe council's chairman said that 40 ships were waiting.",
    ],
)
def test_facts_make_a_version(text):
    """A changed number, name, month or negation in otherwise identical copy is news."""
    assert compare_wording(TEXT, text).fact


@pytest.mark.parametrize(
    "text",
    [
        TEXT.upper(),
        TEXT.replace(" ", "\n", 12),
        changed("spokeswoman", "spokeswomann"),
        changed("mediators", "medi- ators"),
        changed("nine", "9"),
        TEXT + "\n\n(Reporting by Ana Berg; editing by Jo Lund)",
        TEXT + "\n\nAna Berg, newsroom +44 20 7946 0000",
        "By Ana Berg\n\n" + TEXT,
        "KELDER, March 2 " + TEXT,
        TEXT + "\n\nEditors: pictures are available. Subscribers may call the desk at +44 20 7946 0000 at any time.",
        TEXT.rsplit("\n\n", 1)[0],
        "\n\n".join(reversed(TEXT.split("\n\n"))),
    ],
)
def test_form_leaves_a_copy(text):
    """Capitals, line breaks, typing errors, by-lines, datelines, notices, a cut and a moved paragraph are no news."""
    wording = compare_wording(TEXT, text)
    assert wording.fact is None
    assert wording.purity > 0.95
    assert not wording.new_lead


@pytest.mark.parametrize(("old", "new"), [("Sepember", "September"), ("December", "Decmeber"), ("February", "Februar")])
def test_a_misspelt_month_is_the_month(old, new):
    """A slip of the hand in a long month, made or mended, is no other date; another month is."""
    text = changed("in January", f"in {old}")
    assert compare_wording(text, text.replace(old, new)).fact is None
    assert compare_wording(text, text.replace(old, "October")).fact


def test_a_name_of_the_old_headline_is_not_new():
    """A name put in where the old headline has it says nothing new; in place of another name it does."""
    headed = {"vestmark"}.__contains__
    added, replaced = changed("Norland closed", "Norland, Vestmark closed"), changed("Norland closed", "Vestmark closed")
    assert compare_wording(TEXT, added).fact
    assert compare_wording(TEXT, added, headed=headed).fact is None
    assert compare_wording(TEXT, replaced, headed=headed).fact


def test_swapped_numbers_are_found():
    """The same numbers in other places say something else."""
    assert compare_wording("The vote was 12 for and 9 against the bill.", "The vote was 9 for and 12 against the bill.").fact


def test_boilerplate_is_explained():
    """Words that stand in other stories, too, are no news."""
    text = TEXT + "\n\nThe Kelder Index, published since 1970, covers 30 ports."
    assert compare_wording(TEXT, text).fact
    assert compare_wording(TEXT, text, lambda start, end: end - start == 9).fact is None


def test_new_lead_is_no_copy():
    """A text that begins with a sentence of its own is a version, however much of the old one follows."""
    lead = "Fishermen along the coast have begun to leave harbours that were safe for them only a week ago. "
    assert compare_wording(TEXT * 3, lead + TEXT * 3).new_lead


def test_cost_is_bounded_on_hostile_text():
    """Text of one word repeated compares in linear time."""
    old, new = ["a"] * 20_000, ["a"] * 19_000 + ["b"] * 1_000
    assert differences(old, new)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("unit", ["a ", "not ", "1 ", "x" * 4000 + " ", ". ", "\n \n", "(' ", "Aa-", "的", "ก"])
def test_cost_is_bounded_on_repeated_text(unit):
    """A text made to be costly is compared in moderate time."""
    old = (unit * 16_000)[:16_000]
    compare_wording(old, old[:9_000] + "other words here" + old[8_000:])


def test_cost_is_bounded_where_every_name_is_misspelt_and_elsewhere():
    """A list of names in another order, each with a slip of the hand, is compared in moderate time."""
    names = [
        "".join(letters).capitalize()
        for letters in itertools.islice(itertools.product("bcdfglmnprst", "aeiou", "klmnprst", "aeiou", "lnrst"), 0, 9_000, 6)
    ]
    assert len(names) == 1_500
    slips = [f"{name[:4]}x" for name in names]
    started = time.process_time()
    compare_wording(f"{TEXT} {' '.join(names)} end", f"{TEXT} {' '.join(slips[750:] + slips[:750])} end")
    assert time.process_time() - started < 3


def test_another_text_is_no_copy():
    """A text that has nothing in common with another says something new in its first words."""
    assert compare_wording(TEXT, OTHER).fact
