"""``wirefeed notifications``: what was sent, what was not and why; send again, release from embargo."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipeline.cli.opening import opened_store
from pipeline.cli.options import ConfigOption, StoreOption

app = typer.Typer(
    help="See what became of messages; send failed ones again.\n\nExample: wirefeed notifications list --state failed",
    no_args_is_help=True,
)

Author = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does this, for the audit.", envvar="USER")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Most lines.")]


@app.command("list")
def show(
    *,
    state: Annotated[str | None, typer.Option(help="Only this state: queued, held, failed…", show_default=False)] = None,
    subscriber: Annotated[str | None, typer.Option(help="Only this subscriber.", show_default=False)] = None,
    story: Annotated[str | None, typer.Option(help="Only this story.", show_default=False)] = None,
    limit: Limit = 100,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """List messages, newest first, one JSON line each.

    Example: wirefeed notifications list --state failed | jq -r .detail
    """
    from pipeline.notify.operating import list_messages
    from pipeline.notify.outbox import State

    if state is not None and state not in [each.value for each in State]:
        typer.echo(f"--state {state} is not known; use one of {', '.join(State)}", err=True)
        raise typer.Exit(2)
    with opened_store(config, store) as opened, opened.reading() as connection:
        for message in list_messages(connection, state=state, subscriber=subscriber, story=story, limit=limit):
            typer.echo(json.dumps(message, ensure_ascii=False))


@app.command()
def history(subscriber: str, limit: Limit = 100, store: StoreOption = None, config: ConfigOption = None) -> None:
    """Print the audit of one subscriber, newest first, one JSON line each.

    Example: wirefeed notifications history desk --limit 20
    """
    from pipeline.notify.operating import history as read_history

    with opened_store(config, store) as opened, opened.reading() as connection:
        for line in read_history(connection, subscriber, limit):
            typer.echo(json.dumps(line, ensure_ascii=False))


@app.command()
def redrive(
    keys: Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="Messages, by their id.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Every message that has failed.")] = False,
    by: Author = "operator",
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Queue failed messages again and enable their endpoints.

    Example: wirefeed notifications redrive --failed --by anna
    """
    from datetime import UTC, datetime

    from pipeline.notify.operating import redrive as again

    if not keys and not failed:
        typer.echo("say which: IDs, or --failed for all; `wirefeed notifications list --state failed` shows them", err=True)
        raise typer.Exit(2)
    with opened_store(config, store) as opened, opened.writing() as connection:
        count = again(connection, keys or [], by, datetime.now(UTC), failed=failed)
    typer.echo(f"{count} messages queued again", err=True)
    raise typer.Exit(0 if failed or count == len(set(keys or [])) else 1)


@app.command()
def release(
    story: Annotated[str, typer.Argument(metavar="ID", help="Story, dispatch or message.")],
    by: Author = "operator",
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Let messages go that wait for an embargo to end.

    Example: wirefeed notifications release ID --by anna
    """
    from datetime import UTC, datetime

    from pipeline.notify.operating import release_embargoed

    with opened_store(config, store) as opened, opened.writing() as connection:
        count = release_embargoed(connection, story, by, datetime.now(UTC))
    typer.echo(f"{count} messages released" if count else f"nothing about {story} waits for an embargo", err=True)
    raise typer.Exit(0 if count else 1)


@app.command()
def canary() -> None:
    """Print a canary, to be put into a source from a timer; notify.canary_minutes says when its absence is an alarm.

    Example: wirefeed notifications canary > spool/canary-$(date +%s).jsonl
    """
    from datetime import UTC, datetime

    from pipeline.notify.canary import canary_line

    typer.echo(canary_line(datetime.now(UTC)), nl=False)


def acknowledge(
    story: Annotated[str, typer.Argument(metavar="STORY", help="Story, or the id of a message about it.")],
    by: Author = "operator",
    subscriber: Annotated[str | None, typer.Option(help="Only for this subscriber.", show_default=False)] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Say that somebody deals with a story, so that reminders and escalation end.

    Example: wirefeed acknowledge STORY --by anna
    """
    from datetime import UTC, datetime

    from pipeline.notify.silences import acknowledge as note

    with opened_store(config, store) as opened, opened.writing() as connection:
        names = note(connection, story, by, datetime.now(UTC), subscriber=subscriber)
    if not names:
        typer.echo(f"nobody waits for an acknowledgement of {story}; `wirefeed notifications list` shows stories", err=True)
        raise typer.Exit(1)
    typer.echo(f"acknowledged for {', '.join(names)}", err=True)
