"""Croatian, Bosnian or Serbian: a look at the words that differ.

General detectors give almost all Serbian in Latin script to Croatian or Bosnian. Spelling of yat (ekavian ``vreme``, ijekavian
``vrijeme``), names of months and of institutions, verbs in ``-irati``, ``-ovati`` and ``-isati``, ``da`` clauses in place of
infinitives and the spelling of foreign names tell them apart. The stems stand in ``serbocroatian.txt``. A third of the fragments
of four to twelve words holds none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pipeline.stages.remembering import remembered

LABELS = ("hr", "bs", "sr")

# Log-odds that a marker adds: Croatian, Bosnian, Serbian. Fitted to sentences whose language is known, then rounded; names were
# left out of that, since a country's neighbours write of it too.
_WEIGHTS = {
    "ijekavian": (1.3, 1.2, -2.4),
    "ekavian": (-1.2, -0.7, 1.9),
    "croatian": (1.3, 0.3, -1.6),
    "bosnian": (-0.7, 1.5, -0.8),
    "serbian": (-1.3, -0.1, 1.5),
    "eastern": (-1.3, 0.6, 0.7),
    "western": (0.4, 0.7, -1.2),
    "croatian name": (0.3, 0.0, 0.0),
    "bosnian name": (0.0, 0.3, 0.0),
    "serbian name": (0.0, 0.0, 0.3),
    "da clause": (-1.3, 0.0, 1.3),
    "infinitive": (0.2, 0.5, -0.6),
    "infinitive future": (0.4, -0.1, -0.3),
    "foreign spelling": (0.0, 0.4, -0.4),
}
# Where nothing tells, Croatian and Serbian come out equally often, and Bosnian, which shares its words with both, less.
_START = (0.12, -0.28, 0.18)
# What the models say of these three is worth little more than a coin; it decides where no marker does.
_MODEL_WEIGHT = 0.013
_MODEL_WORST = -30.0
_MODAL = (
    r"(?:treba\w*|moze\w*|mogu|mogao|mogl[aei]|zeli\w*|zele|zelel[aie]|zeleo|zelj[ael]\w*|mora\w*|hoce\w*|hteo|htel[aie]|htio|htjel[aie]"
    r"|necu|nece\w*|poce\w*|pocinj\w+|pokusa\w*|usp[ej]\w*|planira\w*|odluci\w*|nastav\w+|smej?u|sme|smij[eu]\w*|duz[an]\w*|pomaz\w*)"
)
_DA_CLAUSE = re.compile(rf"\b{_MODAL}(?: se)? da\b")
_INFINITIVE = re.compile(rf"\b{_MODAL}(?: se)? \w{{2,}}(?:ti|ci)\b")
_INFINITIVE_FUTURE = re.compile(r"\b\w{2,}(?:at|it|et|ut|st) (?:ce|cu|cemo)\b")
_FOREIGN = re.compile(r"[qwxy]|([b-df-hk-np-tvz])\1|th|sh|ph|ck")
_WORD = re.compile(r"[a-z]+")
# A word is counted for the first of each of these that it matches.
_YAT: tuple[str, ...] = ("ijekavian", "ekavian")
_LEXICAL: tuple[str, ...] = (
    "croatian",
    "bosnian",
    "serbian",
    "eastern",
    "western",
    "bosnian name",
    "croatian name",
    "serbian name",
)


def weigh(text: str, scores: Mapping[str, float]) -> dict[str, float]:
    """Give the log-odds of ``hr``, ``bs`` and ``sr``; ``scores`` is what the models say.

    >>> odds = weigh("Predsednik je rekao da će vlada uvek biti ovde", {})
    >>> max(odds, key=odds.get)
    'sr'
    >>> odds = weigh("Predsjednik je kazao kako će vlada tijekom tjedna predložiti proračun", {})
    >>> max(odds, key=odds.get)
    'hr'
    """
    found = markers(text)
    return {
        label: start
        + _MODEL_WEIGHT * max(scores.get(label, _MODEL_WORST), _MODEL_WORST)
        + sum(_WEIGHTS[kind][column] * number for kind, number in found.items())
        for column, (label, start) in enumerate(zip(LABELS, _START, strict=True))
    }


def markers(text: str) -> Counter[str]:
    """Count the markers of each kind."""
    folded = _fold(text)
    found = Counter(kind for word in _WORD.findall(folded) for kind in _kinds(word))
    found["da clause"] = len(_DA_CLAUSE.findall(folded))
    found["infinitive"] = len(_INFINITIVE.findall(folded))
    found["infinitive future"] = len(_INFINITIVE_FUTURE.findall(folded))
    return found


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@remembered(16_384)
def _kinds(word: str) -> tuple[str, ...]:
    matching = {kind for kind, pattern in _patterns().items() if pattern.match(word)}
    kinds = [kind for kind in _YAT if kind in matching][:1] + [kind for kind in _LEXICAL if kind in matching][:1]
    if not kinds and len(word) > 2 and _FOREIGN.search(word):
        kinds.append("foreign spelling")
    return tuple(kinds)


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
