"""What of a search is looked for in a text."""

from __future__ import annotations

import pytest

from pipeline.store.database import StoreError
from pipeline.store.search_words import fts5, phrases_of, tsquery

HEADLINE = "HEAD: Cease-fire near Zürich, peace talks and NOT war AND 6"


def marked(words: str) -> list[str]:
    return [HEADLINE[start:end] for phrase in phrases_of(words) for start, end in phrase.places(HEADLINE)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ZURICH", ["Zürich"]),
        ('"peace talks"', ["peace talks"]),
        ('"talks peace"', []),
        ('"peace tal*"', ["peace talks"]),
        ("cease*", ["Cease"]),
        ("cease", ["Cease"]),
        ("cease-fire", ["Cease-fire"]),
        ("zurich NEAR/6 talks", ["Zürich", "talks"]),
        ("HEAD: zurich", ["Zürich"]),
        ("zurich AND peace OR war", ["Zürich", "peace", "war"]),
        ("zurich NOT war", ["Zürich"]),
        ("zurich AND NOT war peace", ["Zürich", "peace"]),
        ("zurich NOT (war OR (peace talks)) fire", ["Zürich", "fire"]),
        ("zurich NOT HEAD: war", ["Zürich"]),
        ("zurich NOT war NEAR/3 peace", ["Zürich"]),
    ],
)
def test_words_phrases_and_prefixes_are_looked_for_and_neither_operators_nor_what_is_excluded(words: str, found: list[str]) -> None:
    assert marked(words) == found


def test_and_not_as_rules_write_it_is_not() -> None:
    assert fts5("talks AND NOT trade") == fts5("talks NOT trade")
    assert tsquery("talks AND NOT trade") == tsquery("talks NOT trade")


@pytest.mark.parametrize(
    "words",
    [
        "a NEAR/3",
        "NEAR/3 a",
        "a NEAR/3 b NEAR/3 c",
        "(a) NEAR/3 b",
        "a NEAR/0 b",
        "a NEAR/31 b",
        "HEAD: (a)",
    ],
)
def test_distances_and_headlines_that_no_index_answers_are_refused_whatever_the_database(words: str) -> None:
    for read in (fts5, tsquery, phrases_of):
        with pytest.raises(StoreError, match="search"):
            read(words)


def test_a_distance_may_be_asked_of_the_headline() -> None:
    assert fts5("HEAD: truce NEAR/2 broken") == 'headline : NEAR("truce" "broken", 1)'
    assert tsquery("HEAD: truce NEAR/1 broken") == "(('truce':A) <1> ('broken':A) | ('broken':A) <1> ('truce':A))"


def test_what_no_database_counts_as_a_word_is_none_in_a_search_either() -> None:
    assert fts5('"truce 🕊 broken"') == '"truce broken"'
    assert tsquery("example.org/a_b") == "('example' <-> 'org' <-> 'a' <-> 'b')"
