"""``wirefeed rules``: what scripts and operators may rely on."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.stages.alerts.backtest import backtest
from pipeline.stages.alerts.rule import rule_schema
from pipeline.stages.alerts.ruleset import SHIPPED

RULE = """
id: 1c5f6a0e-32cf-4f0b-8a4e-1d3e2b0f7a11
title: Ceasefire broken
severity: 5
kind: escalation
match:
  en: (ceasefire OR truce) NEAR/6 (violat* OR broke*)
tests:
  - {lang: en, text: The truce was broken., hit: true}
  - {lang: en, text: The bread was broken., hit: false}
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()

    def call(*arguments, rule=RULE):
        (tmp_path / "rules" / "rule.yaml").write_text(rule, encoding="utf-8")
        return CliRunner().invoke(app, ["rules", *arguments])

    return call


def test_check_ends_with_0_1_or_2(run):
    """0 where all is well, 1 where rules have problems, 2 where the folder is missing."""
    assert run("check", "--rules", "rules", "--no-shipped").exit_code == 0
    broken = run("check", "--rules", "rules", "--no-shipped", rule=RULE.replace("broke*", "br*"))
    assert broken.exit_code == 1
    assert "rule.yaml:7:47: 'br*': 2 letters before *" in broken.stderr
    assert run("check", "--rules", "missing").exit_code == 2


def test_test_names_each_failure_as_json(run):
    """One line for each test that fails, and 1 at the end."""
    assert run("test", "--rules", "rules", "--no-shipped").exit_code == 0
    failed = run("test", "--rules", "rules", "--no-shipped", rule=RULE.replace("truce)", "bread)"))
    assert failed.exit_code == 1
    lines = [json.loads(line) for line in failed.stdout.splitlines()]
    assert [line["reason"] for line in lines] == ["did not match", "matched 'bread', 'broken'"]


def test_explain_shows_which_part_failed(run):
    """Each part of the query, whether it holds, and where."""
    shown = run("explain", "Ceasefire", "The truce holds.", "--rules", "rules", "--no-shipped")
    line = json.loads(shown.stdout)
    assert line["verdict"] == "does not match"
    parts = {part["part"]: part["holds"] for part in line["parts"]}
    assert parts["(ceasefire OR truce)"] is True
    assert parts["(violat* OR broke*)"] is False
    assert run("explain", "Nothing", "x", "--rules", "rules").exit_code == 2


def test_explain_names_the_filter_and_the_denial(run):
    """Why a match is void or unconfirmed."""
    shown = run("explain", "Ceasefire broken", "The coach broke the truce with the goalkeeper.", "--language", "en")
    assert json.loads(shown.stdout)["verdict"] == "excluded"
    assert any(line.startswith("sport: ") for line in json.loads(shown.stdout)["excluded_by"])
    shown = run("explain", "Martial", "The ministry denied that martial law was declared.", "--language", "en")
    line = json.loads(shown.stdout)
    assert line["verdict"] == "matches, unconfirmed"
    assert line["denied"]


def test_explain_speaks_of_the_languages_that_the_text_is_in(run):
    """Of the others where they are asked for, and of a rule that has none of them it says which it has."""
    text = "Die Regierung hat am Dienstag nach den Angriffen das Kriegsrecht verhängt, wie ein Sprecher in der Hauptstadt sagte."
    shown = run("explain", "Martial law", text)
    assert [json.loads(line)["language"] for line in shown.stdout.splitlines()] == ["de"]
    assert json.loads(shown.stdout)["verdict"] == "matches"
    assert "language: de" in shown.stderr
    every = [json.loads(line)["language"] for line in run("explain", "Martial law", text, "--language", "all").stdout.splitlines()]
    assert {"de", "en", "ru", "zh"} < set(every)
    missing = run("explain", "Ceasefire", text, "--rules", "rules", "--no-shipped")
    assert not missing.stdout
    assert "Ceasefire broken: no query in de, but in en" in missing.stderr


def test_the_schema_accepts_the_shipped_pack(run):
    """Editors that use it show no error on any of our files."""
    assert json.loads(run("schema").stdout) == rule_schema()
    validator = jsonschema.Draft202012Validator(rule_schema())
    for path in SHIPPED.rglob("*.yaml"):
        validator.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_list_gives_one_line_a_rule(run):
    """Ids, titles, severities and files of the rules in force."""
    [line] = run("list", "--rules", "rules", "--no-shipped").stdout.splitlines()
    assert json.loads(line)["title"] == "Ceasefire broken"


def test_backtest_counts_what_a_set_adds_and_removes(load, shipped, event):
    """Alerts, stories and the difference to the present set, rule by rule."""
    mine = load(rule=RULE.replace("broke*", "baked"))
    result = backtest([event("The truce baked."), event("The truce was broken."), event("Calm.")], mine, shipped)
    rows = {row.title: (row.alerts, len(row.stories), row.added, row.removed) for row in result.rules.values()}
    assert rows["Ceasefire broken"] in {(1, 1, 1, 0), (0, 0, 0, 1)}
    assert result.events == 3
    assert all(bool(row.added) != bool(row.removed) for row in result.rules.values())


def test_backtest_reads_the_store(run):
    """An empty store gives no rule and ends well."""
    done = run("backtest", "--rules", "rules", "--no-shipped", "--store", "sqlite:///empty.db")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "0 dispatches" in done.stderr
