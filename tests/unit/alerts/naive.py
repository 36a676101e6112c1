"""The meaning of a query, written down as plainly as possible: every node looks at every word, with no index or prefilter.

The matcher must agree with it on every rule and text.
"""

from __future__ import annotations

from pipeline.stages.alerts.tree import Absent, AtLeast, Both, Either, Named, Near, Term, Within
from pipeline.stages.alerts.words import Words


class Naive:
    def __init__(self, words: Words) -> None:
        self.at: dict[int, set[str]] = {}
        for form, position in zip(words.forms, words.positions, strict=True):
            self.at.setdefault(position, set()).add(form)
        self.headline_end = words.headline_end

    def first(self, count):
        return (sorted(self.at)[:count] or [-1])[-1] + 1

    def holds(self, node, limit=None):
        """Sets of leaves that make the node true, None where it is false."""
        match node:
            case Both(branches):
                found = [self.holds(branch, limit) for branch in branches]
                return None if None in found else set().union(*found)
            case Absent(branch):
                return set() if self.holds(branch, limit) is None else None
            case Within(branch, count):
                inner = self.headline_end if count is None else self.first(count)
                return self.holds(branch, inner if limit is None else min(limit, inner))
            case AtLeast(branch, count):
                places = self.places(branch, limit)
                return places if len(places) >= count else None
            case Either(branches):
                found = [places for branch in branches if (places := self.holds(branch, limit)) is not None]
                return set().union(*found) if found else None
            case _:
                return self.places(node, limit) or None

    def places(self, node, limit):
        match node:
            case Named():
                return self.places(node.body, limit)
            case Either(branches):
                return set().union(*(self.places(branch, limit) for branch in branches))
            case Term():
                return {frozenset({(p, p + len(node.tokens))}) for p in self.at if self._stands(node, p, limit)}
            case Near():
                return self._near(node, limit)

    def _stands(self, term, start, limit):
        if limit is not None and start + len(term.tokens) > limit:
            return False
        for offset, token in enumerate(term.tokens):
            forms = self.at.get(start + offset, set())
            last = offset == len(term.tokens) - 1
            if not any(form == token or (term.prefix and last and form.startswith(token)) for form in forms):
                return False
        return True

    def _near(self, node, limit):
        found = set()
        for left in self.places(node.left, limit):
            for right in self.places(node.right, limit):
                starts, ends = [], []
                for side in (left, right):
                    starts.append(min(start for start, _ in side))
                    ends.append(max(end for _, end in side))
                apart = all(a[1] <= b[0] or b[1] <= a[0] for a in left for b in right)
                gap = max(starts[1] - ends[0], starts[0] - ends[1])
                in_order = not node.ordered or ends[0] <= starts[1]
                if apart and in_order and gap < node.distance:
                    found.add(left | right)
        return found


def leaves(places):
    """What a place is, to both evaluators: the words that were asked for."""
    return {frozenset(place.leaves) for place in places}
