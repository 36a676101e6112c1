"""Alarms and dashboards ask for what the code exports, and every alarm says what to do."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from typer._click.exceptions import MissingParameter

from tests.unit.deploy.reading import (
    BUILT_IN,
    DASHBOARDS,
    ROOT,
    RULES,
    check_command,
    documents,
    exported,
    expressions,
    metrics_in,
)

OPERATIONS = ROOT / "docs" / "operations.md"


def rules() -> list[Any]:
    return [pytest.param(rule, id=rule["alert"]) for group in documents(RULES)[0]["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("expression", [pytest.param(expression, id=place) for place, expression in expressions()])
def test_queries_use_metrics_that_the_code_exports(expression: str) -> None:
    """Each series is exported, with the labels that it is selected by."""
    series = exported()
    used = metrics_in(expression)
    assert used
    assert used - BUILT_IN <= set(series)
    target = {"job", "instance", "service"}
    for name, selector in re.findall(r"\b(wirefeed_\w+)\{([^}]*)\}", expression):
        assert set(re.findall(r"(\w+)\s*[=!]", selector)) <= series[name] | target
    labels = set().union(target, *(series[name] for name in used - BUILT_IN))
    for grouping in re.findall(r"\bby \(([^)]*)\)", expression):
        assert {each.strip() for each in grouping.split(",")} <= labels


@pytest.mark.parametrize("rule", rules())
def test_alarms_say_what_to_do(rule: dict[str, Any]) -> None:
    """Every alarm has a summary, a description, and a section of the runbook."""
    notes = rule["annotations"]
    assert notes["summary"]
    assert notes["description"].endswith(".")
    path, _, anchor = notes["runbook_url"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert rule["labels"]["severity"] in {"page", "warn"}


def test_every_alarm_is_tested() -> None:
    """Promtool's test file makes every alarm go off."""
    tested = {
        each["alertname"]
        for test in documents(RULES.with_name("rules_test.yaml"))[0]["tests"]
        for each in test["alert_rule_test"]
        if each["exp_alerts"]
    }
    assert tested == {rule.values[0]["alert"] for rule in rules()}


def test_there_are_dashboards() -> None:
    """The four that the runbook names."""
    assert [path.stem for path in DASHBOARDS] == ["alerts", "feeds", "overview", "stage"]


def test_the_runbook_names_commands_that_exist() -> None:
    """Commands in code, up to their first placeholder."""
    text = " ".join(OPERATIONS.read_text(encoding="utf-8").split())
    found = re.findall(r"`wirefeed ([^`]+)`", text)
    assert len(found) > 15
    for command in found:
        with contextlib.suppress(MissingParameter):  # named, not shown
            check_command(command.split())
