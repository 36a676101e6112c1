"""What a dispatch says clearly in one place holds for the others, whatever the tagger made of them."""

from pipeline.stages.entities.span import Label
from tests.unit.entities.settling import BODY, PERSON, PLACE, settled


def test_a_name_that_no_list_knows_is_a_person_or_a_body_but_not_both():
    """As often the one as the other, it is what the tagger is surer of."""
    text = "Shares of Brozu rose, traders said. Brozu fell on Monday."
    assert settled(text, ("Brozu", PERSON, 0.6), ("Brozu", BODY, 0.9)) == [("Brozu", BODY)] * 2
    assert settled(text, ("Brozu", PERSON, 0.9), ("Brozu", BODY, 0.6)) == [("Brozu", PERSON)] * 2


def test_a_name_that_no_list_knows_is_a_place_or_a_body_but_not_both():
    """Else one name of a dispatch is listed twice."""
    text = "Brozu imposed martial law. Officials in Brozu said so."
    assert settled(text, ("Brozu", BODY, 0.6), ("Brozu", PLACE, 0.9)) == [("Brozu", PLACE)] * 2


def test_a_club_and_its_town_may_both_be_named():
    """A tie between a place and a body is left alone."""
    assert settled("Perugia won at Perugia.", ("Perugia", BODY, 0.9), ("Perugia", PLACE, 0.6)) == [
        ("Perugia", BODY),
        ("Perugia", PLACE),
    ]


def test_a_company_named_in_full_is_one_for_short():
    """Unless a person bears the name."""
    assert settled("Takeli Ltd rose. Takeli fell.", ("Takeli Ltd", BODY, 0.9), ("Takeli", PERSON, 0.8))[1] == ("Takeli", BODY)
    bearer = settled(
        "Takeli Ltd rose. Ana Takeli left. Takeli fell.",
        ("Takeli Ltd", BODY, 0.9),
        ("Ana Takeli", PERSON, 0.9),
        ("Takeli", PERSON, 0.8),
    )
    assert bearer[2] == ("Takeli", PERSON)


def test_a_ship_is_no_person():
    """Nor anything else that the taggers name."""
    assert settled("The tanker Maria Brozu sank.", ("Maria Brozu", PERSON, 0.9)) == [("Maria Brozu", Label.OTHER)]


def test_what_a_body_is_for_is_no_part_of_its_name():
    """Nor what it is against: "pro-Israeli" stays out."""
    text = "The pro-Israeli South Lebanon Army fired."
    assert settled(text, ("pro-Israeli South Lebanon Army", BODY, 0.9)) == [("South Lebanon Army", BODY)]


def test_a_landmark_is_a_place_whatever_the_tagger_says():
    """Its entity says which body it stands for."""
    assert settled("The White House denied it.", ("White House", BODY, 0.9)) == [("White House", PLACE)]
    assert settled("The White House denied it.") == [("White House", PLACE)]


def test_a_town_goes_on_behind_a_hyphen_and_a_small_word():
    """The word behind it is large at its end; "-based" and "-led" are none of the name."""
    assert settled("He flew to Mazar-i-Sharif.", ("Mazar", PLACE, 0.9)) == [("Mazar-i-Sharif", PLACE)]
    parts = (("Brozu", PLACE, 0.9), ("la-Quelle", PERSON, 0.9))
    assert settled("He left Brozu-la-Quelle today.", *parts) == [("Brozu-la-Quelle", PLACE)]
    assert settled("A Geneva-based group left.", ("Geneva", PLACE, 0.9)) == [("Geneva", PLACE)]
