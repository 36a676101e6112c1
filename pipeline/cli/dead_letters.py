"""`wirefeed dead-letters`: what no stage could use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import ConfigOption, settings_of

if TYPE_CHECKING:
    from pipeline.engines.kafka.connection import Connection

app = typer.Typer(
    help="List, show and replay what no stage could use.\n\nExample: wirefeed dead-letters list --stage parse",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Stage = Annotated[str | None, typer.Option("--stage", help="Only those of this stage.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Only those whose reason holds these words.")]
Error = Annotated[str | None, typer.Option("--error", help="Only those with this class of error, such as ParseError.")]


def _connection(config: ConfigOption) -> Connection:
    from pipeline.engines.kafka.connection import Connection

    return Connection(settings_of(config).kafka)


@app.command("list")
def listed(stage: Stage = None, reason: Reason = None, error: Error = None, config: ConfigOption = None) -> None:
    """Print one JSON line for each dead letter, without its bytes.

    Example: wirefeed dead-letters list --stage parse | jq -r .reason | sort | uniq -c
    """
    from pipeline.operate.dead_letters import Filter, find

    for letter, _ in find(_connection(config), Filter(None, stage, reason, error)):
        print(letter.model_dump_json(exclude={"payload", "headers"}))


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of the dead letter.")], config: ConfigOption = None
) -> None:
    """Print one dead letter with headers and bytes (base64) as JSON.

    Example: wirefeed dead-letters show ID | jq -r .payload | base64 -d
    """
    from pipeline.operate.dead_letters import Filter, find

    found = next(iter(find(_connection(config), Filter(identifier))), None)
    if found is None:
        typer.echo(f"wirefeed: no dead letter {identifier}; `wirefeed dead-letters list` names them", err=True)
        raise typer.Exit(1)
    print(found[0].model_dump_json())


@app.command()
def replay(  # options
    identifier: Annotated[str | None, typer.Argument(metavar="[ID]", help="Id of one dead letter; else those chosen.")] = None,
    stage: Stage = None,
    reason: Reason = None,
    error: Error = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
    max_attempts: Annotated[int, typer.Option("--max-attempts", min=1, help="Leave those alone that were tried so often.")] = 3,
    per_second: Annotated[float, typer.Option("--rate", min=0.1, help="Most records a second.")] = 50,
    config: ConfigOption = None,
) -> None:
    """Hand dead letters in again where they came from; says what it would do unless --yes is given.

    Example: wirefeed dead-letters replay --error ParseError --yes
    """
    from pipeline.operate.dead_letters import Filter, plan_replay
    from pipeline.operate.dead_letters import replay as hand_in

    connection = _connection(config)
    replays = plan_replay(connection, Filter(identifier, stage, reason, error), max_attempts)
    for each in replays:
        print(json.dumps(each.as_json(), ensure_ascii=False))
    stuck = [each for each in replays if each.obstacle]
    for each in stuck:
        typer.echo(f"wirefeed: {each.letter.name}: {each.obstacle}", err=True)
    if yes:
        typer.echo(f"{hand_in(connection, replays, per_second)} handed in, {len(stuck)} not", err=True)
    else:
        typer.echo(f"{len(replays) - len(stuck)} would be handed in, {len(stuck)} not; --yes does it", err=True)
    raise typer.Exit(1 if stuck else 0)
