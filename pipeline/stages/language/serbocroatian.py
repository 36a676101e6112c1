"""Croatian, Bosnian or Serbian: a look at the words that differ.

General detectors give almost all Serbian in Latin script to Croatian or Bosnian. Spelling of yat (ekavian ``vreme``, ijekavian
``vrijeme``), names of months and of institutions, and ``da`` clauses in place of infinitives tell them apart. The stems stand in
``serbocroatian.txt``; the weights were set by hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from importlib.resources import files

# Points for a marker: Croatian, Bosnian, Serbian.
_WEIGHTS = {
    "ijekavian": (1.2, 1.2, -2.0),
    "ekavian": (-2.0, -2.0, 1.6),
    "croatian": (1.6, -0.6, -1.4),
    "bosnian": (-0.8, 1.6, -0.6),
    "serbian": (-1.0, -0.6, 1.4),
    "eastern": (-1.2, 1.2, 0.9),
    "western": (0.8, 0.8, -1.0),
    "da clause": (-1.0, 0.3, 1.0),
    "infinitive future": (0.4, 0.4, -0.6),
}
_DA_CLAUSE = re.compile(
    r"\b(?:treba|moze|mogu|zeli|zele|mora|moraju|hoce|trebalo|moci|nece|pocne|pocinj\w+|pokusa\w+|uspe\w*|planira\w*|odluci\w*"
    r"|nastav\w+|zeleo|htel\w*) da\b"
)
_INFINITIVE_FUTURE = re.compile(r"\b\w{2,}(?:at|it|et|ut|st) ce\b")
_WORD = re.compile(r"[a-z]+")


def score(text: str) -> dict[str, float]:
    """Weigh the markers for ``hr``, ``bs`` and ``sr``; all 0 where there are none.

    >>> score("Predsednik je rekao da će vlada uvek biti ovde")["sr"] > 0
    True
    """
    folded = _fold(text)
    found = Counter(kind for word in _WORD.findall(folded) for kind in _kinds(word))
    found["da clause"] = len(_DA_CLAUSE.findall(folded))
    found["infinitive future"] = len(_INFINITIVE_FUTURE.findall(folded))
    totals = [sum(_WEIGHTS[kind][column] * number for kind, number in found.items()) for column in range(3)]
    return dict(zip(("hr", "bs", "sr"), totals, strict=True))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache(maxsize=16384)
def _kinds(word: str) -> tuple[str, ...]:
    matching = {kind for kind, pattern in _patterns().items() if pattern.match(word)}
    if "ijekavian" in matching:
        matching.discard("ekavian")
    for kind in ("croatian", "bosnian", "serbian", "eastern", "western"):
        if kind in matching:
            return (*sorted(matching & {"ijekavian", "ekavian"}), kind)
    return tuple(matching)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists: dict[str, list[str]] = {}
    stems: list[str] = []
    for line in files(__package__).joinpath("serbocroatian.txt").read_text(encoding="ascii").splitlines():
        if line.endswith(":"):
            stems = lists.setdefault(line[:-1], [])
        elif not line.startswith("#"):
            stems += line.split()
    return {kind: re.compile("|".join(words)) for kind, words in lists.items()}
