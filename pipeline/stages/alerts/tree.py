"""The nodes of a parsed query, and how each finds its places in the words of a dispatch.

Two kinds: *places* (terms, alternatives, proximity) say where they stand; *conditions* (AND, NOT, HEAD, FIRST, ATLEAST) say
whether they hold, and which places made them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.stages.alerts.words import Span, Words

#: Places that a node hands on; only an attack has more.
MAX_PLACES = 1_000


class Place(NamedTuple):
    """A stretch of words that a node matched, and the words in it that were asked for, in order."""

    start: int
    end: int
    leaves: tuple[Span, ...]


class Scope:
    """Where a query is looked for: before a position, and outside the zones that filters exclude."""

    __slots__ = ("_memo", "limit", "words", "zones")

    def __init__(
        self,
        words: Words,
        zones: Sequence[Span] = (),
        limit: int | None = None,
    ) -> None:
        self.words = words
        self.zones = zones
        self.limit = limit
        self._memo: dict[int, list[Place]] = {}

    def before(self, limit: int) -> Scope:
        """Narrow the scope to the words before a position."""
        return Scope(self.words, self.zones, limit if self.limit is None else min(self.limit, limit))

    def without(self, zones: Sequence[Span]) -> Scope:
        """Narrow the scope to what lies outside the zones, on which conditions in a shared list depend."""
        return Scope(self.words, zones, self.limit)

    def find(self, tokens: tuple[str, ...], prefix: bool) -> list[Span]:
        """Occurrences of a term in this scope."""
        spans = self.words.find(tokens, prefix)
        return spans if self.limit is None else [span for span in spans if span[1] <= self.limit]

    def shared(self, node: Node) -> list[Place]:
        """Places of a node that several rules use, looked up once a dispatch."""
        found = self._memo.get(id(node))
        if found is None:
            found = self._memo[id(node)] = node.places(self)
        return found

    def allowed(self, places: list[Place]) -> list[Place]:
        """Leave out the places that touch an excluded zone."""
        if not self.zones:
            return places
        return [place for place in places if not any(place.start < end and start < place.end for start, end in self.zones)]


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a query, with its place in the query's source."""

    column: int = field(default=0, kw_only=True, compare=False)

    def places(self, scope: Scope) -> list[Place]:
        """Where this part stands, ordered, each stretch once."""
        raise NotImplementedError

    def holds(self, scope: Scope) -> list[Place] | None:
        """Places that make this part true, None where it is false."""
        return scope.allowed(self.places(scope)) or None

    def parts(self) -> tuple[Node, ...]:
        """Nodes directly below."""
        return ()


@dataclass(frozen=True, slots=True)
class Term(Node):
    """A word, a phrase, or the beginning of a word."""

    tokens: tuple[str, ...]
    prefix: bool

    def places(self, scope: Scope) -> list[Place]:
        """Every occurrence."""
        if scope.words.lack(self.tokens, self.prefix):
            return []
        return [Place(start, end, ((start, end),)) for start, end in scope.find(self.tokens, self.prefix)]

    def __str__(self) -> str:
        text = " ".join(self.tokens) + ("*" if self.prefix else "")
        return f'"{text}"' if len(self.tokens) > 1 else text


def _distinct(places: list[Place]) -> list[Place]:
    return sorted(set(places))[:MAX_PLACES]


def _overlap(lefts: tuple[Span, ...], rights: tuple[Span, ...]) -> bool:
    return any(left[0] < right[1] and right[0] < left[1] for left in lefts for right in rights)


@dataclass(frozen=True, slots=True)
class Either(Node):
    """``OR``."""

    branches: tuple[Node, ...]

    def places(self, scope: Scope) -> list[Place]:
        """Places of all branches."""
        found: list[Place] = []
        for branch in self.branches:
            found += branch.places(scope)
        return _distinct(found) if len(found) > 1 else found

    def holds(self, scope: Scope) -> list[Place] | None:
        """Hold where one branch does."""
        found = [places for branch in self.branches if (places := branch.holds(scope)) is not None]
        return _distinct([place for places in found for place in places]) if found else None

    def parts(self) -> tuple[Node, ...]:
        """List the branches."""
        return self.branches

    def __str__(self) -> str:
        return f"({' OR '.join(map(str, self.branches))})"


