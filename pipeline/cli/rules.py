"""``wirefeed rules``: check, test, explain and backtest escalation rules."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from pipeline.messages import Event
    from pipeline.stages.alerts.ruleset import RuleSet

app = typer.Typer(
    help="Check, test, explain and backtest escalation rules.\n\nExample: wirefeed rules test --rules my-rules",
    no_args_is_help=True,
)

Directory = Annotated[
    Path | None, typer.Option("--rules", metavar="DIR", help="Folder of rules, in place of the configured one.", show_default=False)
]
Shipped = Annotated[
    bool | None, typer.Option("--shipped/--no-shipped", help="Whether the shipped pack is loaded.", show_default=False)
]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration file.", show_default=False)]


def _load(directory: Path | None, shipped: bool | None, config: Path | None) -> RuleSet:
    """Load the rules in force; exit 2 where the folder or the configuration is missing, 1 where rules have problems."""
    from pipeline.configuration import load_settings
    from pipeline.stages.alerts.ruleset import RuleError, RuleSet

    settings = load_settings(config).rules
    directory = directory if directory is not None else settings.directory
    if directory is not None and not directory.is_dir():
        typer.echo(f"the folder of rules {directory} does not exist; create it, or correct --rules or rules.directory", err=True)
        raise typer.Exit(2)
    try:
        return RuleSet.load(directory, shipped=settings.shipped if shipped is None else shipped)
    except RuleError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        typer.echo(str(error).partition("\n")[0], err=True)
        raise typer.Exit(1) from None


@app.command()
def check(directory: Directory = None, shipped: Shipped = None, config: Config = None) -> None:
    """Read every rule file and name all problems at once, each with file, line and column.

    Example: wirefeed rules check --rules my-rules
    """
    rules = _load(directory, shipped, config)
    typer.echo(f"{len(rules.rules)} rules in {', '.join(rules.matcher.languages)}; sha256 {rules.sha256}", err=True)


@app.command("test")
def run(directory: Directory = None, shipped: Shipped = None, config: Config = None) -> None:
    """Run the tests that stand inside the rules; one JSON line for each that fails.

    Example: wirefeed rules test --rules my-rules --no-shipped
    """
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


@app.command("list")
def show(directory: Directory = None, shipped: Shipped = None, config: Config = None) -> None:
    """List the rules in force, one JSON line each.

    Example: wirefeed rules list | jq -r .id
    """
    rules = _load(directory, shipped, config)
    for rule in sorted(rules.rules, key=lambda rule: (-rule.severity, rule.title)):
        line = {
            "rule": str(rule.id),
            "title": rule.title,
            "severity": rule.severity,
            "kind": rule.kind,
            "languages": list(rule.match),
        }
        typer.echo(json.dumps(line | {"file": rules.files[str(rule.id)]}, ensure_ascii=False))


@app.command()
def schema() -> None:
    """Print the JSON Schema of rule files, for editors.

    Example: wirefeed rules schema > rule.schema.json
    """
    from pipeline.stages.alerts.rule import rule_schema

    typer.echo(json.dumps(rule_schema(), indent=2, ensure_ascii=False))


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="Id or title of a rule, or the beginning of either.")],
    text: Annotated[str, typer.Argument(help="Text, or the id of a stored dispatch.")],
    language: Annotated[
        str | None,
        typer.Option("--language", metavar="TAG", help="Language of the text, or all; detected unless given.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on a terminal too.")] = False,
    directory: Directory = None,
    shipped: Shipped = None,
    store: Annotated[
        str | None, typer.Option("--store", metavar="URL", help="Store that holds the dispatch.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Show which parts of a rule matched where, or which part failed: JSON lines, one a language, or a tree on a terminal.

    Languages are those whose rules the stage would try: the text's, its parts', those it can hardly be told from.

    Example: wirefeed rules explain "Ceasefire broken" "The truce was violated overnight." --language en
    """
    from pipeline.stages.alerts.explanation import explain as explain_query
    from pipeline.stages.alerts.words import Words

    rules = _load(directory, shipped, config)
    found = [one for one in rules.rules if str(one.id).startswith(rule) or one.title.casefold().startswith(rule.casefold())]
    if not found:
        typer.echo(f"no rule has an id or title that begins with {rule!r}; `wirefeed rules list` shows them", err=True)
        raise typer.Exit(2)
    event = _event_of(text, config, store)
    tried = _languages_of(event, language)
    words = Words(event.dispatch.headline, event.dispatch.text)
    as_json = as_json or not sys.stdout.isatty()
    for one in found:
        tags = [tag for tag in one.match if tried is None or tag in {*tried, "any"}]
        if tried is not None and not tags:
            typer.echo(f"{one.title}: no query in {', '.join(tried)}, but in {', '.join(one.match)} (--language TAG)", err=True)
        for query in (query for tag in tags for query in rules.matcher.queries(tag) if query.rule.id == one.id):
            explanation = explain_query(query, words)
            line = {"rule": str(one.id), "title": one.title, "severity": one.severity} | explanation.as_dict()
            typer.echo(json.dumps(line, ensure_ascii=False) if as_json else f"{one.title} (severity {one.severity})\n{explanation}")


