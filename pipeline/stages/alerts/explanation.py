"""Why a rule matches a dispatch, or which part of its query failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from textwrap import shorten

from pipeline.stages.alerts.denial import denials
from pipeline.stages.alerts.matcher import LanguageQuery, evaluate
from pipeline.stages.alerts.tree import Named, Node, Place, Scope, Term
from pipeline.stages.alerts.words import Words

#: Matches of a part that are listed.
MAX_LISTED = 5
#: Characters of a part that a person is shown.
MAX_SHOWN = 60


@dataclass(frozen=True)
class Part:
    """One part of a query: how deep it stands in the tree, whether it holds, and where."""

    depth: int
    part: str
    holds: bool
    where: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """A rule's query in one language against one dispatch."""

    language: str
    verdict: str
    parts: tuple[Part, ...]
    excluded_by: tuple[str, ...]
    denied: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Return what ``rules explain`` prints as JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Return what ``rules explain`` prints for a person: the verdict, then the query as a tree."""
        lines = [f"{self.language}: {self.verdict}"]
        lines += [f"  void beside {place}" for place in self.excluded_by]
        lines += [f"  denied: {place}" for place in self.denied]
        for part in self.parts:
            found = f"  <- {'; '.join(part.where)}" if part.where else ""
            lines.append(
                f"{'  ' * (part.depth + 1)}{'+' if part.holds else '-'} {shorten(part.part, MAX_SHOWN, placeholder=' …')}{found}"
            )
        return "\n".join(lines)


def explain(query: LanguageQuery, words: Words) -> Explanation:
    """Evaluate every part of a query on its own.

    The verdict is one of ``matches``, ``matches, unconfirmed``, ``excluded`` and ``does not match``.
    """
    scope = Scope(words)
    finding = evaluate(query, scope)
    held = query.tree.holds(scope)
    excluded = [
        f"{exclusion.name}: {_quote(place, words)}" for exclusion in query.exclusions for place in exclusion.tree.places(scope)
    ]
    cues = denials().get(query.language) if query.rule.denial else None
    denied = [_quote(place, words) for place in held or () if cues is not None and cues.deny(place, scope)]
    if finding is not None:
        verdict = "matches, unconfirmed" if finding.unconfirmed else "matches"
    else:
        verdict = "does not match" if held is None else "excluded"
    return Explanation(
        language=query.language,
        verdict=verdict,
        parts=tuple(_parts(query.tree, scope, words, 0)),
        excluded_by=tuple(excluded) if held is not None else (),
        denied=tuple(denied),
    )


def _parts(node: Node, scope: Scope, words: Words, depth: int) -> Iterator[Part]:
    held = node.holds(scope)
    yield Part(depth, str(node), held is not None, tuple(_quote(place, words) for place in (held or ())[:MAX_LISTED]))
    if not isinstance(node, Named):
        for part in node.parts():
            # of many alternatives only those that stand in the text say anything
            if not isinstance(part, Term) or part.holds(scope) is not None or len(node.parts()) <= MAX_LISTED:
                yield from _parts(part, scope, words, depth + 1)


def _quote(place: Place, words: Words) -> str:
    found = [words.original(leaf) for leaf in place.leaves]
    return " … ".join(f"{text} ({field} {start}-{end})" for field, start, end, text in found)
