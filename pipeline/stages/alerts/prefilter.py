"""The words that a query cannot match without, and the automaton that finds in one scan which rules are worth evaluating.

After Lucene Monitor's presearcher: a query is represented by the cheapest set of literals of which at least one must occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick

from pipeline.stages.alerts.tree import Absent, Both, Either, Near, Node, Term
from pipeline.stages.alerts.words import Words

_ARABIC = re.compile("[\u0620-\u064a]")

#: A literal, padded as it stands among the joined words.
Cover = frozenset[str]


class Covers:
    """Required literals of trees; shared parts are worked out once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Node, Cover | None]] = {}

    def of(self, node: Node) -> Cover | None:
        """Literals of which one occurs wherever ``node`` matches; None where it can match without any."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, self._work_out(node))
        return known[1]

    def _work_out(self, node: Node) -> Cover | None:
        match node:
            case Term():
                return frozenset({_literal(node)})
            case Absent():
                return None
            case Either(branches):
                covers = [self.of(branch) for branch in branches]
                return None if None in covers else frozenset().union(*(cover for cover in covers if cover is not None))
            case Both() | Near():
                known = [cover for cover in map(self.of, node.parts()) if cover is not None]
                return min(known, key=_cost) if known else None
            case _:
                return self.of(node.parts()[0])


def _literal(term: Term) -> str:
    tokens, end = term.tokens, "" if term.prefix else " "
    if len(tokens) > 1 and any(_ARABIC.search(token) for token in tokens):
        # between the words of an Arabic text stand their variants: only single words are contiguous
        return f" {max(tokens[:-1], key=len)} " if len(tokens[-1]) <= max(map(len, tokens[:-1])) else f" {tokens[-1]}{end}"
    return f" {' '.join(tokens)}{end}"


def _cost(cover: Cover) -> float:
    """Rough share of dispatches that hold one of the literals: short words are frequent ones."""
    return sum(float(2.0 ** -min(len(literal), 30)) for literal in cover)


class Prefilter:
    """One automaton over the required literals of many queries, numbered as they come."""

    def __init__(self, covers: Iterable[Cover]) -> None:
        numbers: dict[str, list[int]] = {}
        for number, cover in enumerate(covers):
            for literal in cover:
                numbers.setdefault(literal, []).append(number)
        self._numbers = list(numbers.values())
        self._automaton = AhoCorasick(list(numbers)) if numbers else None

    def candidates(self, words: Words) -> list[int]:
        """Return the numbers of the queries of which a required literal occurs, ascending."""
        if self._automaton is None:
            return []
        found = {hit[0] for hit in self._automaton.find_matches_as_indexes(words.joined, overlapping=True)}
        return sorted({number for literal in found for number in self._numbers[literal]})