def _languages_of(event: Event, given: str | None) -> list[str] | None:
    """Languages to explain, None for all; what was detected is said."""
    from pipeline.stages.alerts.stage import languages_of

    if given is not None:
        return None if given == "all" else [given.partition("-")[0].casefold()]
    languages = languages_of(event)
    if languages is not None:
        typer.echo(f"language: {', '.join(languages)} (--language TAG names another, --language all shows every one)", err=True)
    return languages


def _event_of(text: str, config: Path | None, store: str | None) -> Event:
    """The stored event where ``text`` is the id of a dispatch, else one of the text alone, its language detected."""
    from uuid import UUID

    try:
        identifier = UUID(text)
    except ValueError:
        return _event_of_text(text, config)
    from pipeline.store import schema

    rows = _documents(config, schema.dispatches.c.id == str(identifier), url=store)
    event = next(rows, None)
    if event is None:
        typer.echo(f"dispatch {identifier} is not in the store; give its text instead", err=True)
        raise typer.Exit(2)
    return event


def _event_of_text(text: str, config: Path | None) -> Event:
    from datetime import UTC, datetime

    from pipeline.cli.dispatch_lines import GivenIds, parse_line
    from pipeline.configuration import load_settings
    from pipeline.messages import Event
    from pipeline.stages.language.stage import LanguageStage

    parsed = parse_line({"text": text, "received_at": datetime.now(UTC)}, "TEXT", 1, GivenIds())
    (event,) = LanguageStage(load_settings(config).language).process([Event(receipt=parsed.receipt, dispatch=parsed.dispatch)])
    return event


def _documents(config: Path | None, *conditions: ColumnElement[bool], url: str | None = None) -> Iterator[Event]:
    """Stored events that meet the conditions, in the order in which they were received."""
    from sqlalchemy import select

    from pipeline.cli.opening import opened_store
    from pipeline.messages import Event
    from pipeline.store import schema

    table = schema.dispatches
    with opened_store(config, url) as store, store.reading() as connection:
        query = select(table.c.document).where(*conditions).order_by(table.c.received_at, table.c.seq)
        for document in connection.execute(query.execution_options(yield_per=500)).scalars():
            yield Event.model_validate_json(document)


@app.command()
def backtest(
    since: Annotated[
        datetime | None, typer.Option("--since", metavar="DATE", help="Oldest received time that is read, UTC.", show_default=False)
    ] = None,
    directory: Directory = None,
    shipped: Shipped = None,
    store: Annotated[str | None, typer.Option("--store", metavar="URL", help="Store to read.", show_default=False)] = None,
    config: Config = None,
) -> None:
    """Try rules on stored dispatches: alerts a day for each rule, a sample to read, the difference to the configured set.

    Example: wirefeed rules backtest --since 2026-03-01 --rules my-rules
    """
    from datetime import UTC

    from pipeline.stages.alerts.backtest import backtest as run_backtest
    from pipeline.store import schema

    tried, present = _load(directory, shipped, config), _load(None, None, config)
    conditions = [schema.dispatches.c.received_at >= since.replace(tzinfo=UTC)] if since is not None else []
    result = run_backtest(_documents(config, *conditions, url=store), tried, present)
    for row in sorted(result.rules.values(), key=lambda row: (-row.severity, -row.alerts, row.title)):
        line = {
            "rule": row.rule,
            "title": row.title,
            "severity": row.severity,
            "alerts": row.alerts,
            "alerts_a_day": round(row.alerts / result.days, 2),
            "stories": len(row.stories),
            "unconfirmed": row.unconfirmed,
            "added": row.added,
            "removed": row.removed,
            "sample": row.sample,
        }
        typer.echo(json.dumps(line, ensure_ascii=False))
    typer.echo(f"{result.events} dispatches over {result.days:.1f} days, {len(result.rules)} rules matched", err=True)
