"""``wirefeed rules``: check, test and explain escalation rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.stages.alerts.ruleset import RuleSet

app = typer.Typer(help="Check, test and explain escalation rules.", no_args_is_help=True)

Directory = Annotated[
    Path | None, typer.Option("--rules", metavar="DIR", help="Folder of rules, in place of the configured one.", show_default=False)
]
Shipped = Annotated[
    bool | None, typer.Option("--shipped/--no-shipped", help="Whether the shipped pack is loaded.", show_default=False)
]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration file.", show_default=False)]


def _load(directory: Path | None, shipped: bool | None, config: Path | None) -> RuleSet:
    """Load the rules in force; exit 2 where the folder or the configuration is missing, 1 where rules have problems."""
    from pipeline.settings import SettingsError, load_settings
    from pipeline.stages.alerts.ruleset import RuleError, RuleSet

    try:
        settings = load_settings(config).rules
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    directory = directory if directory is not None else settings.directory
    if directory is not None and not directory.is_dir():
        typer.echo(f"the folder of rules {directory} does not exist; create it, or correct --rules or rules.directory", err=True)
        raise typer.Exit(2)
    try:
        return RuleSet.load(directory, shipped=settings.shipped if shipped is None else shipped)
    except RuleError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        typer.echo(f"{len(error.problems)} problems", err=True)
        raise typer.Exit(1) from None


@app.command()
def check(directory: Directory = None, shipped: Shipped = None, config: Config = None) -> None:
    """Read every rule file and name all problems at once, each with file, line and column."""
    rules = _load(directory, shipped, config)
    typer.echo(f"{len(rules.rules)} rules in {', '.join(rules.matcher.languages)}; sha256 {rules.sha256}", err=True)


@app.command("test")
def run(directory: Directory = None, shipped: Shipped = None, config: Config = None) -> None:
    """Run the tests that stand inside the rules; one JSON line for each that fails."""
    from pipeline.stages.alerts.trial import run_tests

    rules = _load(directory, shipped, config)
    failures = 0
    for failure in run_tests(rules):
        failures += 1
        line = {
            "rule": str(failure.rule.id),
            "title": failure.rule.title,
            "file": rules.files[str(failure.rule.id)],
            "test": failure.number,
            "lang": failure.test.lang,
            "text": failure.test.text,
            "reason": failure.reason,
        }
        typer.echo(json.dumps(line, ensure_ascii=False))
    total = sum(len(rule.tests) for rule in rules.rules)
    typer.echo(f"{total - failures} of {total} tests passed in {len(rules.rules)} rules", err=True)
    raise typer.Exit(1 if failures else 0)


@app.command()
def schema() -> None:
    """Print the JSON Schema of rule files, for editors."""
    from pipeline.stages.alerts.rule import rule_schema

    typer.echo(json.dumps(rule_schema(), indent=2, ensure_ascii=False))
