"""The open corpora of ``$WIREFEED_CORPORA/data/entities/train``, and the part of each that is held back for the score."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.stages.entities.edges import TITLES_BEFORE


class Example(NamedTuple):
    """A text with its names: start, end (code points) and type."""

    text: str
    names: list[tuple[int, int, str]]


@dataclass(frozen=True)
class Corpus:
    """A file of examples. Every ``held_back``-th one is kept out of training; 0 keeps none."""

    file: str
    source: str
    licence: str
    weight: int = 1
    held_back: int = 0
    titles_are_names: bool = False


WIKIGOLD = Corpus("wikigold.jsonl", "Wikigold (Balasuriya et al. 2009)", "CC BY 4.0", weight=2, held_back=8)
WNUT17 = Corpus("wnut17.jsonl", "WNUT-17 training set", "CC BY 4.0", held_back=12)
BTC = Corpus("btc.jsonl", "Broad Twitter Corpus, parts a, b, e-h", "CC BY 4.0")
SYNTH = Corpus("synth.jsonl", "templates over GeoNames, CLDR, Faker, openfootball, NYSE and brand names", "own; CC BY 4.0 names")
GMB = Corpus(
    "gmb_self.jsonl",
    "public-domain newswire of the Groningen Meaning Bank, labelled by an own model",
    "public domain",
    held_back=40,
    titles_are_names=True,
)
GERMEVAL = Corpus("germeval14_dev.jsonl", "GermEval 2014 development set", "CC BY 4.0", weight=2, held_back=8)


def read(corpus: Corpus, folder: Path, *, held_back: bool = False) -> Iterator[Example]:
    """Examples for training, or those that were held back."""
    with (folder / corpus.file).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            kept_out = bool(corpus.held_back) and number % corpus.held_back == 0
            if kept_out == held_back:
                entry = json.loads(line)
                names = [(name["start"], name["end"], name["type"]) for name in entry["entities"]]
                yield Example(entry["text"], _without_titles(entry["text"], names) if corpus.titles_are_names else names)


def _without_titles(text: str, names: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The other corpora leave "President" out of "President Kovač"; so does what ships."""
    found = []
    for start, end, type_ in names:
        first = start
        while type_ == "PER" and (title := re.match(r"(\S+) +(?=\S)", text[first:end])) and title[1] in TITLES_BEFORE:
            first += title.end()
        found.append((first, end, type_))
    return found


def digest(corpus: Corpus, folder: Path) -> str:
    """SHA-256 of the file."""
    return hashlib.sha256((folder / corpus.file).read_bytes()).hexdigest()
