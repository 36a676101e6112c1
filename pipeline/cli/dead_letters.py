"""`wirefeed dead-letters`: what no stage could use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.opening import opened_store
from pipeline.cli.options import ConfigOption, StoreOption, settings_of

if TYPE_CHECKING:
    from pipeline.operate.dead_letters import Letters

app = typer.Typer(
    help="List, show and replay what no stage could use.\n\nThe topic's; with --stored or --store those that the store holds: of "
    "`wirefeed run`, and events that nobody could be told of.\n\nExample: wirefeed dead-letters list --stage parse",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Stage = Annotated[str | None, typer.Option("--stage", help="Only those of this stage.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Only those whose reason holds these words.")]
Error = Annotated[str | None, typer.Option("--error", help="Only those with this class of error, such as ParseError.")]
Stored = Annotated[bool, typer.Option("--stored", help="Those of the configured store instead of the topic's.")]


@contextmanager
def _letters(config: ConfigOption, store: StoreOption, stored: Stored) -> Iterator[Letters]:
    from pipeline.operate.dead_letters import StoredLetters, TopicLetters

    if stored or store is not None:
        with opened_store(config, store) as opened:
            yield StoredLetters(opened)
    else:
        from pipeline.engines.kafka.connection import Connection

        yield TopicLetters(Connection(settings_of(config).kafka))


@app.command("list")
def listed(
    stage: Stage = None,
    reason: Reason = None,
    error: Error = None,
    stored: Stored = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Print one JSON line for each dead letter, without its bytes.

    Example: wirefeed dead-letters list --stage parse | jq -r .reason | sort | uniq -c
    """
    from pipeline.operate.dead_letters import Filter

    with _letters(config, store, stored) as letters:
        for letter in letters.find(Filter(None, stage, reason, error)):
            print(letter.model_dump_json(exclude={"payload", "headers"}))


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of the dead letter.")],
    stored: Stored = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Print one dead letter with headers and bytes (base64) as JSON.

    Example: wirefeed dead-letters show ID | jq -r .payload | base64 -d
    """
    from pipeline.operate.dead_letters import Filter

    with _letters(config, store, stored) as letters:
        found = next(iter(letters.find(Filter(identifier))), None)
        if found is None:
            raise _unknown(identifier, letters)
        print(found.model_dump_json())


@app.command()
def replay(  # options
    identifier: Annotated[str | None, typer.Argument(metavar="[ID]", help="Id of one dead letter; else those chosen.")] = None,
    stage: Stage = None,
    reason: Reason = None,
    error: Error = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
    max_attempts: Annotated[int, typer.Option("--max-attempts", min=1, help="Leave those alone that were tried so often.")] = 3,
    per_second: Annotated[float, typer.Option("--rate", min=0.1, help="Most records a second.")] = 50,
    stored: Stored = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Hand dead letters in again where they came from; says what it would do unless --yes is given.

    Those of the store are marked: `wirefeed run` reads them again, the notifier plans again whom to tell of an event.

    Example: wirefeed dead-letters replay --error ParseError --yes
    """
    from pipeline.operate.dead_letters import Filter

    with _letters(config, store, stored) as letters:
        replays = letters.plan_replay(Filter(identifier, stage, reason, error), max_attempts)
        if identifier is not None and not replays:
            raise _unknown(identifier, letters)
        for each in replays:
            print(json.dumps(each.as_json(), ensure_ascii=False))
        stuck = [each for each in replays if each.obstacle]
        for each in stuck:
            typer.echo(f"wirefeed: {each.letter.name}: {each.obstacle}", err=True)
        if yes:
            typer.echo(f"{letters.replay(replays, per_second)} handed in, {len(stuck)} not", err=True)
        else:
            typer.echo(f"{len(replays) - len(stuck)} would be handed in, {len(stuck)} not; --yes does it", err=True)
    raise typer.Exit(1 if stuck else 0)


def _unknown(identifier: str, letters: Letters) -> typer.Exit:
    """Say where the letter may be instead."""
    typer.echo(f"wirefeed: no dead letter {identifier} in {letters.place}; {letters.elsewhere}", err=True)
    return typer.Exit(1)
