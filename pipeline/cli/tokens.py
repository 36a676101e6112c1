"""`wirefeed tokens`: who may use the console and its API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from pipeline.cli.opening import opened_store
from pipeline.cli.options import ConfigOption, StoreOption
from pipeline.cli.rows import json_line

app = typer.Typer(
    help="Who may use the console and its API.\n\nExample: wirefeed tokens add desk --role reader", no_args_is_help=True
)


class RoleName(StrEnum):
    """What a token allows."""

    READER = "reader"
    OPERATOR = "operator"
    ADMIN = "admin"


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Person or program; stands in the audit.")],
    role: Annotated[
        RoleName,
        typer.Option(help="reader: read; operator: also embargoed copy, acknowledge, silence, replay; admin: also the audit."),
    ] = RoleName.READER,
    provider: Annotated[
        list[str] | None, typer.Option(help="Agency that may be seen; repeat for several. All unless given.")
    ] = None,
    days: Annotated[float | None, typer.Option(min=0.01, max=3650, help="Days until it runs out; never unless given.")] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a token and print it: only now, it is kept as a hash.

    Example: wirefeed tokens add desk --role operator --days 90
    """
    from pipeline.console.roles import Role
    from pipeline.console.tokens import add_token

    now = datetime.now(UTC)
    expires_at = now + timedelta(days=days) if days is not None else None
    with opened_store(config, store) as opened, opened.writing() as connection:
        identifier, token = add_token(connection, name, Role(role.value), now, providers=provider, expires_at=expires_at)
    typer.echo(token)
    typer.echo(f"token {identifier} of {name}, role {role.value}; keep it, it is not shown again", err=True)


@app.command("list")
def list_tokens(store: StoreOption = None, config: ConfigOption = None) -> None:
    """Print every token, one JSON a line, without the token itself.

    Example: wirefeed tokens list
    """
    from pipeline.console.tokens import read_tokens

    with opened_store(config, store) as opened, opened.reading() as connection:
        for token in read_tokens(connection):
            typer.echo(json_line(token.__dict__))


@app.command()
def revoke(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of the token, from `wirefeed tokens list`.")],
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a token useless from now on; streams that it opened end within five minutes.

    Example: wirefeed tokens revoke ID
    """
    from pipeline.console.tokens import revoke_token
    from pipeline.failure import OperatorError

    with opened_store(config, store) as opened, opened.writing() as connection:
        revoked = revoke_token(connection, identifier, datetime.now(UTC))
    if not revoked:
        raise OperatorError(f"no token in force has the id {identifier}; `wirefeed tokens list` shows them")
    typer.echo(f"token {identifier} is revoked", err=True)