@dataclass(frozen=True, slots=True)
class Named(Node):
    """A shared term list, ``@name``."""

    name: str
    body: Node

    def places(self, scope: Scope) -> list[Place]:
        """Places of the list's terms."""
        return scope.shared(self.body)

    def parts(self) -> tuple[Node, ...]:
        """List the list's query."""
        return (self.body,)

    def __str__(self) -> str:
        return f"@{self.name}"


@dataclass(frozen=True, slots=True)
class Near(Node):
    """``NEAR/n`` (either order) and ``ADJ/n`` (as written); ``/1`` means side by side."""

    left: Node
    right: Node
    distance: int
    ordered: bool

    def places(self, scope: Scope) -> list[Place]:
        """Stretches over a place of either side that are close enough, or one inside the other, and share no word."""
        lefts = self.left.places(scope)
        rights = self.right.places(scope) if lefts else []
        if not rights:
            return []
        found: list[Place] = []
        reach = max(right.end - right.start for right in rights) + self.distance
        for left in lefts:
            if len(found) > MAX_PLACES * 4:
                break
            first = left.end if self.ordered else left.start - reach
            for right in rights[bisect_left(rights, (first,)) :]:
                if right.start - left.end >= self.distance:
                    break
                if left.start - right.end < self.distance and not _overlap(left.leaves, right.leaves):
                    leaves = tuple(sorted(left.leaves + right.leaves))
                    found.append(Place(min(left.start, right.start), max(left.end, right.end), leaves))
        return _distinct(found)

    def parts(self) -> tuple[Node, ...]:
        """Both sides."""
        return (self.left, self.right)

    def __str__(self) -> str:
        return f"{self.left} {'ADJ' if self.ordered else 'NEAR'}/{self.distance} {self.right}"


class Condition(Node):
    """A part that has no places of its own to be near to."""

    __slots__ = ()

    def places(self, scope: Scope) -> list[Place]:
        """Places that made it true."""
        return self.holds(scope) or []


@dataclass(frozen=True, slots=True)
class Both(Condition):
    """``AND``, over headline and text together."""

    branches: tuple[Node, ...]

    def holds(self, scope: Scope) -> list[Place] | None:
        """Hold where all branches do."""
        found: list[Place] = []
        for branch in self.branches:
            places = branch.holds(scope)
            if places is None:
                return None
            found += places
        return _distinct(found)

    def parts(self) -> tuple[Node, ...]:
        """List the branches."""
        return self.branches

    def __str__(self) -> str:
        return f"({' AND '.join(map(str, self.branches))})"


@dataclass(frozen=True, slots=True)
class Absent(Condition):
    """``NOT``, over headline and text together."""

    branch: Node

    def holds(self, scope: Scope) -> list[Place] | None:
        """Hold where the branch does not."""
        return [] if self.branch.holds(scope) is None else None

    def parts(self) -> tuple[Node, ...]:
        """List the branch."""
        return (self.branch,)

    def __str__(self) -> str:
        return f"NOT {self.branch}"


@dataclass(frozen=True, slots=True)
class Within(Condition):
    """``HEAD:`` (``count`` is None) or ``FIRST/n``."""

    branch: Node
    count: int | None

    def holds(self, scope: Scope) -> list[Place] | None:
        """Hold where the branch does in the headline, or in the first words of the dispatch."""
        words = scope.words
        return self.branch.holds(scope.before(words.headline_end if self.count is None else words.first(self.count)))

    def parts(self) -> tuple[Node, ...]:
        """List the branch."""
        return (self.branch,)

    def __str__(self) -> str:
        return f"HEAD:{self.branch}" if self.count is None else f"FIRST/{self.count} {self.branch}"


@dataclass(frozen=True, slots=True)
class AtLeast(Condition):
    """``ATLEAST/n``."""

    branch: Node
    count: int

    def holds(self, scope: Scope) -> list[Place] | None:
        """Hold where the branch has enough different places."""
        places = scope.allowed(self.branch.places(scope))
        return places if len(places) >= self.count else None

    def parts(self) -> tuple[Node, ...]:
        """List the branch."""
        return (self.branch,)

    def __str__(self) -> str:
        return f"ATLEAST/{self.count} {self.branch}"
