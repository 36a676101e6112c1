"""A change of the rule files counts while the program runs."""

from __future__ import annotations

from itertools import count

import pytest

from pipeline.engines.live_rules import LiveAlerts
from pipeline.settings import RulesSettings
from pipeline.stages.alerts.ruleset import RuleError

RULE = """
id: 1c5f6a0e-32cf-4f0b-8a4e-1d3e2b0f7a11
title: Ceasefire broken
severity: 5
kind: escalation
match: {en: truce NEAR/6 broke*}
tests:
  - {lang: en, text: The truce was broken., hit: true}
"""


@pytest.fixture
def severities(tmp_path, event):
    """What an event is raised at, a minute after the last one."""
    (tmp_path / "rule.yaml").write_text(RULE, encoding="utf-8")
    minutes = count()
    stage = LiveAlerts(RulesSettings(shipped=False, directory=tmp_path), clock=lambda: 60.0 * next(minutes))
    return lambda: [alert.severity for alert in stage.process([event("The truce was broken.")])[0].alerts]


def test_a_changed_rule_counts_from_the_next_batch_on(severities, tmp_path) -> None:
    assert severities() == [5]
    (tmp_path / "rule.yaml").write_text(RULE.replace("severity: 5", "severity: 2"), encoding="utf-8")
    assert severities() == [2]
    (tmp_path / "rule.yaml").unlink()
    assert severities() == []


def test_a_broken_change_does_not_count_until_it_is_mended(severities, tmp_path) -> None:
    (tmp_path / "rule.yaml").write_text("title: [", encoding="utf-8")
    assert severities() == [5]
    assert severities() == [5]
    (tmp_path / "rule.yaml").write_text(RULE.replace("severity: 5", "severity: 3"), encoding="utf-8")
    assert severities() == [3]


def test_rules_that_are_broken_at_the_start_are_refused(tmp_path) -> None:
    (tmp_path / "rule.yaml").write_text("title: [", encoding="utf-8")
    with pytest.raises(RuleError, match=r"rule\.yaml"):
        LiveAlerts(RulesSettings(shipped=False, directory=tmp_path))
