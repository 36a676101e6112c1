"""The stage fills alerts, and only alerts, from a set of rules that can be replaced while it runs."""

from __future__ import annotations

from uuid import uuid4

import pytest

from pipeline.messages import LanguagePart, Story
from pipeline.stages.alerts.ruleset import RuleError, RuleSet
from pipeline.stages.alerts.stage import AlertsStage, RuleDirectory

RULE = """
id: 1c5f6a0e-32cf-4f0b-8a4e-1d3e2b0f7a11
title: Ceasefire broken
severity: 5
kind: escalation
match:
  en: (ceasefire OR truce) NEAR/6 (violat* OR broke*)
  fr: (cessez-le-feu OR trêve) NEAR/6 (viol* OR romp*)
  ru: перемири* NEAR/6 (наруш* OR сорва*)
"""


def test_a_match_says_where_it_stands(load, event):
    """Field, offsets and words are those of the dispatch as sent."""
    [matched] = AlertsStage(load(rule=RULE)).process(
        [event("Talks went on.\n\nThe “cease\u00adfire” was broken.", "Truce violated")]
    )
    [alert] = matched.alerts
    assert (alert.title, alert.severity, alert.kind, alert.unconfirmed) == ("Ceasefire broken", 5, "escalation", False)
    assert [(m.field, m.text) for m in alert.matches] == [
        ("headline", "Truce violated"),
        ("text", "cease\u00adfire"),
        ("text", "broken"),
    ]
    for match in alert.matches:
        assert getattr(matched.dispatch, match.field)[match.start : match.end] == match.text


def test_no_match_is_an_empty_list(load, event):
    """An event on which the stage ran always has the section; the input is not changed."""
    given = event("A calm day.")
    [matched] = AlertsStage(load(rule=RULE)).process([given])
    assert matched.alerts == []
    assert given.alerts is None


@pytest.mark.parametrize(
    ("declared", "detected", "hits"), [("en", "fr", 1), ("fr", None, 1), ("en", None, 0), (None, None, 1), ("en", "und", 1)]
)
def test_the_detected_language_decides(load, event, declared, detected, hits):
    """Detected over declared; an undetermined language is tried against every language's rules."""
    [matched] = AlertsStage(load(rule=RULE)).process([event("La trêve a été violée.", language=declared, detected=detected)])
    assert len(matched.alerts) == hits


def test_parts_are_tried_in_their_languages(load, event):
    """Copy in several languages is matched in each of them."""
    given = event("Weather is fine. Перемирие нарушено.", detected="en")
    given.language.parts = [LanguagePart(tag="en", start=0, end=16, share=0.5), LanguagePart(tag="ru", start=17, end=36, share=0.5)]
    [matched] = AlertsStage(load(rule=RULE)).process([given])
    assert len(matched.alerts) == 1


def test_late_older_revisions_raise_nothing(load, event):
    """An event that is not current never alerts."""
    given = event("The truce was violated.")
    given.story = Story(id=uuid4(), relation="update", current=False, reason="an older revision that came late")
    assert AlertsStage(load(rule=RULE)).process([given])[0].alerts == []


def test_denied_matches_are_unconfirmed_at_lower_severity(load, event):
    """What the text denies does not page anyone as a fact."""
    [matched] = AlertsStage(load(rule=RULE)).process([event("The ministry denied that the truce had been violated.")])
    assert [(alert.unconfirmed, alert.severity) for alert in matched.alerts] == [(True, 3)]


def test_a_broken_file_keeps_the_last_good_set(tmp_path, event):
    """A change is noticed, and an error reported once."""
    (tmp_path / "rule.yaml").write_text(RULE, encoding="utf-8")
    folder = RuleDirectory(tmp_path, shipped=False)
    rules = folder.poll()
    assert isinstance(rules, RuleSet)
    assert folder.poll() is None
    stage = AlertsStage(rules)
    (tmp_path / "rule.yaml").write_text("title: [", encoding="utf-8")
    assert isinstance(folder.poll(), RuleError)
    assert folder.poll() is None
    assert len(stage.process([event("The truce was violated.")])[0].alerts) == 1
    (tmp_path / "rule.yaml").write_text(RULE.replace("severity: 5", "severity: 2"), encoding="utf-8")
    repaired = folder.poll()
    assert isinstance(repaired, RuleSet)
    assert AlertsStage(repaired).process([event("The truce was violated.")])[0].alerts[0].severity == 2


def test_a_rule_of_ones_own_replaces_the_shipped_one(tmp_path, shipped):
    """The same id in the configured folder wins."""
    rule = shipped.rules[0]
    (tmp_path / "mine.yaml").write_text(RULE.replace("1c5f6a0e-32cf-4f0b-8a4e-1d3e2b0f7a11", str(rule.id)), encoding="utf-8")
    rules = RuleSet.load(tmp_path)
    assert len(rules.rules) == len(shipped.rules)
    assert {r.title for r in rules.rules if r.id == rule.id} == {"Ceasefire broken"}
    assert rules.sha256 != shipped.sha256
