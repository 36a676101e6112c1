"""Common words of a language, to tell an ordinary word that opens a sentence from a name."""

from __future__ import annotations

import importlib
import re
from functools import cache
from pathlib import Path

from pipeline.stages.entities.gazetteer import gazetteer

_LISTS = {"es": "es_ES", "fr": "fr_FR", "it": "it_IT", "de": "de_DE", "nl": "nl_NL", "en": "en_US"}
_NAMES = Path(__file__).parent / "names"


@cache
def _columns() -> dict[str, tuple[str, ...]]:
    rows = (line.split("\t") for line in (_NAMES / "common.tsv").read_text(encoding="utf-8").splitlines())
    return {key: tuple(words.split(" ")) for key, words in rows}


def nouns(language: str) -> tuple[str, ...]:
    """Common nouns in small letters, for a language that writes them large; none for another."""
    return _columns().get(f"{language}-nouns", ())


def compounds(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First and second halves of compound nouns, in small letters: any two make a word."""
    return _columns()[f"{language}-modifiers"], _columns()[f"{language}-heads"]


@cache
def common_words(language: str) -> tuple[str, ...]:
    """Common words in small letters, sorted; names of countries and towns are no common words."""
    found = {*_columns().get(language, ()), *nouns(language)}
    if language in _LISTS:
        provider = importlib.import_module(f"faker.providers.lorem.{_LISTS[language]}").Provider
        names = gazetteer().countries
        found.update(
            word.lower()
            for word in provider.word_list
            if re.fullmatch(r"[^\W\d_]+", word) and word.capitalize() not in names and (word.islower() or language == "de")
        )
    return tuple(sorted(found))
