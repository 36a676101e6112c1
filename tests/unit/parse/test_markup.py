"""Markup becomes paragraphs; tables stay readable, nothing runs together."""

from __future__ import annotations

import pytest

from pipeline.stages.parse.markup import html_paragraphs, plain_paragraphs


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One</p><p>Two</p>", ["One", "Two"]),
        ("<p>One</p>\n<p>\n  Two <b>three</b>\n</p>", ["One", "Two three"]),
        ("<div>One<div>Two</div>Three</div>", ["One", "Two", "Three"]),
        ("<ul><li>One</li><li>Two</li></ul>", ["One", "Two"]),
        ("<p>A<br/>B</p>", ["A\nB"]),
        ("<table><tr><td>Mon</td><td>5</td></tr><tr><td>Tue</td><td>7</td></tr></table>", ["Mon\t5\nTue\t7"]),
        ("<table>\n<tr>\n<td><p>Mon</p></td>\n<td><p>5</p></td>\n</tr>\n</table><p>After</p>", ["Mon\t5", "After"]),
        ("<p>One</p><script>alert(1)</script><style>p{}</style><p>Two</p>", ["One", "Two"]),
        ("<p>Tom &amp; Jerry &lt;3</p>", ["Tom & Jerry <3"]),
        ("<pre>One\ntwo\n\nThree</pre>", ["One two", "Three"]),
        ("<h1>Head</h1><p>Text</p>", ["Head", "Text"]),
        ("<p>One<p>Two", ["One", "Two"]),
        ("", []),
        ("<p> </p>", []),
    ],
)
def test_blocks_become_paragraphs(markup: str, expected: list[str]) -> None:
    assert html_paragraphs(markup) == expected


def test_text_that_was_laid_out_by_hand_inside_an_element_keeps_its_paragraphs() -> None:
    text = "<p>(Adds detail)\n    * Point one\n    * Point two\n\n    By Ada Example\n    PORTMOUTH (X) - The harbour\nclosed.\n    It opens later.</p>"
    assert html_paragraphs(text) == [
        "(Adds detail)",
        "* Point one\n* Point two",
        "By Ada Example",
        "PORTMOUTH (X) - The harbour closed.",
        "It opens later.",
    ]


def test_breaks_at_a_width_are_undone_and_those_that_somebody_meant_stay() -> None:
    forced = "<p>The harbour closed on Sunday because of a heavy storm that<br/>had been forecast for days, and will not open before Tuesday<br/>noon.</p>"
    assert "\n" not in html_paragraphs(forced)[0]
    assert html_paragraphs("<p>Ada Example<br/>Harbour Road 5<br/>Portmouth</p>") == ["Ada Example\nHarbour Road 5\nPortmouth"]


def test_columns_of_plain_text_are_kept() -> None:
    table = "Oslo      -3    4\nRome      12   19"
    assert plain_paragraphs(f"Weather:\n\n{table}") == ["Weather:", table]
