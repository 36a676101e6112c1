"""``wirefeed silences``: make alerts wait, with author, reason and end."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from pipeline.cli.opening import opened_store
from pipeline.cli.options import ConfigOption, StoreOption

app = typer.Typer(help="Make alerts wait. Retractions are never silenced.\n\nExample: wirefeed silences list", no_args_is_help=True)

Author = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does this, for the audit.", envvar="USER")]
_UNITS = {"m": 60, "h": 3600, "d": 86400}


def _end(text: str, now: datetime) -> datetime:
    """Read 30m, 4h, 2d or a time with its zone."""
    found = re.fullmatch(r"(\d{1,6})([mhd])", text.strip())
    try:
        end = now + timedelta(seconds=int(found[1]) * _UNITS[found[2]]) if found else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no time; use 30m, 4h, 2d or 2026-03-01T18:00+01:00") from None
    if end.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no time zone; add Z or +01:00")
    if end <= now:
        raise typer.BadParameter(f"{text!r} is over already")
    return end


@app.command()
def add(
    *,
    for_: Annotated[str, typer.Option("--for", metavar="TIME", help="How long (30m, 4h, 2d) or until when.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever wonders.")],
    by: Author = "operator",
    subscriber: Annotated[str | None, typer.Option(help="Only this subscriber.", show_default=False)] = None,
    story: Annotated[str | None, typer.Option(help="Only this story.", show_default=False)] = None,
    rule: Annotated[str | None, typer.Option(help="Only alerts of this rule, by id or title.", show_default=False)] = None,
    provider: Annotated[str | None, typer.Option(help="Only this agency.", show_default=False)] = None,
    country: Annotated[str | None, typer.Option(help="Only this country, as a two-letter code.", show_default=False)] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a silence and print its id; every condition that is given must hold.

    Example: wirefeed silences add --for 4h --reason 'exercise' --country NO
    """
    from pipeline.notify.silences import Silence, add_silence, new_silence_id

    now = datetime.now(UTC)
    if not any((subscriber, story, rule, provider, country)):
        raise typer.BadParameter("a silence over everything is not possible; give at least one condition")
    silence = Silence(
        id=new_silence_id(), author=by, reason=reason, starts_at=now, ends_at=_end(for_, now), subscriber=subscriber,
        story_id=story, rule=rule, provider=provider, country=country.upper() if country else None,
    )  # fmt: skip
    with opened_store(config, store) as opened, opened.writing() as connection:
        add_silence(connection, silence, now)
    typer.echo(json.dumps({"id": silence.id}))


@app.command("list")
def show(
    past: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """List silences, one JSON line each.

    Example: wirefeed silences list --all
    """
    from dataclasses import asdict

    from pipeline.messages import format_time
    from pipeline.notify.silences import read_silences

    with opened_store(config, store) as opened, opened.reading() as connection:
        for silence in read_silences(connection, datetime.now(UTC), past=past):
            fields = asdict(silence)
            times = {name: format_time(fields[name]) for name in ("starts_at", "ends_at")}
            typer.echo(json.dumps({**fields, **times}, ensure_ascii=False))


@app.command()
def expire(identifier: str, by: Author = "operator", store: StoreOption = None, config: ConfigOption = None) -> None:
    """End a silence; what it held goes out.

    Example: wirefeed silences expire ID
    """
    from pipeline.notify.silences import expire_silence

    with opened_store(config, store) as opened, opened.writing() as connection:
        ended = expire_silence(connection, identifier, by, datetime.now(UTC))
    if not ended:
        typer.echo(f"no silence {identifier} holds; `wirefeed silences list` shows them", err=True)
        raise typer.Exit(1)
