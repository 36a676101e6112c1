"""Read a query: text in, tree out, or an error that says where it went wrong and what to write instead.

The language, in EBNF; precedence, tightest first: proximity, field, NOT, AND, OR. Operators are in capitals.

    query    = all { "OR" all }
    all      = negation { "AND" negation }
    negation = "NOT" negation | field
    field    = ( "HEAD:" | "FIRST/n" | "ATLEAST/n" ) field | near
    near     = atom { ( "NEAR/n" | "ADJ/n" ) atom }
    atom     = word | phrase | "@" name | "(" query ")"

A recursive descent reads a token in a few microseconds, a parser generator's tables took five times as long: the shipped pack
has 37,000 terms, and every command that knows rules reads them when it starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import cast

from pipeline.stages.alerts.tree import Absent, AtLeast, Both, Condition, Either, Named, Near, Node, Term, Within
from pipeline.stages.alerts.words import tokens_of

MAX_DISTANCE = 50
MAX_FIRST = 1_000
MAX_LENGTH = 20_000
#: Letters before ``*``; a shorter beginning matches half the dictionary. Han and the like say as much in one.
MIN_PREFIX = 3
#: Nodes below one another, in a query and in each term list that stands in it. More than any person writes (the shipped pack: 7),
#: and few enough for the stack on which a query is read and evaluated.
_MAX_DEPTH = 25

#: Finds the tree of ``@name``; None where there is no such list.
Lists = Callable[[str], Node | None]

_ENDS = r'(?=[\s()"“]|$)'
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<OR>OR{_ENDS}) | (?P<AND>AND{_ENDS}) | (?P<NOT>NOT{_ENDS}) | (?P<PROXIMITY>(?:NEAR|ADJ)/\d+)
    | (?P<HEAD>HEAD:) | (?P<FIRST>FIRST/\d+) | (?P<ATLEAST>ATLEAST/\d+)
    | (?P<WORD>[^\s()"“”@]+) | (?P<PHRASE>"[^"]*"|“[^”]*”) | (?P<LIST>@[a-z][a-z0-9-]*) | (?P<OPEN>\() | (?P<CLOSE>\))
    | (?P<END>\Z) | (?P<OTHER>.)
    )""",
    re.VERBOSE,
)


class QueryError(Exception):
    """A query that cannot be read: ``column`` counts characters of the query from 0."""

    def __init__(self, message: str, column: int, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.suggestion = suggestion


def parse_query(text: str, lists: Lists = lambda _name: None) -> Node:
    """Parse a query.

    Raises QueryError at the first thing that cannot be read.

    >>> str(parse_query('troops NEAR/5 (cross* OR "broke through") AND NOT drill'))
    '(troops NEAR/5 (cross* OR "broke through") AND NOT drill)'
    """
    if not text.strip():
        raise QueryError("the query is empty", 0, 'write at least one word, such as ceasefire or "martial law"')
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"the query has {len(text):,} characters, {MAX_LENGTH:,} are allowed", MAX_LENGTH, "use a term list, @name"
        )
    reading = _Reading(text, lists)
    tree = reading.any()
    if reading.kind != "END":
        raise reading.unexpected()
    _check_height(tree)
    return tree


def walk(node: Node) -> Iterator[Node]:
    """Yield every node of a tree, the root first, and what stands in a term list once, however often it is named."""
    left = [node]
    lists: set[int] = set()
    while left:
        node = left.pop()
        yield node
        if isinstance(node, Named):
            if id(node.body) in lists:
                continue
            lists.add(id(node.body))
        left += reversed(node.parts())


def _check_height(tree: Node) -> None:
    """Refuse what the stack has no room for when it is evaluated; the height of term lists was checked with them."""
    level = [tree]
    for _ in range(_MAX_DEPTH):
        level = [part for node in level if not isinstance(node, Named) for part in node.parts()]
        if not level:
            return
    raise _too_deep(level[0].column)


def _too_deep(column: int) -> QueryError:
    remedy = "leave out what is not needed: each (, NOT, HEAD: and each NEAR/n behind another counts"
    return QueryError(f"the query is nested deeper than {_MAX_DEPTH}", column, remedy)


