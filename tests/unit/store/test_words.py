"""What a word is, for the index of words of either database."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.store.search_words import tsquery
from pipeline.store.words import fts5_row, tsvector, words_of


def document(headline: str | None, body: str) -> dict[str, Any]:
    return {"dispatch": {"headline": headline, "text": body}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("truce 🕊 broken", ["truce", "broken"]),
        ("cease-fire", ["cease", "fire"]),
        ("3.5 %", ["3", "5"]),
        ("a_b", ["a", "b"]),
        ("x@y.org", ["x", "y", "org"]),
        ("ΣΑΣ σας", ["σασ", "σασ"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ﬁn", ["fin"]),
        ("mir\u0306", ["mir"]),
        ("a\x00b", ["a", "b"]),
    ],
)
def test_signs_part_words_and_neither_case_nor_diacritics_count(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_sign_between_two_words_takes_no_place() -> None:
    assert tsvector(document(None, "truce 🕊 broken")) == tsvector(document(None, "truce broken"))


def test_a_word_as_long_as_a_text_is_cut_to_what_both_databases_hold() -> None:
    assert {len(word) for word in words_of("x" * 1200)} == {500, 200}


def test_a_word_has_no_more_places_than_both_databases_keep_and_the_next_word_keeps_its_own() -> None:
    assert fts5_row(document("", "truce " * 200 + "broken"))["body"].split().count("truce") == 127
    assert fts5_row(document("", "truce " * 200 + "broken"))["body"].split().index("broken") == 200
    assert tsvector(document("", "truce " * 200 + "broken")).endswith("broken:232")


def test_phrases_that_lie_over_each_other_are_near_each_other() -> None:
    assert tsquery('"truce broken" NEAR/1 broken*').endswith("| ('truce' <-> 'broken'))")


def test_no_text_is_longer_than_an_index_takes() -> None:
    words = words_of("가나다라" * 300_000 + "\ud800")
    assert max(len(word.encode("utf-8", "surrogatepass")) for word in words) <= 2046
    assert len(tsvector(document("x", " ".join(map(chr, range(0x3400, 0x9FFF))) * 30)).encode()) < 1_000_000
