"""`wirefeed console`: the web page and its API over a store."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.cli.options import ConfigOption, StoreOption, settings_of


def console(
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Let in everybody on this machine; loopback only.")] = False,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on; 0 = any free one.")] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Serve the console: the wire, the stories, the alerts and the dead letters, and the API behind them.

    Example: wirefeed console --no-auth --store sqlite:///wirefeed.db
    """
    import uvicorn

    from pipeline.console.app import create_app
    from pipeline.console.serve import ConsoleError, is_loopback, listen

    settings = settings_of(config, store=store)
    address, number = host or settings.console.host, settings.console.port if port is None else port
    if not is_loopback(address):
        raise ConsoleError(f"console: {address} is not loopback; the console has no tokens yet, so it listens on 127.0.0.1 only")
    if not no_auth:
        print("wirefeed: everybody on this machine may read the console; --no-auth says that this is meant", file=sys.stderr)
    app = create_app(settings)
    opened = listen(address, number)
    print(f"console: http://{address}:{opened.getsockname()[1]}/", file=sys.stderr)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)).run(sockets=[opened])
