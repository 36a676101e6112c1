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
#: What stands beside a word, one bit each: capital inside a sentence; behind a title, a given name, a word for places, "the";
#: before a word of organisations, "said", "'s"; a given name before a capital.
CLUES = {"C": 1, "T": 2, "F": 4, "P": 8, "t": 16, "O": 32, "S": 64, "'": 128, "N": 256}
#: Bits of ``Word.bits`` that a word gives to the one behind it, and to the one before it.
CLUES_BEHIND = CLUES["T"] | CLUES["F"] | CLUES["P"] | CLUES["t"]
CLUES_BEFORE = CLUES["O"] | CLUES["S"] | CLUES["'"]
#: The other bits of ``Word.bits``.
GIVEN, CANDIDATE, MARK, SENTENCE_END, LINE_END, SMALL, NUMBER = (512 << place for place in range(7))
_SENTENCE_ENDS = frozenset(".!?")
_CLUE_WORDS = {"the": CLUES["t"], "'s": CLUES["'"], **dict.fromkeys(SAID, CLUES["S"])}
#: Letters of the endings and beginnings that are seen of a word.
_ENDINGS, _BEGINNINGS = (1, 2, 3, 4), (2, 3, 4)
_SHORT_ACRONYM = 5
_FAR_LISTS = frozenset(("fn", "ln", "ok", "ti", "ro", "gCO"))
_LONGEST_SHAPE = 8
_CACHED_WORDS = 150_000
_LEAST_STEM = 3


class Word:
    """A word type; ``row`` is where the tagger keeps its sums, ``seen_small`` its class of ``training/entities/casing.py``.

    ``attributes`` are those of the word itself, and of them only what it lends to its neighbours where it is never inside a name.
    """

    __slots__ = (
        "attributes",
        "before_place",
        "bits",
        "candidate",
        "connector",
        "family",
        "given",
        "is_line_end",
        "is_number",
        "is_small",
        "kinds",
        "lists",
        "longest",
        "lower",
        "organisation_word",
        "row",
        "seen_small",
        "shape",
        "text",
        "title",
    )

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        gazetteer = lexicon.gazetteer
        self.text = text
        self.row = -1
        self.is_line_end = text[0] == "\n"
        self.lower = lower = "<NL>" if self.is_line_end else text.lower()
        self.shape = "NL" if self.is_line_end else shape_of(text)
        self.candidate = is_candidate(text)
        self.seen_small = lexicon.casing.get(lower)
        self.is_small = text.islower()
        self.is_number = text[0].isdigit()
        self.title = text in TITLES
        self.given = text in gazetteer.given
        self.family = text in gazetteer.family
        self.organisation_word = text in ORGANISATION_WORDS
        self.connector = text in CONNECTORS
        self.before_place = text in BEFORE_PLACES
        self.bits = self._bits()
        written = text.capitalize() if len(text) >= _SHOUTED and text.isupper() else text
        self.kinds = tuple((gazetteer.kinds(written) or gazetteer.kinds(stem_of(written)) or "").split())
        self.longest = gazetteer.longest.get(text, 0)
        self.lists = self._lists(gazetteer, written)
        self.attributes = self._own() if self.candidate or self.connector else self.near

    def _own(self) -> tuple[str, ...]:
        lower, lists = self.lower, self.lists
        size = len(lower)
        attributes = [f"w={lower}", f"s={self.shape}"]
        attributes += [f"u{length}={lower[-length:]}" for length in _ENDINGS if size > length]
        attributes += [f"p{length}={lower[:length]}" for length in _BEGINNINGS if size > length]
        attributes += [f"f={name}" for name in lists]
        if not lists:
            attributes.append("f=none")
        elif "fn" in lists:
            if "ln" not in lists:
                attributes.append("f=fnonly")
        elif "ln" in lists:
            attributes.append("f=lnonly")
        if "-" in self.text:
            attributes.append("hy")
        return tuple(attributes)

    @property
    def near(self) -> tuple[str, ...]:
        """Attributes that the word lends to those beside it."""
        ending = (f"u3={self.lower[-3:]}",) if len(self.lower) > 3 else ()
        return (f"w={self.lower}", f"s={self.shape}", *ending, *[f"f={name}" for name in self.lists])

    @property
    def far(self) -> tuple[str, ...]:
        """Attributes that the word lends to those one word further."""
        return (f"w={self.lower}", f"s={self.shape}", *[f"f={name}" for name in self.lists if name in _FAR_LISTS])

    def _bits(self) -> int:
        text = self.text
        if text[0].isalpha():
            bits = SMALL if self.is_small else 0
            if self.candidate:
                bits |= CANDIDATE | (CLUES["F"] if self.given else 0)
            if self.given:
                bits |= GIVEN
            if self.title:
                bits |= CLUES["T"]
            if self.before_place:
                bits |= CLUES["P"]
            if self.organisation_word:
                bits |= CLUES["O"]
            return bits | _CLUE_WORDS.get(text, 0)
        if text[0] == "\n":
            return MARK | LINE_END
        bits = NUMBER if self.is_number else MARK if not text[0].isalnum() else 0
        bits |= (
            (CANDIDATE if self.candidate else 0) | (SMALL if self.is_small else 0) | (CLUES["O"] if self.organisation_word else 0)
        )
        return bits | (SENTENCE_END if text in _SENTENCE_ENDS else 0) | _CLUE_WORDS.get(text, 0)

    def _lists(self, gazetteer: Gazetteer, written: str) -> list[str]:
        found = []
        if written in gazetteer.given:
            found.append("fn")
        if written in gazetteer.family:
            found.append("ln")
        if written in gazetteer.peoples:
            found.append("dm")
        if written in ORGANISATION_WORDS or written.capitalize() in ORGANISATION_WORDS:
            found.append("ok")
        if written in PLACE_WORDS:
            found.append("lk")
        if written in TITLES:
            found.append("ti")
        if self.is_small and self.lower in ROLES:
            found.append("ro")
        found += [f"g{kind}" for kind in self.kinds]
        if self.seen_small is not None:
            found.append(f"lc{self.seen_small}")
        return found


class Lexicon:
    """Remembers word types; forgets all of them when there are too many, between two documents only."""

    def __init__(
        self, gazetteer: Gazetteer, casing: dict[str, int], *, elisions: bool = False, capital_nouns: bool = False
    ) -> None:
        self.elisions = elisions
        self.capital_nouns = capital_nouns
        self.gazetteer = gazetteer
        self.casing = casing
        self._words = _Words(self)

    def words(self, texts: list[str]) -> list[Word]:
        """Return the word types of words as written."""
        return list(map(self._words.__getitem__, texts))

    @property
    def is_full(self) -> bool:
        """Whether it holds so many words that it should be cleared."""
        return len(self._words) > _CACHED_WORDS

    def clear(self) -> None:
        """Forget every word type."""
        self._words.clear()


class _Words(dict[str, Word]):
    """Word types by their text, made when they are first asked for."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def __missing__(self, text: str) -> Word:
        word = self[text] = Word(text, self._lexicon)
        return word


def stem_of(word: str) -> str:
    """Return what stands before the apostrophe that parts a Turkish name from its case ending, else the word.

    >>> stem_of("Ankara'da"), stem_of("O'Brien"), stem_of("Kyiv")
    ('Ankara', "O'Brien", 'Kyiv')
    """
    if word.isalpha():
        return word
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
