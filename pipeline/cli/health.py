"""`wirefeed health`: ask a process on this machine how it is, as a container's health check does."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.cli.options import ConfigOption


def health(
    ready: Annotated[bool, typer.Option("--ready", help="Ask whether it works, not only whether it lives.")] = False,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port; health.port unless given.")] = None,
    config: ConfigOption = None,
) -> None:
    """Exit with 0 when the process that serves health on this machine is well, with 1 when it is not or does not answer.

    Example: wirefeed health --port 8420
    """
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    from pipeline.configuration import load_settings

    number = port or load_settings(config).health.port
    if not number:
        raise typer.BadParameter("health.port is 0, so nobody knows the port; give --port or set health.port")
    url = f"http://127.0.0.1:{number}/{'readyz' if ready else 'healthz'}"
    try:
        with urlopen(url, timeout=4) as answer:
            print(answer.read().decode().strip())
    except HTTPError as error:
        print(f"wirefeed: {url} answers {error.code}: {error.read().decode().strip()}", file=sys.stderr)
        raise typer.Exit(1) from None
    except (URLError, OSError) as error:
        print(f"wirefeed: {url} does not answer ({error})", file=sys.stderr)
        raise typer.Exit(1) from None
