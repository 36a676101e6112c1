"""`wirefeed feeds`: whether the feeds are complete."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from pipeline.cli.opening import opened_store
from pipeline.cli.options import ConfigOption, StoreOption
from pipeline.cli.rows import json_line, plain


def feeds(
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines even on a terminal.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Show each service of each agency: last item and number, what is missing, unusual silence.

    A number that is missing closes its gap when it comes late. Exit code 0, whatever is missing.

    Example: wirefeed feeds --json | jq 'select(.missing > 0)'
    """
    from pipeline.store.feeds import read_feeds

    with opened_store(config, store) as opened, opened.reading() as connection:
        rows = read_feeds(connection)
    width = max((len(_name(row)) for row in rows), default=0)
    for row in rows:
        print(json_line(row) if as_json or not sys.stdout.isatty() else _line(row, width))
    if not rows:
        print("no feed has brought anything yet", file=sys.stderr)


def _name(row: dict[str, Any]) -> str:
    return f"{row['provider']} {row['service']}".strip()


def _line(row: dict[str, Any], width: int) -> str:
    parts = [f"{_name(row):<{width}}  last {plain(row['last_received_at'])[:16]}"]
    if row["last_sequence"] is not None:
        parts.append(f"no. {row['last_sequence']}" + ("" if row["numbered"] else " (not consecutive)"))
    if row["silent_since"] is not None:
        parts.append(f"SILENT since {plain(row['silent_since'])[:16]}")
    if row["missing"]:
        parts.append(f"MISSING {row['missing']}: {', '.join(gap['numbers'] for gap in row['gaps'])}")
    return "  ".join(parts)
