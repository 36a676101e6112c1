"""What people type to search: words, phrases, prefixes the rules' operators; read once, written as each database has it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.store.database import StoreError
from pipeline.store.words import places_of, words_of

_TERM = re.compile(r'HEAD:|"[^"]*"|\(|\)|[^\s()"]+')
_NEAR = re.compile(r"NEAR/([0-9]{1,3})")
# Operators of rules that neither database can answer from its index.
_REFUSED = re.compile(r"(ADJ|FIRST|ATLEAST)/[0-9]+")
# PostgreSQL has no operator for "at most so far apart": every distance is written out.
_FARTHEST = 30
_MARKS = ("(", ")", "AND", "OR", "NOT")
_Term = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word, several in a row, or with ``prefix`` the beginning of the last one."""

    text: str
    prefix: bool

    @property
    def terms(self) -> list[_Term]:
        """Its words, and of each whether it is only the beginning of one."""
        *before, last = self.words
        return [*((word, False) for word in before), (last, self.prefix)]

    @property
    def words(self) -> list[str]:
        """The words as an index knows them."""
        return words_of(self.text)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where it stands in a text, in code points.

        >>> Phrase("seis", prefix=True).places("Séisme au Japon")
        [(0, 6)]
        """
        wanted, found = self.words, list(places_of(text))
        folded = [word for word, _, _ in found]
        return [
            (found[at][1], found[at + len(wanted) - 1][2])
            for at in range(len(found) - len(wanted) + 1)
            if self._fits(wanted, folded[at : at + len(wanted)])
        ]

    def _fits(self, wanted: list[str], words: list[str]) -> bool:
        return words == wanted or (self.prefix and words[:-1] == wanted[:-1] and words[-1].startswith(wanted[-1]))


@dataclass(frozen=True, slots=True)
class _Sought:
    """A phrase, or two at most ``distance`` words apart; with ``head`` in the headline only."""

    phrases: tuple[Phrase, ...]
    head: bool
    distance: int = 0


def fts5(words: str) -> str:
    """Write a search for SQLite's FTS5; raises StoreError for words that no search can be made of.

    >>> fts5("truce NEAR/6 broke* NOT HEAD: match")
    'NEAR("truce" "broke" *, 5) NOT headline : "match"'
    """

    def written(sought: _Sought) -> str:
        phrases = " ".join(f'"{" ".join(phrase.words)}"' + " *" * phrase.prefix for phrase in sought.phrases)
        return ("headline : " if sought.head else "") + (f"NEAR({phrases}, {sought.distance - 1})" if sought.distance else phrases)

    return " ".join(piece if isinstance(piece, str) else written(piece) for piece in _Reading(words).pieces())


def tsquery(words: str) -> str:
    """Write a search as PostgreSQL's type tsquery has it; raises StoreError for words that no search can be made of.

    >>> tsquery("Zürich NOT HEAD: match*")
    "('zurich') & ! ('match':*A)"
    """
    operators = {"AND": "&", "OR": "|", "NOT": "& !", "(": "(", ")": ")"}

    def written(sought: _Sought) -> str:
        first, last = sought.phrases[0].terms, sought.phrases[-1].terms
        phrases = [_row(terms, sought.head) for terms in (first, last)]
        either = (phrases, phrases[::-1])
        near = [f" <{apart}> ".join(pair) for apart in range(1, sought.distance + 1) for pair in either]
        near += [_row(terms, sought.head) for terms in _overlaps(first, last) if sought.distance]
        return f"({' | '.join(near)})" if near else phrases[0]

    return " ".join(operators[piece] if isinstance(piece, str) else written(piece) for piece in _Reading(words).pieces())


def _row(terms: Sequence[_Term], head: bool) -> str:
    marks = (("*" if prefix else "") + ("A" if head else "") for _, prefix in terms)
    return (
        "(" + " <-> ".join(f"'{word}'" + (f":{mark}" if mark else "") for (word, _), mark in zip(terms, marks, strict=True)) + ")"
    )


def _overlaps(first: Sequence[_Term], last: Sequence[_Term]) -> Iterator[list[_Term]]:
    """Two phrases laid over each other where their words agree: for FTS5 these are near each other too.

    >>> list(_overlaps([("truce", False), ("broken", False)], [("brok", True)]))
    [[('truce', False), ('broken', False)]]
    """
    for shift in range(1 - len(last), len(first)):
        start, end = min(0, shift), max(len(first), shift + len(last))
        row = [
            _both([phrase[at - begin] for phrase, begin in ((first, 0), (last, shift)) if 0 <= at - begin < len(phrase)])
            for at in range(start, end)
        ]
        if None not in row:
            yield [term for term in row if term]


def _both(terms: list[_Term]) -> _Term | None:
    """What a word in one place must be to fit each term; None where it cannot."""
    narrow = max(terms, key=lambda term: (len(term[0]), not term[1]))
    fits = all(narrow[0].startswith(word) if prefix else narrow == (word, False) for word, prefix in terms)
    return narrow if fits else None


def phrases_of(words: str) -> list[Phrase]:
    """What a search asks for, without its operators and without what it excludes; raises StoreError as the search does.

    >>> [phrase.text for phrase in phrases_of('HEAD: quake NEAR/6 japan* NOT ("drill site" OR film)')]
    ['quake', 'japan']
    """
    found: list[Phrase] = []
    depth, excluded = 0, 0  # parentheses that are open, and which of them NOT excludes
    for before, piece in pairwise(["", *_Reading(words).pieces()]):
        if piece == "(":
            depth += 1
            excluded = depth if before == "NOT" and not excluded else excluded
        elif piece == ")":
            excluded = excluded if excluded != depth else 0
            depth -= 1
        elif isinstance(piece, _Sought) and before != "NOT" and not excluded:
            found += piece.phrases
    return found


class _Reading:
    """One pass over the terms of a search."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._terms = deque(self._split())

    def pieces(self) -> Iterator[str | _Sought]:
        """Yield what is sought and what joins it: ``(``, ``)``, ``OR``, ``NOT`` for AND NOT, ``AND`` also where it is unsaid."""
        ready, depth, term = False, 0, ""  # whether something to join stands before; parentheses that are open
        while self._terms:
            term = self._terms.popleft()
            if term in ("AND", "OR"):
                self._demand(ready, f"{term} needs a word before it")
                if term == "AND" and self._next() == "NOT":
                    continue
                yield term
                ready = False
            elif term == "NOT":
                self._demand(ready, "NOT needs something before it, as in talks NOT trade")
                yield term
                ready = False
            elif term == ")":
                depth -= 1
                self._demand(ready, "a word is missing before a closing parenthesis")
                self._demand(depth >= 0, "parentheses do not match")
                yield term
            else:
                if ready:
                    yield "AND"
                yield term if term == "(" else self._sought(term)
                depth += term == "("
                ready = term != "("
        self._demand(ready, f"{term} needs a word after it")
        self._demand(depth == 0, "parentheses do not match")

    def _sought(self, term: str) -> _Sought:
        head = term == "HEAD:"
        if head:
            self._demand(_plain(self._next()), "HEAD: needs a word or a phrase after it")
            term = self._terms.popleft()
        near = _NEAR.fullmatch(self._next())
        if near is not None and _plain(term):
            operator, after = self._terms.popleft(), self._next()
            self._demand(_plain(after), f"{operator} needs a word or a phrase on either side")
            self._demand(1 <= int(near[1]) <= _FARTHEST, f"{operator}: at most {_FARTHEST} words apart can be searched for")
            return _Sought((_phrase(term), _phrase(self._terms.popleft())), head, int(near[1]))
        self._demand(_plain(term), f"{term} needs a word or a phrase of its own on either side")
        return _Sought((_phrase(term),), head)

    def _next(self) -> str:
        return self._terms[0] if self._terms else ""

    def _split(self) -> Sequence[str]:
        self._demand(self._words.count('"') % 2 == 0, "a quotation mark is missing")
        found = _TERM.findall(self._words)
        terms = [term for term in found if term in _MARKS or words_of(term)]  # a dash between two words is none
        self._demand(any(_plain(term) for term in terms), "no word to look for")
        for term in terms:
            self._demand(not _REFUSED.fullmatch(term), f"{term} is for rules only; a search knows NEAR/n, HEAD: and phrases")
        return terms

    def _demand(self, holds: object, why: str) -> None:
        if not holds:
            raise StoreError(f"search {self._words!r}: {why}")


def _plain(term: str) -> bool:
    """Whether it is a word, a prefix or a phrase."""
    return term not in ("", *_MARKS, "HEAD:") and not _NEAR.fullmatch(term)


def _phrase(term: str) -> Phrase:
    bare = term.strip('"').replace('"', "")
    return Phrase(bare.rstrip("*"), bare.endswith("*"))
