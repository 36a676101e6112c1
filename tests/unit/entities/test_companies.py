"""A company named in full is known by its first words, in the headline and for the rest of the dispatch."""

import pytest

from pipeline.stages.entities.span import Label
from tests.unit.entities.settling import BODY, PERSON, PLACE, settled


def test_what_stands_before_a_legal_form_is_one_company():
    """Whatever the tagger took the parts for; what a title or a people says about it stays out."""
    text = "Shares of Brozu Vale Tin Malaysia Bhd rose."
    assert settled(text, ("Brozu Vale", PERSON, 0.9), ("Malaysia", PLACE, 0.9)) == [("Brozu Vale Tin Malaysia Bhd", BODY)]
    assert settled("He left Swiss Brozu AG.", ("Brozu AG", BODY, 0.9)) == [("Brozu AG", BODY)]
    assert settled("He asked Chairman Brozu Corp for it.", ("Corp", BODY, 0.9)) == [("Brozu Corp", BODY)]


def test_german_nouns_before_a_company_are_no_part_of_it():
    """German writes every noun with a capital."""
    assert settled("Der Konzern Brozu AG wächst.", ("Brozu AG", BODY, 0.9), capital_nouns=True) == [("Brozu AG", BODY)]


def test_a_company_is_called_by_its_first_words():
    """One of them, or several; the tagger may not have seen it, or taken it for a person or a town."""
    text = "Brozu Lumen Corp lost. The board of Brozu Lumen met. Brozu said so. A man of Brozu left."
    names = settled(text, ("Brozu Lumen Corp", BODY, 0.9), ("Brozu", PERSON, 0.9))
    assert names == [("Brozu Lumen Corp", BODY), ("Brozu Lumen", BODY), ("Brozu", BODY), ("Brozu", BODY)]
    assert settled("Brozu Inc fell. Brozu rose.", ("Brozu Inc", BODY, 0.9), ("Brozu", PLACE, 0.9))[1] == ("Brozu", BODY)


@pytest.mark.parametrize(
    ("text", "tagged", "last"),
    [
        ("Brozu Lumen Corp lost. Ana Brozu left. Brozu won.", ("Ana Brozu", PERSON, 0.9), ("Brozu", PERSON)),
        ("Boston Brozu Co lost. It left Boston.", ("Boston", PLACE, 0.9), ("Boston", PLACE)),
        ("Brozu Corp lost. Mr Brozu won.", ("Brozu", PERSON, 0.9), ("Brozu", PERSON)),
    ],
)
def test_the_first_word_of_a_company_may_be_somebody_or_somewhere(
    text: str, tagged: tuple[str, Label, float], last: tuple[str, Label]
):
    """A family name somebody bears, a large town, and whoever has a title."""
    company = text.partition(" lost")[0]
    assert settled(text, (company, BODY, 0.9), tagged)[-1] == last


def test_a_headline_in_capitals_begins_with_a_company():
    """By its legal form, or its ticker, which is no name itself."""
    assert settled("BROZU PAPER INC 4TH QTR NET\nNet rose.")[0] == ("Brozu Paper INC", BODY)
    assert settled("BROZU <BRZ> SEES PROFIT\nNet rose.", ("BRZ", BODY, 0.9)) == [("Brozu", BODY)]
    assert settled("Shares of Brozu Vale <BRZ.L> rose.", ("Vale", PLACE, 0.9)) == [("Brozu Vale", BODY)]


def test_firms_are_called_after_several_partners():
    """Joined by "and" or by a comma, with a form at the end; somebody in the news is no partner."""
    assert settled("Led by Brozu and Quell Inc today.", ("Brozu", PERSON, 0.9), ("Quell Inc", BODY, 0.9)) == [
        ("Brozu and Quell Inc", BODY)
    ]
    parts = (("Brozu", PERSON, 0.9), ("Quell and Sons Inc", BODY, 0.9))
    assert settled("Led by Brozu, Quell and Sons Inc today.", *parts) == [("Brozu, Quell and Sons Inc", BODY)]
    assert settled("A stake of Brozu and Co fell.", ("Brozu", PERSON, 0.9)) == [("Brozu and Co", BODY)]
    named = settled(
        "Ana Brozu met him. Brozu and Quell Inc agreed.",
        ("Ana Brozu", PERSON, 0.9),
        ("Brozu", PERSON, 0.9),
        ("Quell Inc", BODY, 0.9),
    )
    assert named[1:] == [("Brozu", PERSON), ("Quell Inc", BODY)]


