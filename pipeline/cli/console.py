"""`wirefeed console`: the web page and its API over a store."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import ConfigOption, StoreOption, settings_of

if TYPE_CHECKING:
    from pipeline.store.database import Store


def console(
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Let in everybody on this machine; loopback only.")] = False,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 = any free one.")] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Serve the console: the wire, the stories, the alerts and the dead letters, and the API behind them.

    Without --no-auth everybody needs a token: `wirefeed tokens add`.

    Example: wirefeed console --no-auth --store sqlite:///wirefeed.db
    """
    from pipeline.console.app import create_app
    from pipeline.console.serve import ConsoleError, is_loopback, listen, server_of

    settings = settings_of(config, store=store)
    address, wanted = host or settings.console.host, settings.console.port if port is None else port
    if no_auth and not is_loopback(address):
        raise ConsoleError(
            f"console: --no-auth on {address} would let in the network; leave it out and use tokens, or use 127.0.0.1"
        )
    app = create_app(settings, open_to_all=no_auth)
    if not no_auth and not _any_token(app.state.store):
        print("wirefeed: nobody can sign in yet; `wirefeed tokens add NAME --role admin` makes a token", file=sys.stderr)
    opened = listen(address, wanted)
    print(f"console: http://{address}:{opened.getsockname()[1]}/", file=sys.stderr)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: sys.exit())  # uvicorn raises what has ended it once more, when all is closed
    server_of(app).run(sockets=[opened])


def _any_token(store: Store) -> bool:
    from pipeline.console.tokens import read_tokens

    with store.reading() as connection:
        return any(token.revoked_at is None for token in read_tokens(connection))
