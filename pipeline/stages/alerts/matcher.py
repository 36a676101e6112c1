"""Find the rules that match a dispatch: scan for required literals, then evaluate the few queries that remain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.messages import Event, Match, RuleMatch
from pipeline.stages.alerts.denial import LOWERED_BY, denials
from pipeline.stages.alerts.prefilter import Prefilter, Requirements
from pipeline.stages.alerts.rule import Rule
from pipeline.stages.alerts.tree import Node, Place, Scope
from pipeline.stages.alerts.where import holds
from pipeline.stages.alerts.words import Span, Words

#: Words of a match that are reported; a dispatch that repeats itself needs no more.
MAX_REPORTED = 40


@dataclass(frozen=True)
class Exclusion:
    """A filter's query in one language, and how far it reaches."""

    name: str
    tree: Node
    within: int


@dataclass(frozen=True)
class LanguageQuery:
    """A rule's query in one language."""

    rule: Rule
    sha256: str
    language: str
    tree: Node
    exclusions: tuple[Exclusion, ...]
    requirements: Requirements


@dataclass(frozen=True)
class Finding:
    """Where a rule's query matched, and whether the text denies all of it."""

    query: LanguageQuery
    places: tuple[Place, ...]
    unconfirmed: bool


def zones_of(query: LanguageQuery, scope: Scope) -> list[Span]:
    """Stretches that the query's filters exclude."""
    return [
        (place.start - exclusion.within, place.end + exclusion.within)
        for exclusion in query.exclusions
        for place in scope.shared(exclusion.tree)
    ]


def evaluate(query: LanguageQuery, scope: Scope) -> Finding | None:
    """Evaluate one query; the scope is the dispatch's, shared by all queries of a language."""
    if query.exclusions:
        if query.tree.holds(scope) is None:
            return None
        zones = zones_of(query, scope)
        places = query.tree.holds(scope.without(zones)) if zones else query.tree.holds(scope)
    else:
        places = query.tree.holds(scope)
    if places is None:
        return None
    cues = denials().get(query.language) if query.rule.denial else None
    if cues is not None:
        confirmed = tuple(place for place in places if not cues.deny(place, scope))
        if confirmed:
            return Finding(query, confirmed, unconfirmed=False)
        return Finding(query, tuple(places), unconfirmed=bool(places))
    return Finding(query, tuple(places), unconfirmed=False)


class Matcher:
    """All queries, by language, each with its prefilter."""

    def __init__(self, queries: Iterable[LanguageQuery]) -> None:
        self._queries: dict[str, list[LanguageQuery]] = {}
        for query in queries:
            self._queries.setdefault(query.language, []).append(query)
        self._prefilters = {
            language: Prefilter(query.requirements for query in queries) for language, queries in self._queries.items()
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have at least one query, ``any`` left out."""
        return tuple(language for language in self._queries if language != "any")

    def queries(self, language: str) -> Sequence[LanguageQuery]:
        """Return the queries of a language, in load order."""
        return self._queries.get(language, [])

    def findings(self, words: Words, languages: Iterable[str]) -> list[Finding]:
        """Evaluate the queries of the languages, and of ``any``, that the words can match."""
        found: list[Finding] = []
        for language in dict.fromkeys([*languages, "any"]):
            prefilter = self._prefilters.get(language)
            candidates = prefilter.candidates(words) if prefilter is not None else []
            scope = Scope(words)
            queries = self._queries.get(language, [])
            found += [finding for number in candidates if (finding := evaluate(queries[number], scope)) is not None]
        return found

    def match(self, event: Event, words: Words, languages: Iterable[str]) -> list[RuleMatch]:
        """Match an event; one entry a rule, most severe first."""
        by_rule: dict[str, list[Finding]] = {}
        for finding in self.findings(words, languages):
            if holds(finding.query.rule.where, event):
                by_rule.setdefault(str(finding.query.rule.id), []).append(finding)
        matches = [_report(findings, words) for findings in by_rule.values()]
        return sorted(matches, key=lambda match: (-match.severity, match.unconfirmed, match.title, match.rule))


def _report(findings: Sequence[Finding], words: Words) -> RuleMatch:
    """Put the findings of one rule in several languages together; one that is not denied speaks for all."""
    query = findings[0].query
    rule = query.rule
    unconfirmed = all(finding.unconfirmed for finding in findings)
    kept = [finding for finding in findings if finding.unconfirmed == unconfirmed]
    leaves = _runs(words, sorted({leaf for finding in kept for place in finding.places for leaf in place.leaves}))
    return RuleMatch(
        rule=str(rule.id),
        rule_sha256=query.sha256,
        severity=max(1, rule.severity - LOWERED_BY) if unconfirmed else rule.severity,
        kind=rule.kind,
        title=rule.title,
        tags=rule.tags,
        unconfirmed=unconfirmed,
        matches=[_match(words, leaf) for leaf in leaves[:MAX_REPORTED]],
    )


# What may stand between two words of a phrase; a line break parts headline from text, and paragraphs.
_GAPS = frozenset((" ", "-", "\N{NO-BREAK SPACE}", ""))


def _runs(words: Words, leaves: Sequence[Span]) -> list[Span]:
    """Join words that stand next to each other: a reader looks for the phrase."""
    runs: list[Span] = []
    for start, end in leaves:
        if runs and start <= runs[-1][1] and (start < runs[-1][1] or words.between(start, start) in _GAPS):
            runs[-1] = (runs[-1][0], max(runs[-1][1], end))
        else:
            runs.append((start, end))
    return runs


def _match(words: Words, span: Span) -> Match:
    field, start, end, text = words.original(span)
    return Match(field=field, start=start, end=end, text=text)