def test_a_company_may_end_in_its_place():
    """As in "Co of California", but not what is merely of a place."""
    assert settled("Brozu Oil Co of California fell.", ("Brozu Oil Co", BODY, 0.9), ("California", PLACE, 0.9)) == [
        ("Brozu Oil Co of California", BODY)
    ]
    assert settled("Brozu AG of Germany fell.", ("Brozu AG", BODY, 0.9), ("Germany", PLACE, 0.9))[1] == ("Germany", PLACE)
    home = (("Brozu Corp", BODY, 0.9), ("Tulsa", PLACE, 0.9), ("Oklahoma", PLACE, 0.9))
    assert settled("Brozu Corp of Tulsa, Oklahoma fell.", *home)[:2] == [("Brozu Corp", BODY), ("Tulsa", PLACE)]


def test_an_ampersand_joins_the_names_of_a_firm():
    """Whatever the tagger took them for, but not two persons named in full, nor a common word."""
    assert settled("Shares of Brozu & Quell rose.", ("Quell", PERSON, 0.9)) == [("Brozu & Quell", BODY)]
    assert settled("Shares of Brozu Foods & Quell rose.", ("Brozu Foods", BODY, 0.9)) == [("Brozu Foods & Quell", BODY)]
    two = (("Ana Brozu", PERSON, 0.9), ("Ivo Quell", PERSON, 0.9))
    assert settled("A song by Ana Brozu & Ivo Quell won.", *two) == [("Ana Brozu", PERSON), ("Ivo Quell", PERSON)]


def test_the_full_stop_of_a_paragraph_is_no_part_of_a_company():
    """Inside a sentence it is: agencies write "Corp." or "Corp", but all end their paragraphs."""
    assert settled("It was sold to Brozu Corp.\nIt rose.", ("Brozu", BODY, 0.9)) == [("Brozu Corp", BODY)]
    assert settled("Shares of Brozu Corp. rose.", ("Brozu", BODY, 0.9)) == [("Brozu Corp.", BODY)]


def test_a_body_is_what_its_acronym_spells():
    """The name before the brackets is whole, and the acronym is the body from then on; a rate or a product is none."""
    text = "The Sugar Board of Trade and Growth (SBTG) met. SBTG said so."
    assert settled(text, ("Trade", BODY, 0.5)) == [("Sugar Board of Trade and Growth", BODY), ("SBTG", BODY), ("SBTG", BODY)]
    assert settled("The Brozu Loan Rate (BLR) rose. BLR fell.") == []
    said = settled(
        "The Brozu Lending Association met. BLA said so.", ("Brozu Lending Association", BODY, 0.9), ("BLA", PERSON, 0.9)
    )
    assert said[1] == ("BLA", BODY)


def test_small_words_and_measures_are_no_names():
    """Nor are the types of aircraft places or persons; the Group of Seven is a body."""
    assert settled("The Brozu fell. GNP rose 2 pct.", ("The", BODY, 0.9), ("GNP", BODY, 0.9)) == []
    text = "Five F-16s flew to the G-7."
    assert settled(text, ("F-16s", PLACE, 0.9), ("G-7", BODY, 0.9)) == [("F-16s", Label.OTHER), ("G-7", BODY)]


def test_states_are_places_by_their_abbreviations():
    """As agencies write them behind a town."""
    assert settled("A plant in Brozu, Ariz., closed.", ("Brozu", PLACE, 0.9), ("Ariz.", BODY, 0.9))[1] == ("Ariz.", PLACE)


#: What a tagger finds before a body instead of as a part of it.
_BEFORE = (("South African", Label.PEOPLE), ("Nigerian", Label.PEOPLE))


@pytest.mark.parametrize(
    ("text", "tagged", "whole"),
    [
        ("Men of the 58th Motor Division came.", "Motor Division", "58th Motor Division"),
        ("It went to the 9th U.S. Circuit Court of Appeals.", "U.S. Circuit Court of Appeals", "9th U.S. Circuit Court of Appeals"),
        ("On the 9th Brozu Airlines flew.", "Brozu Airlines", "Brozu Airlines"),
        ("The Nigerian National Brozu Corp paid.", "National Brozu Corp", "Nigerian National Brozu Corp"),
        ("The South African National Bank paid.", "National Bank", "South African National Bank"),
        ("The Nigerian National Assembly met.", "National Assembly", "National Assembly"),
        ("He left Moody's today.", "Moody", "Moody's"),
        ("It told the Bank of Japan so.", "Bank", "Bank of Japan"),
        ("A man of the Red Cross Society of Kenya said so.", "Red Cross Society", "Red Cross Society of Kenya"),
    ],
)
def test_a_body_keeps_its_number_its_people_and_its_place(text: str, tagged: str, whole: str):
    """A tagger begins a name at a large word, and where a people or a place stands before it, often behind that."""
    place = tuple((name, label, 0.9) for name, label in _BEFORE if name in text)
    after = (("Kenya", PLACE, 0.9),) if "Kenya" in text else ()
    assert [name for name in settled(text, *place, (tagged, BODY, 0.9), *after) if name[1] == BODY] == [(whole, BODY)]
