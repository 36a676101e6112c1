"""What people type to search, rewritten in the database's own syntax: words, phrases, prefixes and the rules' operators."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from pipeline.store.database import StoreError

_WORD = re.compile(r'HEAD:|"[^"]*"|\(|\)|[^\s()"]+')
_NEAR = re.compile(r"NEAR/([0-9]{1,3})")
# Operators of rules that neither database can answer from its index.
_REFUSED = re.compile(r"(ADJ|FIRST|ATLEAST)/[0-9]+")
# PostgreSQL has no operator for "at most so far apart": every distance is written out.
_FARTHEST = 30


def fts5(words: str) -> str:
    """Write a search for SQLite's FTS5; raises StoreError for words that no search can be made of.

    >>> fts5("truce NEAR/6 broke* NOT HEAD: match")
    'NEAR("truce" "broke" *, 5) NOT headline : "match"'
    """

    def operand(term: str) -> str:
        bare = term.strip('"').replace('"', "")
        return f'"{bare.rstrip("*")}"' + (" *" if bare.endswith("*") else "")

    return _Rewriting(
        words, {"AND": "AND", "OR": "OR", "ANDNOT": "NOT"}, operand,
        near=lambda first, second, far: f"NEAR({first} {second}, {far - 1})", head=lambda each: f"headline : {each}",
    ).text()  # fmt: skip


def tsquery(words: str) -> str:
    """Write a search for PostgreSQL's to_tsquery; raises StoreError for words that no search can be made of.

    >>> tsquery("Zürich NOT HEAD: match*")
    "('zurich') & ! ('match':*A)"
    """

    def operand(term: str) -> str:
        parts = re.findall(r"\w+", fold(term))
        return "(" + " <-> ".join(f"'{part}'" for part in parts) + (":*" if term.strip('"').endswith("*") else "") + ")"

    def near(first: str, second: str, far: int) -> str:
        both = ((first, second), (second, first))
        return "(" + " | ".join(f"{a} <{each}> {b}" for each in range(1, far + 1) for a, b in both) + ")"

    def head(each: str) -> str:
        return each.replace(":*", ":*A") if ":*" in each else re.sub(r"'(?=[ )])", "':A", each)

    return _Rewriting(words, {"AND": "&", "OR": "|", "ANDNOT": "& !"}, operand, near, head).text()


def fold(text: str) -> str:
    """Take case and diacritics away, as SQLite's tokenizer does.

    >>> fold("Zürich")
    'zurich'
    """
    if text.isascii():
        return text.lower()
    return "".join(each for each in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(each))


class _Rewriting:
    """One pass over the terms of a search."""

    def __init__(
        self,
        words: str,
        operators: dict[str, str],
        operand: Callable[[str], str],
        near: Callable[[str, str, int], str],
        head: Callable[[str], str],
    ) -> None:
        self._words = words
        self._operators = operators
        self._operand = operand
        self._near = near
        self._head = head

    def text(self) -> str:
        """Rewrite everything."""
        terms = self._terms()
        out: list[str] = []
        ready, depth = False, 0  # whether an operand stands before; parentheses that are open
        for index, term in enumerate(terms):
            before = terms[index - 1] if index else ""
            if term in ("AND", "OR"):
                self._demand(ready, f"{term} needs a word before it")
                out.append(self._operators[term])
                ready = False
            elif term == ")":
                depth -= 1
                self._demand(ready, "a word is missing before a closing parenthesis")
                self._demand(depth >= 0, "parentheses do not match")
                out.append(term)
            elif near := _NEAR.fullmatch(term):
                after = terms[index + 1] if index + 1 < len(terms) else ""
                self._demand(_plain(before) and _plain(after), f"{term} needs a word or a phrase on either side")
                self._demand(1 <= int(near[1]) <= _FARTHEST, f"{term}: at most {_FARTHEST} words apart can be searched for")
                out[-1] = self._near(out[-1], self._operand(after), int(near[1]))
            elif _NEAR.fullmatch(before):
                continue
            else:
                if ready:
                    out.append(self._operators["ANDNOT" if term == "NOT" else "AND"])
                if term == "NOT":
                    self._demand(ready, "NOT needs something before it, as in talks NOT trade")
                elif term == "(":
                    depth += 1
                    out.append(term)
                elif term == "HEAD:":
                    out.append("")
                else:
                    out.append(self._head(self._operand(term)) if before == "HEAD:" else self._operand(term))
                ready = _plain(term)
        self._demand(ready, f"{terms[-1]} needs a word after it")
        self._demand(depth == 0, "parentheses do not match")
        return " ".join(each for each in out if each)

    def _terms(self) -> Sequence[str]:
        self._demand(self._words.count('"') % 2 == 0, "a quotation mark is missing")
        terms = list(self._merged(_WORD.findall(self._words.replace("\x00", " "))))
        self._demand(any(_plain(term) for term in terms), "no word to look for")
        for index, term in enumerate(terms):
            self._demand(not _REFUSED.fullmatch(term), f"{term} is for rules only; a search knows NEAR/n, HEAD: and phrases")
            after = terms[index + 1] if index + 1 < len(terms) else ""
            self._demand(term != "HEAD:" or _plain(after), "HEAD: needs a word or a phrase after it")
        return terms

    @staticmethod
    def _merged(found: Sequence[str]) -> Iterator[str]:
        """Leave out what is no word, such as a dash between two."""
        for term in found:
            if term in ("(", ")", "HEAD:") or re.search(r"\w", term):
                yield term

    def _demand(self, holds: object, why: str) -> None:
        if not holds:
            raise StoreError(f"search {self._words!r}: {why}")


def _plain(term: str) -> bool:
    """Whether it is a word, a prefix or a phrase."""
    return term not in ("", "(", ")", "AND", "OR", "NOT", "HEAD:") and not _NEAR.fullmatch(term)
