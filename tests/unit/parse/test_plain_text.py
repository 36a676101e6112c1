"""Plain text: headline, date line and dateline in any order, with or without blank lines between them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.stages.parse.stage import Parsed

Read = Callable[..., Parsed]
ONE = "The foreign minister of Élysia warned on Tuesday of serious consequences if the border stays closed, he told reporters."
TWO = "A second paragraph tells the rest of it at some length, and says what NATO and others think of it."
SIGNOFF = "abc-def / gh / ij"


@pytest.mark.parametrize(
    ("opening", "headline", "dateline"),
    [
        ("PARIS, 3 sept 2024 (AFP) - ", None, "PARIS, 3 sept 2024 (AFP)"),
        ("Port closed\n\nPARIS, 3 sept 2024 (AFP) - ", "Port closed", "PARIS, 3 sept 2024 (AFP)"),
        ("Port closed\nPARIS, 3 sept 2024 (AFP) - ", "Port closed", "PARIS, 3 sept 2024 (AFP)"),
        ("Port closed.\n\nPARIS, 3 sept 2024 (AFP) - ", "Port closed.", "PARIS, 3 sept 2024 (AFP)"),
        ("Port closed\n\nPARIS, 3 sept 2024 (AFP) -\n\n", "Port closed", "PARIS, 3 sept 2024 (AFP)"),
        ("PARIS, 3 sept 2024 (AFP) -\n\nPort closed\n\n", "Port closed", "PARIS, 3 sept 2024 (AFP)"),
        ("PARIS, 3 sept 2024 (AFP)\n\nPort closed\n\n", "Port closed", "PARIS, 3 sept 2024 (AFP)"),
        ("3 septembre 2024\n\nPort closed\n\n", "Port closed", "3 septembre 2024"),
        ("2024-09-03T14:30:00Z\nPort closed\n\nParis (AFP) – ", "Port closed", "Paris (AFP)"),
        ("Tuesday, September 3, 2024 14:30 GMT\n\nPort closed\n\nParis (AFP) – ", "Port closed", "Paris (AFP)"),
        ("PARIS/VALDORA, Sept 3 (AFP) -- ", None, "PARIS/VALDORA, Sept 3 (AFP)"),
        ("PARÍS , 03 SEP. 2024( AFP ) – ", None, "PARÍS , 03 SEP. 2024( AFP )"),
        ("Valdora, Élysia | 2024-09-03 | (AFP) | ", None, "Valdora, Élysia | 2024-09-03 | (AFP)"),
        ("PARIS, Sept 3, 2024 (AFP) ", None, "PARIS, Sept 3, 2024 (AFP)"),
        ("Port closed\n\nBy Ada Example\n\nPARIS, 3 sept 2024 14h30 (AFP) - ", "Port closed", "PARIS, 3 sept 2024 14h30 (AFP)"),
    ],
)
@pytest.mark.parametrize("breaks", [("\n", "\n\n"), ("\r\n", "\n\n"), ("\n", "\n")])
def test_headline_and_dateline_leave_the_text(
    read: Read, opening: str, headline: str | None, dateline: str, breaks: tuple[str, str]
) -> None:
    end, between = breaks
    text = f"{opening}{ONE}{between}{TWO}{between}{SIGNOFF}\n".replace("\n", end)
    dispatch = read(text).dispatches[0].dispatch
    assert (dispatch.provider, dispatch.headline, dispatch.dateline) == ("afp", headline, dateline)
    assert dispatch.signoff == SIGNOFF
    assert dispatch.text == f"{ONE}\n\n{TWO}"


def test_prose_that_names_an_agency_in_parentheses_is_no_dateline(read: Read) -> None:
    text = f"Port closed\n\nThe minister told Agence France-Presse (AFP) - and others - that it is over.\n\n{TWO}\n"
    dispatch = read(text).dispatches[0].dispatch
    assert dispatch.dateline is None
    assert dispatch.text.startswith("The minister told")


def test_lines_broken_at_a_width_are_joined(read: Read) -> None:
    text = "Port closed\n\nPARIS, 3 sept 2024 (AFP) - The foreign minister of Élysia warned\non Tuesday of serious\nconsequences.\n    Second\nparagraph.\n"
    assert read(text).dispatches[0].dispatch.text == (
        "The foreign minister of Élysia warned on Tuesday of serious consequences.\n\nSecond paragraph."
    )


def test_a_flash_without_headline_states_its_urgency(read: Read) -> None:
    dispatch = read("FLASH - Harbour closed").dispatches[0].dispatch
    assert (dispatch.urgency, dispatch.text) == (1, "FLASH - Harbour closed")


PARAGRAPHS = f"{ONE}\n\n{TWO}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("URGENT\n\nPort closed\n\nPORTMOUTH (AFP) - " + PARAGRAPHS, {"urgency": 3, "headline": "Port closed", "keywords": ["URGENT"]}),
        ("FLASH\nPort closed\n", {"urgency": 1, "text": "Port closed"}),
        ("Eil: Hafen zu\n\nPortmund (dpa) - " + PARAGRAPHS, {"urgency": 2, "headline": "Eil: Hafen zu"}),
        ("AFP - Nov 24, 2026\nPort closed\n\n" + PARAGRAPHS, {"provider": "afp", "headline": "Port closed"}),
        ("Port closed\nBy ADA EXAMPLE\nAssociated Press\n\nPORTMOUTH (AP) — " + PARAGRAPHS, {"headline": "Port closed", "byline": "By ADA EXAMPLE"}),
        ("EMBARGOED UNTIL 0500 GMT, NOV 25, 2026\nPort closed\n\nPORTMOUTH (PA) - " + PARAGRAPHS, {"headline": "Port closed"}),
        ("(Adds quotes)\n\nPort closed\n\nPORTMOUTH (AFP) - " + PARAGRAPHS, {"headline": "Port closed", "notes": "(Adds quotes)"}),
        ("Headline: Port closed\nSource: AFP\nDate: 24 November 2026\nKeywords: port, storm\n\n" + PARAGRAPHS,
         {"headline": "Port closed", "provider": "afp", "keywords": ["port", "storm"], "text": PARAGRAPHS.strip()}),
        ("Port closed\n\nVALDORA, Nov. 24 (Example Wire) - " + PARAGRAPHS, {"provider": "example-wire", "text": PARAGRAPHS.strip()}),
        ("Port closed\n\n" + PARAGRAPHS + "\nThis report by The Canadian Press was first published Nov. 24, 2026.\n", {"provider": "cp"}),
        ("KILL KILL KILL\n\nPort closed (AFP)\n\nPlease kill our story on the port.\n", {"provider": "afp", "status": "canceled"}),
        ("PORTMOUTH 24/11 (BELGA) = Le port est fermé. ./.\n", {"text": "Le port est fermé.", "provider": "belga"}),
    ],
)  # fmt: skip
def test_what_desks_put_above_and_below_a_text_goes_to_its_field(read: Read, text: str, expected: dict[str, object]) -> None:
    dispatch = read(text).dispatches[0].dispatch.model_dump(mode="json")
    assert {field: dispatch[field] for field in expected} == expected
