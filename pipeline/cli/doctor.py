"""`wirefeed doctor`: whether everything is there that this program needs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import ConfigOption, StoreOption, settings_of

if TYPE_CHECKING:
    from pipeline.operate.diagnosis import Check
    from pipeline.settings import Settings


def doctor(
    languages: Annotated[bool, typer.Option("--languages", help="List what each language gets.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines even on a terminal.")] = False,
    kafka: Annotated[
        bool | None, typer.Option("--kafka/--no-kafka", help="Look at the cluster too; unless said, where [kafka] is configured.")
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Check configuration, store, rules, profiles, models and cluster, and say what to do about what is wrong.

    Examples: wirefeed doctor · wirefeed doctor --languages
    """
    from pipeline.operate.diagnosis import checks, language_table

    settings = settings_of(config, store=store)
    if languages:
        for row in language_table():
            print(json.dumps(row, ensure_ascii=False))
        return
    failed = False
    for check in chain(checks(settings), _cluster(settings, kafka)):
        failed |= not check.good
        if as_json or not sys.stdout.isatty():
            print(json.dumps({"check": check.name, "good": check.good, "detail": check.detail}, ensure_ascii=False))
        else:
            mark = typer.style("ok  ", fg="green") if check.good else typer.style("FAIL", fg="red")
            print(f"{mark}  {check.name}: {check.detail}")
    raise typer.Exit(1 if failed else 0)


def _cluster(settings: Settings, wanted: bool | None) -> Iterator[Check]:
    """Findings about the cluster: where it is asked for, or configured at all."""
    if wanted if wanted is not None else settings.kafka.model_fields_set:
        from pipeline.operate.broker_diagnosis import broker_checks

        yield from broker_checks(settings)
