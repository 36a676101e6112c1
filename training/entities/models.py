"""What each shipped model is trained from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.stages.entities.tokens import tokenize
from training.entities import casing, corpora, gazetteer, samples, wirecopy
from training.entities.common import common_words
from training.entities.corpora import Corpus, Example


@dataclass(frozen=True)
class Recipe:
    """A model: corpora, own wire copy (language → documents), and how it is fitted.

    ``rounds`` fits are averaged. ``lines_alone``: of so many documents of wire copy, the lines of one are read each as a text of
    its own; 0 for none.
    """

    name: str
    corpora: tuple[Corpus, ...]
    wire_copy: dict[str, int]
    word_lists: tuple[str, ...] = ()
    nouns_are_capitalised: bool = False
    elisions: bool = False
    lines_alone: int = 0
    rounds: int = 3
    passes: int = 10
    least_weight: float = 0.01


RECIPES = (
    Recipe("en", (corpora.WIKIGOLD, corpora.WNUT17, corpora.BTC, corpora.SYNTH, corpora.GMB), {"en": 3200}),
    Recipe(
        "romance",
        (corpora.WIKIGOLD,),
        {"es": 3000, "fr": 1500, "pt": 1000, "it": 600},
        word_lists=("es", "fr", "it", "pt"),
        elisions=True,
        lines_alone=3,
    ),
    Recipe("de", (corpora.GERMEVAL, corpora.WIKIGOLD), {"de": 1500}, word_lists=("de",), nouns_are_capitalised=True, lines_alone=3),
)
_SEED = 2026
_VOWELS = frozenset("aeiouy")
_HELD_BACK_SEED = 7


def examples(recipe: Recipe, folder: Path) -> Iterator[Example]:
    """Training examples in a fixed order, weighted by repetition."""
    for corpus in recipe.corpora:
        for example in corpora.read(corpus, folder):
            for _ in range(corpus.weight):
                yield example
    for language, count in recipe.wire_copy.items():
        for number, example in enumerate(wirecopy.write(language, count, _SEED)):
            if recipe.lines_alone and number % recipe.lines_alone == 0:
                yield from _lines(example)
            else:
                yield example


def _lines(example: Example) -> Iterator[Example]:
    """Each line by itself: a family name whose bearer is named nowhere else in the text."""
    start = 0
    for line in example.text.split("\n"):
        end = start + len(line)
        yield Example(line, [(first - start, last - start, type_) for first, last, type_ in example.names if start <= first < end])
        start = end + 1


def held_back(recipe: Recipe, folder: Path) -> dict[str, list[Example]]:
    """Examples that no model has seen, by where they come from."""
    found = {corpus.file: list(corpora.read(corpus, folder, held_back=True)) for corpus in recipe.corpora if corpus.held_back}
    for language in recipe.wire_copy:
        found[f"wire copy {language}"] = list(wirecopy.write(language, 60, _HELD_BACK_SEED))
        found.update((f"own dispatches {file}", labelled) for file, labelled in samples.read(language).items())
    return found


@cache
def _acronyms() -> frozenset[str]:
    """Bodies that are written in capitals throughout."""
    return frozenset(form for *_, names in gazetteer.table("organisations.tsv") for form in names.split("|") if form.isupper())


def learn_casing(recipe: Recipe, folder: Path) -> dict[str, int]:
    """How words are written, from the corpora, the wire copy and lists of common words (Faker, MIT)."""
    if recipe.name == "en":
        found = casing.learn(
            example.text
            for corpus in (corpora.GMB, corpora.WIKIGOLD, corpora.WNUT17, corpora.BTC)
            for example in corpora.read(corpus, folder)
        )
        # The tweets write "nfl"; without a vowel it is no word, and a headline's "NFL" stays what it is.
        return {word: seen for word, seen in found.items() if word.upper() not in _acronyms() or not _VOWELS.isdisjoint(word)}
    texts: list[Example] = [
        example for corpus in recipe.corpora if corpus is not corpora.WIKIGOLD for example in corpora.read(corpus, folder)
    ]
    texts += [example for language, count in recipe.wire_copy.items() for example in wirecopy.write(language, count // 4, _SEED)]
    found = casing.learn(
        _small_nouns(texts) if recipe.nouns_are_capitalised else (example.text for example in texts), elisions=recipe.elisions
    )
    for language in recipe.word_lists:
        found.update((word, 3) for word in common_words(language) if found.get(word, 3) > 0)
    return found


def _small_nouns(texts: Iterable[Example]) -> Iterator[str]:
    """Texts with every word outside a name in small letters: what is left capital is a name, not a German noun."""
    for example in texts:
        inside = {place for start, end, _ in example.names for place in range(start, end)}
        characters = list(example.text)
        words, starts, ends = tokenize(example.text)
        for word, start, end in zip(words, starts, ends, strict=True):
            if start not in inside and len(word.lower()) == len(word):
                characters[start:end] = word.lower()
        yield "".join(characters)
