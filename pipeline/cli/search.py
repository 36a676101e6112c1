"""`wirefeed search` and `wirefeed story`: read what the store holds."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from pipeline.cli.opening import opened_store
from pipeline.cli.options import ConfigOption, StoreOption
from pipeline.cli.rows import json_line, plain


def search(
    words: Annotated[str, typer.Argument(help='Words, "phrases", prefix*, AND, OR, NOT and parentheses.')] = "",
    since: Annotated[datetime | None, typer.Option(help="Received from this time on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Received before this time, UTC.")] = None,
    provider: Annotated[str | None, typer.Option(help="Agency.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP-47 tag.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166 code of a country that is named.")] = None,
    entity: Annotated[str | None, typer.Option(help="Name of a person, organisation or place.")] = None,
    severity: Annotated[int | None, typer.Option(min=1, max=5, help="At least this severe.")] = None,
    story: Annotated[str | None, typer.Option(help="Only this story.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    before: Annotated[int | None, typer.Option(help="Cursor: the seq of the last result of the page before.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines even on a terminal.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Find dispatches, newest first.

    Examples: wirefeed search 'ceasefire AND (Geneva OR Vienna)' · wirefeed search --country UA --severity 3
    """
    from datetime import UTC

    from pipeline.store.search import Query, index_pending
    from pipeline.store.search import search as find

    since, until = (moment and moment.replace(tzinfo=UTC) for moment in (since, until))
    query = Query(words, since, until, provider, language, country, entity, severity, story, before, limit)
    with opened_store(config, store, create=False) as opened:
        index_pending(opened)
        with opened.reading() as connection:
            found = find(connection, query)
    for row in found:
        if as_json or not sys.stdout.isatty():
            print(json_line(row))
        else:
            severity_shown = f"[{row['severity']}]" if row["severity"] else "   "
            what = f"{row['headline'] or '–'}{_marks(row)}"
            print(f"{plain(row['received_at'])[:16]} {severity_shown} {row['provider']:<10} {what}  ({row['id']})")
    if not found:
        print("nothing found", file=sys.stderr)


def story(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="Id of a story or of one of its dispatches, or its beginning; or provider:item.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines even on a terminal.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Print a story's dispatches in order, with verdicts, reasons and changes.

    Example: wirefeed story 5f0c… | jq .story.reason
    """
    from pipeline.store.database import StoreError
    from pipeline.store.stories import read_story, stories_named

    with opened_store(config, store, create=False) as opened, opened.reading() as connection:
        events = read_story(connection, identifier)
        named = [] if events else stories_named(connection, identifier)
        if len(named) > 1:
            raise StoreError(f"several stories, or dispatches of several, have ids that begin with {identifier}; give more of it")
        events = events or [event for each in named for event in read_story(connection, each)]
    if not events:
        raise StoreError(f"no story, dispatch or provider:item is named {identifier}; `wirefeed search` shows ids")
    for event in events:
        if as_json or not sys.stdout.isatty():
            print(event.to_json().decode())
            continue
        verdict = event.story
        if verdict is not None:
            when, dispatch = plain(event.dispatch.received_at)[:19], event.dispatch
            print(f"{when}  {dispatch.provider:<10} {verdict.relation.value:<10} {dispatch.headline or '–'}")
            print(f"{'':21}{verdict.reason}")
            for kind, values in verdict.changes.model_dump().items() if verdict.changes else ():
                if values:
                    print(f"{'':21}{kind.replace('_', ' ')}: {', '.join(map(str, values))[:200]}")


def _marks(row: dict[str, Any]) -> str:
    """What a reader must know before using a dispatch: withdrawn, superseded, a copy, under embargo."""
    marks = [row["status"]] if row["status"] != "usable" else []
    marks += [row["relation"]] if row["relation"] in ("withdrawal", "duplicate") else []
    marks += [] if row["current"] else ["superseded"]
    if row["embargoed_until"] is not None:
        marks.append(f"embargoed until {plain(row['embargoed_until'])[:16]}")
    return f" [{', '.join(marks)}]" if marks else ""
