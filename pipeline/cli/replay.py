"""`wirefeed replay`: let a stage read again what it has read."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import ConfigOption, RulesOption, StoreOption, settings_of


def replay(
    stage: Annotated[str, typer.Argument(metavar="[STAGE]", help="Stage that reads again: parse (wire.raw) and so on.")] = "parse",
    since: Annotated[str | None, typer.Option("--since", help="From this time on, RFC 3339; else from the oldest kept.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Up to this time, RFC 3339; else up to now.")] = None,
    offset: Annotated[
        list[str] | None, typer.Option("--offset", metavar="PARTITION:OFFSET", help="From this offset on; only these partitions.")
    ] = None,
    into: Annotated[
        str | None, typer.Option("--into", metavar="PREFIX", help="Into topics under this prefix, which are made; else in place.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
    per_second: Annotated[float, typer.Option("--rate", min=0.1, help="Most records a second.")] = 200,
    archive: Annotated[
        Path | None, typer.Option("--archive", help="From the raw bytes of this archive into --store, without Kafka, at once.")
    ] = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Hand in again what a stage has read. Nobody is notified again; verdicts and rows that exist stay as they are.

    With --into, the records go through topics and groups of their own: run workers and a sink with that kafka.prefix.

    With --archive nothing changes in the store that has the items; an empty one gets them anew, by the rules of today.

    Examples: wirefeed replay --since 2026-03-01T06:00:00Z --yes · wirefeed replay alerts --into shadow- --yes ·
    wirefeed replay --archive /srv/archive --store sqlite:///again.db
    """
    if archive is not None:
        from pipeline.cli.archive import replay_archive

        replay_archive(archive, _time("--since", since), _time("--until", until), store, rules, config)
    from pipeline.engines.kafka.connection import Connection
    from pipeline.operate.replay import hand_in, spans
    from pipeline.operate.topics import apply
    from pipeline.topology import STAGE_NAMES

    if stage not in STAGE_NAMES:
        raise typer.BadParameter(f"no stage is called {stage!r}; there are {', '.join(STAGE_NAMES)}")
    begin, end, offsets = _time("--since", since), _time("--until", until), _offsets(offset or [])
    settings = settings_of(config).kafka
    source = Connection(settings)
    target = source if into is None else Connection(settings.model_copy(update={"prefix": into}))
    chosen = spans(source, stage, begin, end, offsets)
    for span in chosen:
        print(json.dumps(span.as_json()))
    total = sum(span.records for span in chosen)
    where = "in place" if into is None else f"into {into}*"
    if not yes:
        typer.echo(f"{total} records would be handed in {where}; --yes does it", err=True)
        return
    if into is not None:
        apply(target)
    name = f"{datetime.now().astimezone():%Y%m%dT%H%M%S}"
    typer.echo(
        f"{hand_in(source, stage, chosen, target, name=name, per_second=per_second)} records handed in {where}, marked {name}",
        err=True,
    )


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{option} {text!r} is no time; write 2026-03-01T06:00:00Z") from None
    return moment.astimezone() if moment.tzinfo is None else moment


def _offsets(texts: list[str]) -> dict[int, int]:
    offsets = {}
    for text in texts:
        partition, _, offset = text.partition(":")
        if not (partition.isdigit() and offset.isdigit()):
            raise typer.BadParameter(f"--offset {text!r} is no PARTITION:OFFSET; write 0:1200")
        offsets[int(partition)] = int(offset)
    return offsets
