"""The words that a query cannot match without, and the automaton that finds in one scan which rules are worth evaluating.

After Lucene Monitor's presearcher, one step further: a query is represented by alternatives, of which each asks for *two* sets
of literals, the cheapest of its conjuncts; a dispatch that lacks a literal of either set cannot match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

from ahocorasick_rs import AhoCorasick

from pipeline.stages.alerts.tree import Absent, Both, Either, Named, Near, Node, Term
from pipeline.stages.alerts.words import Words

_ARABIC = re.compile("[\u0620-\u064a]")

#: Literals of which one must occur, padded as they stand among the joined words.
Cover = frozenset[str]
#: Alternatives of a query; each needs one literal of every cover, of which there are one or two.
Requirements = tuple[tuple[Cover, ...], ...]


class Covers:
    """Required literals of trees; shared parts are worked out once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Node, list[Cover]]] = {}

    def requirements(self, node: Node) -> Requirements | None:
        """Work out what a dispatch must hold for a query; None where the query can match without any of its words."""
        if isinstance(node, Either):
            alternatives = [self.requirements(branch) for branch in node.branches]
            if any(alternative is None for alternative in alternatives):
                return None
            return _merged([covers for alternative in alternatives if alternative is not None for covers in alternative])
        covers = self._conjuncts(node)
        return (tuple(sorted(covers, key=_cost)[:2]),) if covers else None

    def _conjuncts(self, node: Node) -> list[Cover]:
        """Covers that all must be met; empty where nothing is required."""
        match node:
            case Absent():
                return []
            case Both() | Near():
                return [cover for part in node.parts() for cover in self._conjuncts(part)]
            case Term():
                return [frozenset({_literal(node)})]
            case Either() | Named():
                known = self._known.get(id(node))
                if known is None:
                    known = self._known[id(node)] = (node, self._alternatives(node))
                return known[1]
            case _:
                return self._conjuncts(node.parts()[0])

    def _alternatives(self, node: Node) -> list[Cover]:
        cheapest = [min(self._conjuncts(branch), key=_cost, default=None) for branch in node.parts()]
        if None in cheapest:
            return []
        return [frozenset().union(*(cover for cover in cheapest if cover is not None))]


def _merged(alternatives: list[tuple[Cover, ...]]) -> Requirements:
    """Put the alternatives that need one cover only into one."""
    single = [covers[0] for covers in alternatives if len(covers) == 1]
    several = [covers for covers in alternatives if len(covers) > 1]
    return (*([(frozenset().union(*single),)] if single else []), *several)


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

    def __init__(self, requirements: Iterable[Requirements]) -> None:
        numbers: dict[str, int] = {}
        firsts: list[list[int]] = []
        seconds: list[list[int]] = []
        self._queries: list[int] = []
        self._single: set[int] = set()
        for query, alternatives in enumerate(requirements):
            for covers in alternatives:
                alternative = len(self._queries)
                self._queries.append(query)
                for cover, side in zip(covers, (firsts, seconds), strict=False):
                    for literal in cover:
                        number = numbers.setdefault(literal, len(numbers))
                        if number == len(firsts):
                            firsts.append([])
                            seconds.append([])
                        side[number].append(alternative)
                if len(covers) == 1:
                    self._single.add(alternative)
        self._firsts = [tuple(first) for first in firsts]
        self._seconds = [tuple(second) for second in seconds]
        self._automaton = AhoCorasick(list(numbers)) if numbers else None

    def candidates(self, words: Words) -> list[int]:
        """Return the numbers of the queries that the words of a dispatch can match, ascending."""
        if self._automaton is None:
            return []
        found = {hit[0] for hit in self._automaton.find_matches_as_indexes(words.joined, overlapping=True)}
        first: set[int] = set().union(*(self._firsts[literal] for literal in found))
        both = first.intersection(chain.from_iterable(self._seconds[literal] for literal in found))
        return sorted({self._queries[alternative] for alternative in both | (first & self._single)})