class _Reading:
    """A query's tokens, and the place in them: one method for each rule of the language."""

    def __init__(self, text: str, lists: Lists) -> None:
        self._text = text
        self._lists = lists
        self._depth = self._at = 0
        self.kind = self._token = ""
        self._column = 0
        self._advance()

    def _advance(self) -> None:
        found = cast("re.Match[str]", _TOKEN.match(self._text, self._at))  # every character is a token
        self.kind = found.lastgroup or ""
        self._column, self._at = found.span(self.kind)
        self._token = self._text[self._column : self._at]

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _too_deep(self._column)

    def any(self) -> Node:
        branches = [self._all()]
        while self.kind == "OR":
            self._advance()
            branches.append(self._all())
        return branches[0] if len(branches) == 1 else Either(tuple(branches), column=branches[0].column)

    def _all(self) -> Node:
        branches = [self._negation()]
        while self.kind == "AND":
            self._advance()
            branches.append(self._negation())
        return branches[0] if len(branches) == 1 else Both(tuple(branches), column=branches[0].column)

    def _negation(self) -> Node:
        if self.kind != "NOT":
            return self._field()
        self._deeper()
        self._advance()
        branch = self._negation()
        self._depth -= 1
        return Absent(branch, column=branch.column)

    def _field(self) -> Node:
        kind, token, column = self.kind, self._token, self._column
        if kind not in _FIELDS:
            return self._near()
        self._deeper()
        self._advance()
        branch = self._field()
        self._depth -= 1
        if kind == "HEAD":
            return Within(branch, None, column=branch.column)
        if kind == "FIRST":
            return Within(branch, _number(token, column, 1, MAX_FIRST), column=column)
        _demand_places(branch, "ATLEAST")
        return AtLeast(branch, _number(token, column, 2, MAX_DISTANCE), column=column)

    def _near(self) -> Node:
        left = self._atom()
        while self.kind == "PROXIMITY":
            token, column = self._token, self._column
            self._advance()
            right = self._atom()
            operator = token.partition("/")[0]
            _demand_places(left, operator)
            _demand_places(right, operator)
            left = Near(left, right, _number(token, column, 1, MAX_DISTANCE), operator == "ADJ", column=left.column)
        return left

    def _atom(self) -> Node:
        kind, token, column = self.kind, self._token, self._column
        if kind == "OPEN":
            return self._parenthesis()
        if kind == "WORD":
            atom: Node = _term(token, column)
        elif kind == "PHRASE":
            atom = _term(token[1:-1], column)
        elif kind == "LIST":
            atom = self._named(token[1:], column)
        else:
            raise self.unexpected(operand=True)
        self._advance()
        return atom

    def _parenthesis(self) -> Node:
        self._deeper()
        self._advance()
        inside = self.any()
        if self.kind != "CLOSE":
            raise self.unexpected()
        self._depth -= 1
        self._advance()
        return inside

    def _named(self, name: str, column: int) -> Node:
        try:
            body = self._lists(name)
        except QueryError as error:
            raise QueryError(error.message, column, error.suggestion) from None
        if body is None:
            raise QueryError(f"there is no term list @{name} in this language", column, "define it under terms: or write the words")
        return Named(name, body, column=column)

    def unexpected(self, *, operand: bool = False) -> QueryError:
        """Say what is wrong with the token in hand, where a term is due (``operand``) or what comes behind one."""
        behind = ")" if self.kind == "END" else "the end" if self.kind == "CLOSE" else "AND, NEAR/n or ADJ/n, OR"
        expected = "a word, a phrase or (" if operand else behind
        if self.kind == "END":
            missing = self._text.count("(") > self._text.count(")")
            suggestion = "close the parenthesis" if missing else "finish the query after its last operator"
            return QueryError(f"the query ends too early; expected {expected}", len(self._text), suggestion)
        suggestion = _character(self._token) if self.kind == "OTHER" else self._suggest()
        return QueryError(f"{self._token!r} cannot stand here; expected {expected}", self._column, suggestion)

    def _suggest(self) -> str:
        before = self._text[: self._column].split()
        previous = before[-1] if before else ""
        for word in (self._token, previous):
            if re.fullmatch(r"(near|adj|first|atleast)(/?\d*)", word, re.IGNORECASE) and (word.upper() != word or "/" not in word):
                name = word.partition("/")[0].upper().rstrip("0123456789")
                return f"operators are in capitals with a number: {name}/5"
            if re.fullmatch(r"and|or|not|head:?", word, re.IGNORECASE) and word.upper() != word:
                return f"operators are in capitals: {word.upper()}"
        if self.kind in _ATOMS:
            return f'join them with AND, OR or NEAR/n, or put a phrase in quotation marks: "{previous} {self._token}"'
        if self.kind == "NOT":
            return "write AND NOT"
        if self.kind == "CLOSE":
            return "remove it, or open the parenthesis before"
        return "put a word or phrase on both sides of the operator"


_FIELDS = {"HEAD", "FIRST", "ATLEAST"}
_ATOMS = {"WORD", "PHRASE", "LIST", "OPEN"}


def _character(character: str) -> str:
    if character in '"“”':
        return "close the quotation mark"
    return "a list's name is written in small letters: @name" if character == "@" else "remove it"


def _term(text: str, column: int) -> Node:
    star = text.find("*")
    if star != -1 and star != len(text.rstrip()) - 1:
        raise QueryError(f"* stands inside {text!r}", column + star, "it may only end a word or a phrase: missile*")
    tokens = tokens_of(text)
    if not tokens:
        raise QueryError(f"{text!r} holds no letter or digit", column, "write a word")
    prefix = star != -1
    last = tokens[-1]
    if prefix and len(last) < MIN_PREFIX and last.isascii():
        raise QueryError(f"{text!r}: {len(last)} letters before *", column, f"give at least {MIN_PREFIX}, or list the words")
    if prefix and len(last) < MIN_PREFIX and not last.isascii() and last[0].lower() != last[0].upper():
        raise QueryError(f"{text!r}: {len(last)} letters before *", column, f"give at least {MIN_PREFIX}, or list the words")
    return Term(tokens, prefix, column=column)


def _number(token: str, column: int, least: int, most: int) -> int:
    operator, _, digits = token.partition("/")
    value = int(digits[:9])
    if not least <= value <= most:
        raise QueryError(f"{token[:20]}: the number must be between {least} and {most}", column, f"write {operator}/{least}")
    return value


def _demand_places(node: Node, operator: str) -> None:
    for part in walk(node):
        if isinstance(part, Condition):
            name = {Both: "AND", Absent: "NOT", Within: "HEAD: or FIRST", AtLeast: "ATLEAST"}[type(part)]
            raise QueryError(f"{name} stands inside {operator}", part.column, f"{operator} takes words, phrases and (a OR b) only")
