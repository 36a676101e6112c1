"""`wirefeed doctor`: whether everything is there that this program needs."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from pipeline.cli.options import ConfigOption, StoreOption, settings_of


def doctor(
    languages: Annotated[bool, typer.Option("--languages", help="List what each language gets.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines even on a terminal.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Check configuration, store, rules, profiles and models, and say what to do about what is wrong.

    Examples: wirefeed doctor · wirefeed doctor --languages
    """
    from pipeline.operate.diagnosis import checks, language_table

    settings = settings_of(config, store=store)
    if languages:
        for row in language_table():
            print(json.dumps(row, ensure_ascii=False))
        return
    failed = False
    for check in checks(settings):
        failed |= not check.good
        if as_json or not sys.stdout.isatty():
            print(json.dumps({"check": check.name, "good": check.good, "detail": check.detail}, ensure_ascii=False))
        else:
            mark = typer.style("ok  ", fg="green") if check.good else typer.style("FAIL", fg="red")
            print(f"{mark}  {check.name}: {check.detail}")
    raise typer.Exit(1 if failed else 0)
