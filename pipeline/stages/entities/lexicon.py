"""What is known of a word by itself, apart from its neighbours: shape, endings, lists it stands on."""

from __future__ import annotations

from pipeline.stages.entities.gazetteer import Gazetteer
from pipeline.stages.entities.vocabulary import (
    BEFORE_PLACES,
    CONNECTORS,
    ORGANISATION_WORDS,
    PLACE_WORDS,
    ROLES,
    SAID,
    TITLES,
)

#: Words in capitals from this length on are looked up as if written with one capital: "REUTERS", but not "WHO".
_SHOUTED = 4
_SHORT_ACRONYM = 5
_FAR_LISTS = frozenset(("fn", "ln", "ok", "ti", "ro", "gCO"))
_LONGEST_SHAPE = 8
_CACHED_WORDS = 150_000
_LEAST_STEM = 3


class Word:
    """A word type; ``row`` is where the tagger keeps its sums, ``seen_small`` its class of ``training/entities/casing.py``.

    ``own``, ``near`` and ``far`` are its attributes as the word itself, as a neighbour and as the one beyond.
    """

    __slots__ = (
        "before_place",
        "candidate",
        "clue_after",
        "clue_before",
        "connector",
        "ends_sentence",
        "family",
        "far",
        "given",
        "is_line_end",
        "is_mark",
        "is_number",
        "is_small",
        "kinds",
        "longest",
        "lower",
        "near",
        "organisation_word",
        "own",
        "row",
        "seen_small",
        "shape",
        "text",
        "title",
    )

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self.row = -1
        self.is_line_end = text[0] == "\n"
        self.lower = "<NL>" if self.is_line_end else text.lower()
        self.shape = "NL" if self.is_line_end else shape_of(text)
        self.candidate = is_candidate(text)
        self.seen_small = lexicon.casing.get(self.lower)
        self.is_small = text.islower()
        self.is_mark = not text[0].isalnum()
        self.is_number = text[0].isdigit()
        self.ends_sentence = text in (".", "!", "?")
        self.title = text in TITLES
        self.given = text in lexicon.gazetteer.given
        self.family = text in lexicon.gazetteer.family
        self.organisation_word = text in ORGANISATION_WORDS
        self.connector = text in CONNECTORS
        self.before_place = text in BEFORE_PLACES
        self.clue_before = (
            2 * self.title + 4 * (self.given and self.candidate) + 8 * self.before_place + 16 * (text == "the")
        )  # bits of ``reading.CLUES`` for the word behind
        self.clue_after = 32 * self.organisation_word + 64 * (text in SAID) + 128 * (text == "'s")
        written = text.capitalize() if text.isupper() and len(text) >= _SHOUTED else text
        self.kinds = tuple((lexicon.gazetteer.kinds(written) or lexicon.gazetteer.kinds(stem_of(written)) or "").split())
        self.longest = lexicon.gazetteer.longest.get(text, 0)
        lists = self._lists(lexicon, written)
        basis = [f"w={self.lower}", f"s={self.shape}"]
        listed = [f"f={name}" for name in lists]
        self.own: tuple[str, ...] = ()
        if self.candidate or self.connector:  # no other word is ever inside a name
            self.own = (*basis, *self._affixes(), *listed, *self._name_clues(lists), *(("hy",) if "-" in text else ()))
        ending = (f"u3={self.lower[-3:]}",) if len(self.lower) > 3 else ()
        self.near = (*basis, *ending, *listed)
        self.far = (*basis, *(f"f={name}" for name in lists if name in _FAR_LISTS))

    def _lists(self, lexicon: Lexicon, written: str) -> list[str]:
        gazetteer = lexicon.gazetteer
        found = [
            name
            for name, holds in (
                ("fn", written in gazetteer.given),
                ("ln", written in gazetteer.family),
                ("dm", written in gazetteer.peoples),
                ("ok", written in ORGANISATION_WORDS or written.capitalize() in ORGANISATION_WORDS),
                ("lk", written in PLACE_WORDS),
                ("ti", written in TITLES),
                ("ro", self.is_small and self.lower in ROLES),
            )
            if holds
        ]
        found += [f"g{kind}" for kind in self.kinds]
        return found if self.seen_small is None else [*found, f"lc{self.seen_small}"]

    def _affixes(self) -> list[str]:
        lower = self.lower
        endings = [f"u{size}={lower[-size:]}" for size in (1, 2, 3, 4) if len(lower) > size]
        return endings + [f"p{size}={lower[:size]}" for size in (2, 3, 4) if len(lower) > size]

    @staticmethod
    def _name_clues(lists: list[str]) -> list[str]:
        if not lists:
            return ["f=none"]
        if "fn" in lists and "ln" not in lists:
            return ["f=fnonly"]
        return ["f=lnonly"] if "ln" in lists and "fn" not in lists else []


class Lexicon:
    """Remembers word types; forgets all of them when there are too many, between two documents only."""

    def __init__(self, gazetteer: Gazetteer, casing: dict[str, int], *, elisions: bool = False) -> None:
        self.elisions = elisions
        self.gazetteer = gazetteer
        self.casing = casing
        self._words: dict[str, Word] = {}

    def words(self, texts: list[str]) -> list[Word]:
        """Return the word types of words as written."""
        known = self._words
        for text in texts:
            if text not in known:
                known[text] = Word(text, self)
        return [known[text] for text in texts]

    @property
    def is_full(self) -> bool:
        """Whether it holds so many words that it should be cleared."""
        return len(self._words) > _CACHED_WORDS

    def clear(self) -> None:
        """Forget every word type."""
        self._words.clear()


def stem_of(word: str) -> str:
    """Return what stands before the apostrophe that parts a Turkish name from its case ending, else the word.

    >>> stem_of("Ankara'da"), stem_of("O'Brien"), stem_of("Kyiv")
    ('Ankara', "O'Brien", 'Kyiv')
    """
    for mark in ("'", "’"):
        head, found, tail = word.partition(mark)
        if found and len(head) >= _LEAST_STEM and tail.islower():
            return head
    return word


def is_candidate(word: str) -> bool:
    """Whether a word may be part of a name: it has a capital.

    >>> [is_candidate(word) for word in ("Kyiv", "al-Assad", "iPhone", "said", "’S")]
    [True, True, True, False, False]
    """
    return word[0].isupper() or (len(word) > 2 and not word.islower() and any(char.isupper() for char in word))


def shape_of(word: str) -> str:
    """Pattern of capitals, small letters and digits.

    >>> [shape_of(word) for word in ("Kyiv", "NATO", "1996", "F-16", "McDonald")]
    ['Xx', 'XX', 'd4', 'X-d', 'XxX']
    """
    if word.isalpha():
        if word.islower():
            return "x"
        if word.isupper():
            return "X" if len(word) == 1 else "XX" if len(word) <= _SHORT_ACRONYM else "XXX"
        if word[0].isupper() and word[1:].islower():
            return "Xx"
        return "XxX" if word[0].isupper() else "xX"
    if word.isdigit():
        return "d4" if len(word) == 4 else "d"
    pattern: list[str] = []
    for char in word[:40]:
        kind = "X" if char.isupper() else "x" if char.islower() else "d" if char.isdigit() else char
        if not pattern or pattern[-1] != kind:
            pattern.append(kind)
    return "".join(pattern)[:_LONGEST_SHAPE]
