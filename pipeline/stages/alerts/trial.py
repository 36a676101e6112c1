"""Run the tests that stand inside rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.stages.alerts.rule import Rule, RuleTest
from pipeline.stages.alerts.ruleset import RuleSet
from pipeline.stages.alerts.words import Words


@dataclass(frozen=True)
class Failure:
    """A test that its rule does not pass, and what the rule did instead."""

    rule: Rule
    number: int
    test: RuleTest
    reason: str


def run_tests(rules: RuleSet) -> Iterator[Failure]:
    """Yield every test that fails. A hit is the rule's own, confirmed unless the test says otherwise."""
    for rule in rules.rules:
        for number, test in enumerate(rule.tests):
            reason = _try(rules, rule, test)
            if reason is not None:
                yield Failure(rule, number, test, reason)


def _try(rules: RuleSet, rule: Rule, test: RuleTest) -> str | None:
    words = Words(test.headline, test.text)
    findings = [finding for finding in rules.matcher.findings(words, [test.lang]) if finding.query.rule.id == rule.id]
    if not test.hit:
        leaves = [words.original(leaf)[3] for finding in findings for place in finding.places for leaf in place.leaves]
        return f"matched {', '.join(map(repr, leaves))}" if findings else None
    if not findings:
        return "did not match"
    unconfirmed = all(finding.unconfirmed for finding in findings)
    if unconfirmed != bool(test.unconfirmed):
        return "matched, but unconfirmed" if unconfirmed else "matched, but not as unconfirmed"
    return None
