"""Read a query: text in, tree out, or an error that says where it went wrong and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from pipeline.stages.alerts.tree import Absent, AtLeast, Both, Condition, Either, Named, Near, Node, Term, Within
from pipeline.stages.alerts.words import tokens_of

MAX_DISTANCE = 50
MAX_FIRST = 1_000
MAX_LENGTH = 20_000
#: Letters before ``*``; a shorter beginning matches half the dictionary. Han and the like say as much in one.
MIN_PREFIX = 3
_MAX_DEPTH = 60

#: Finds the tree of ``@name``; None where there is no such list.
Lists = Callable[[str], Node | None]


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
    _check_depth(text)
    parser, builder = _parser()
    builder.lists.append(lists)
    try:
        # with the builder inside the parser no tree of lark's own is made, which halves the time to load
        return cast("Node", parser.parse(text))
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from None
        raise
    except UnexpectedInput as error:
        raise _explain(error, text) from None
    finally:
        builder.lists.pop()


def walk(node: Node) -> Iterator[Node]:
    """Yield every node of a tree, the root first."""
    yield node
    for part in node.parts():
        yield from walk(part)


@cache
def _parser() -> tuple[Lark, _Builder]:
    grammar = Path(__file__).with_name("query.lark").read_text(encoding="utf-8")
    builder = _Builder()
    return Lark(grammar, parser="lalr", start="query", propagate_positions=False, transformer=builder), builder


def _check_depth(text: str) -> None:
    depth = 0
    for column, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth > _MAX_DEPTH:
            raise QueryError(f"parentheses are nested deeper than {_MAX_DEPTH}", column, "leave out those that are not needed")


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Turns lark's tree into ours and checks what a grammar cannot say."""

    def __init__(self) -> None:
        super().__init__(visit_tokens=False)
        #: Where to find term lists, innermost last: reading a list parses its own query.
        self.lists: list[Lists] = []

    def word(self, token: Token) -> Node:
        return _term(str(token), token.start_pos or 0)

    def phrase(self, token: Token) -> Node:
        return _term(str(token)[1:-1], token.start_pos or 0)

    def named(self, token: Token) -> Node:
        column = token.start_pos or 0
        body = self.lists[-1](str(token)[1:])
        if body is None:
            raise QueryError(f"there is no term list {token} in this language", column, "define it under terms: or write the words")
        return Named(str(token)[1:], body, column=column)

    def any(self, *branches: Node) -> Node:
        return Either(branches, column=branches[0].column)

    def all(self, *branches: Node) -> Node:
        return Both(branches, column=branches[0].column)

    def negated(self, branch: Node) -> Node:
        return Absent(branch, column=branch.column)

    def head(self, branch: Node) -> Node:
        return Within(branch, None, column=branch.column)

    def first(self, token: Token, branch: Node) -> Node:
        return Within(branch, _number(token, 1, MAX_FIRST), column=token.start_pos or 0)

    def atleast(self, token: Token, branch: Node) -> Node:
        _demand_places(branch, "ATLEAST")
        return AtLeast(branch, _number(token, 2, MAX_DISTANCE), column=token.start_pos or 0)

    def near(self, left: Node, *rest: Any) -> Node:
        for token, right in zip(rest[::2], rest[1::2], strict=True):
            operator = str(token).partition("/")[0]
            _demand_places(left, operator)
            _demand_places(right, operator)
            left = Near(left, right, _number(token, 1, MAX_DISTANCE), operator == "ADJ", column=left.column)
        return left


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


def _number(token: Token, least: int, most: int) -> int:
    value = int(str(token).partition("/")[2])
    if not least <= value <= most:
        raise QueryError(
            f"{token}: the number must be between {least} and {most}", token.start_pos or 0, f"write {token.split('/')[0]}/{least}"
        )
    return value


def _demand_places(node: Node, operator: str) -> None:
    for part in walk(node):
        if isinstance(part, Condition):
            name = {Both: "AND", Absent: "NOT", Within: "HEAD: or FIRST", AtLeast: "ATLEAST"}[type(part)]
            raise QueryError(f"{name} stands inside {operator}", part.column, f"{operator} takes words, phrases and (a OR b) only")


_NAMES = {
    "WORD": "a word", "PHRASE": "a phrase", "LIST": "@list", "LPAR": "(", "RPAR": ")", "_OR": "OR", "_AND": "AND", "_NOT": "NOT",
    "_HEAD": "HEAD:", "FIRST": "FIRST/n", "ATLEAST": "ATLEAST/n", "PROXIMITY": "NEAR/n or ADJ/n",
}  # fmt: skip
_START_OF_TERM = {"WORD", "PHRASE", "LIST", "LPAR"}


def _explain(error: UnexpectedInput, text: str) -> QueryError:
    expected = _expected(error)
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        missing = text.count("(") > text.count(")")
        suggestion = "close the parenthesis" if missing else "finish the query after its last operator"
        return QueryError(f"the query ends too early; expected {expected}", len(text), suggestion)
    column = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters):
        character = text[column]
        suggestion = "close the quotation mark" if character in '"“”' else "remove it"
        if character == "@":
            suggestion = "a list's name is written in small letters: @name"
        return QueryError(f"{character!r} cannot stand here; expected {expected}", column, suggestion)
    token = error.token if isinstance(error, UnexpectedToken) else None
    found = str(token)
    return QueryError(
        f"{found!r} cannot stand here; expected {expected}", column, _suggest(found, token.type if token else "", text, column)
    )


def _suggest(found: str, kind: str, text: str, column: int) -> str:
    before = text[:column].split()
    previous = before[-1] if before else ""
    for word in (found, previous):
        if re.fullmatch(r"(near|adj|first|atleast)(/?\d*)", word, re.IGNORECASE) and (word.upper() != word or "/" not in word):
            name = word.partition("/")[0].upper().rstrip("0123456789")
            return f"operators are in capitals with a number: {name}/5"
        if re.fullmatch(r"and|or|not|head:?", word, re.IGNORECASE) and word.upper() != word:
            return f"operators are in capitals: {word.upper()}"
    if kind in _START_OF_TERM:
        return f'join them with AND, OR or NEAR/n, or put a phrase in quotation marks: "{previous} {found}"'
    if kind == "_NOT":
        return "write AND NOT"
    if kind == "RPAR":
        return "remove it, or open the parenthesis before"
    return "put a word or phrase on both sides of the operator"


def _expected(error: UnexpectedInput) -> str:
    names = getattr(error, "accepts", None) or getattr(error, "expected", None) or getattr(error, "allowed", None) or ()
    if "WORD" in names:
        return "a word, a phrase or ("
    known = sorted(_NAMES[name] for name in names if name in _NAMES)
    return ", ".join(known) or "the end"
