"""`wirefeed parse`: wire files to dispatches on standard output."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import ConfigOption, settings_of

if TYPE_CHECKING:
    from pipeline.messages import DeadLetter, RawItem
    from pipeline.stages.parse.stage import ParseStage


def parse(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Wire files, directories, archives, or - for standard input.")
    ],
    explain: Annotated[bool, typer.Option("--explain", help="Show from where each field was read.")] = False,
    config: ConfigOption = None,
) -> None:
    """Print one Dispatch a line for every item of the files, in file order.

    Examples: wirefeed parse dispatch.xml | jq .headline · wirefeed parse --explain dispatch.xml
    """
    from pipeline.cli.readings import read_items
    from pipeline.stages.parse.stage import ParseStage

    settings = settings_of(config)
    stage = ParseStage(settings.parse)
    failed = 0
    for item in read_items(files, settings.parse.max_item_bytes):
        if isinstance(item, str):
            failed += 1
            print(f"wirefeed: {item}", file=sys.stderr)
            continue
        lines, letters = _explained(stage, item) if explain else _parsed(stage, item)
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        for letter in letters:
            failed += 1
            print(f"wirefeed: {letter.name}: {letter.reason}", file=sys.stderr)
    sys.stdout.flush()
    raise typer.Exit(1 if failed else 0)


def _parsed(stage: ParseStage, item: RawItem) -> tuple[list[str], list[DeadLetter]]:
    parsed = stage.parse(item)
    return [each.dispatch.to_json().decode() for each in parsed.dispatches], parsed.dead_letters


def _explained(stage: ParseStage, item: RawItem) -> tuple[list[str], list[DeadLetter]]:
    explained, letters = stage.explain(item)
    shown = ({"file": item.name, "where": each.where, "dispatch": json.loads(each.dispatch.to_json())} for each in explained)
    return [json.dumps(each, ensure_ascii=False) for each in shown], letters
