"""`wirefeed enrich`: the chain over a file, to standard output, without a store."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import ConfigOption, RulesOption, settings_of

if TYPE_CHECKING:
    from pipeline.messages import ParsedDispatch
    from pipeline.settings import Settings

# Dispatches a batch: enough for vectorised stages, few enough to see results at once.
_BATCH = 256


class Input(StrEnum):
    """What the files hold."""

    WIRE = "wire"
    DISPATCHES = "dispatches"


def enrich(
    files: Annotated[list[str], typer.Argument(metavar="FILE…|-", help="Wire files, or - for standard input.")],
    stages: Annotated[
        str | None, typer.Option("--stages", help="Run only these, separated by commas, as in language,alerts.")
    ] = None,
    source: Annotated[Input, typer.Option("--input", help="What the files hold: wire bytes, or Dispatch JSON lines.")] = Input.WIRE,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Print one Event a line, copies included, in input order. Keeps no state between calls and writes nothing.

    Examples: wirefeed enrich dispatch.xml | jq .alerts · wirefeed enrich --input dispatches --stages language lines.jsonl
    """
    from pipeline.cli.dispatch_lines import GivenIds, read_dispatch_lines
    from pipeline.engines import chain
    from pipeline.engines.enriching import enriching_stages
    from pipeline.messages import Event
    from pipeline.stages.deduplicate.stage import Deduplicator

    stage_names = _named(stages)
    settings = settings_of(config, rules=rules)
    deduplicator = Deduplicator(settings.deduplicate) if "deduplicate" in stage_names else None
    enriching = enriching_stages(settings, stage_names)
    failures: list[str] = []
    names = GivenIds()
    read = read_dispatch_lines(files, failures, names) if source is Input.DISPATCHES else _wire(files, settings, failures)
    for batch in _batches(read):
        events = [Event(receipt=each.receipt, dispatch=each.dispatch, errors=each.errors) for each in batch]
        if deduplicator is not None:
            verdicts = deduplicator.decide(batch)
            events = [event.model_copy(update={"story": verdict.story}) for event, verdict in zip(events, verdicts, strict=True)]
        for event in chain.enrich(enriching, events):
            sys.stdout.write(json.dumps(names.restore(event), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    for failure in failures:
        print(f"wirefeed: {failure}", file=sys.stderr)
    raise typer.Exit(1 if failures else 0)


def _named(stages: str | None) -> Sequence[str]:
    from pipeline.topology import STAGE_NAMES

    if stages is None:
        return STAGE_NAMES
    names = [name.strip() for name in stages.split(",") if name.strip()]
    unknown = [name for name in names if name not in STAGE_NAMES]
    if unknown or not names:
        raise typer.BadParameter(f"{', '.join(unknown) or 'nothing'}: choose from {', '.join(STAGE_NAMES)}", param_hint="--stages")
    return names


def _batches(dispatches: Iterator[ParsedDispatch]) -> Iterator[list[ParsedDispatch]]:
    batch: list[ParsedDispatch] = []
    for dispatch in dispatches:
        batch.append(dispatch)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    yield batch


def _wire(files: Sequence[str], settings: Settings, failures: list[str]) -> Iterator[ParsedDispatch]:
    from pipeline.cli.readings import read_items
    from pipeline.stages.parse.stage import ParseStage

    stage = ParseStage(settings.parse)
    for item in read_items(files, settings.parse.max_item_bytes):
        if isinstance(item, str):
            failures.append(item)
            continue
        parsed = stage.parse(item)
        failures += [f"{letter.name}: {letter.reason}" for letter in parsed.dead_letters]
        yield from parsed.dispatches
