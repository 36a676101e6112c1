"""The shipped escalation pack keeps its own tests and the ladder's promises."""

from __future__ import annotations

import pytest

from pipeline.stages.alerts.stage import AlertsStage
from pipeline.stages.alerts.trial import run_tests


def test_every_rule_passes_its_own_tests(shipped):
    """Every hit and no-hit inside the pack comes out as written."""
    assert [(failure.rule.title, failure.test.text, failure.reason) for failure in run_tests(shipped)] == []


def test_every_rule_has_hits_and_misses_in_each_of_its_languages(shipped):
    """No query of the pack is untested."""
    for rule in shipped.rules:
        for language in rule.match:
            assert {test.hit for test in rule.tests if test.lang == language} == {True, False}, (rule.title, language)


def test_the_pack_has_sixty_concepts_on_every_rung(shipped):
    """Severities 1–5 and de-escalation are all covered."""
    assert len(shipped.rules) >= 60
    assert {rule.severity for rule in shipped.rules if rule.kind == "escalation"} == {1, 2, 3, 4, 5}
    assert sum(rule.kind == "de-escalation" for rule in shipped.rules) >= 10


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("The ministry warned of serious consequences if the ships do not turn back.", 3),
        ("The army declared martial law in the capital.", 4),
        ("Jets bombed the harbour and killed 40 people.", 5),
        ("The ambassador was recalled for consultations.", 2),
    ],
)
def test_sentences_find_their_rung(shipped, event, text, severity):
    """The ladder of the pack is the one that subscribers choose their minimum on."""
    [matched] = AlertsStage(shipped).process([event(text)])
    assert max(match.severity for match in matched.alerts) == severity


@pytest.mark.parametrize(
    "text",
    [
        "The striker's missile from 30 yards hit the net and the fans invaded the pitch.",
        "Rain will spread from the west on Tuesday with gusts of 60 kilometres an hour on the coast.",
        "The truce in the title race collapsed when the coach attacked his rivals.",
    ],
)
def test_sport_and_weather_stay_quiet(shipped, event, text):
    """Nothing at severity 3 or more comes from sport or weather."""
    [matched] = AlertsStage(shipped).process([event(text)])
    assert [match.title for match in matched.alerts if match.severity >= 3] == []
