"""Where a report was written is a place, whatever the rest of it makes of the name."""

import pytest

from pipeline.stages.entities.span import Label
from pipeline.stages.entities.taggers import tagger_for


def spans(text: str, language: str = "en") -> list[tuple[str, Label]]:
    reading, found = tagger_for(language).tag(text)
    return [(reading.surface(span.first, span.end), span.label) for span in found]


@pytest.mark.parametrize(
    ("text", "language", "places"),
    [
        ("WIGAN, England 1997-05-13\nWigan beat Leeds. Wigan lost to Hull. Wigan won.", "en", ["WIGAN", "England"]),
        ("BASLE 1996-11-10\nThe match was drawn.", "en", ["BASLE"]),
        ("AUSTIN, Texas, May 5 (AP) _ The governor left.", "en", ["AUSTIN", "Texas"]),
        ("Milán (Italia), 27 may (EFE).- La etapa fue corta.", "es", ["Milán", "Italia"]),
        ("Hamburg (dpa) - Der Hafen wächst.", "de", ["Hamburg"]),
        ("GENF (Alpinpress) - Der Hafen wächst.", "de", ["GENF"]),
        ("VIENA (Alpinpress) - O governo reuniu-se.", "pt", ["VIENA"]),
        ("WENEN (ANP) - De haven groeit.", "nl", ["WENEN"]),
    ],
)
def test_a_dateline_is_where_the_report_was_written(text: str, language: str, places: list[str]):
    """Town and region, each by itself, before a date or an agency in brackets."""
    assert [(place, Label.PLACE) for place in places] == spans(text, language)[: len(places)]


def test_an_agency_may_open_its_dateline():
    """As in Italy, where the place and the day stand behind it."""
    assert ("GINEVRA", Label.PLACE) in spans("(ANSA) - GINEVRA, 01 DIC - Il porto cresce.", "it")


def test_a_line_that_only_looks_like_a_dateline_is_left_alone():
    """A note in brackets is no agency, and a score is no date."""
    assert ("Harrods", Label.PLACE) not in spans("Harrods (below) - the shop of Hans Keller - is closed.")
    assert ("CHICAGO", Label.ORGANISATION) in spans("NHL RESULTS\nCHICAGO 4 BOSTON 2\nDETROIT 3 DALLAS 1")


def test_in_a_city_is_in_the_city_though_its_club_has_the_name():
    """American clubs go by the name of their city."""
    text = "At Baltimore, Scott Ericks won as the Orioles beat Detroit. Baltimore leads Detroit. Baltimore lost to Detroit."
    assert spans(text)[0] == ("Baltimore", Label.PLACE)


def test_a_company_keeps_the_end_of_its_name():
    """Also where the name before it is a town's."""
    assert ("Sheffield Iron Ltd", Label.ORGANISATION) in spans("Westfarm sold Sheffield Iron Ltd to investors on Monday.")
