"""`wirefeed schemas`: the JSON Schemas of the messages, generated from the code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def schemas(
    write: Annotated[Path | None, typer.Option("--write", metavar="FOLDER", help="Write a file a message.")] = None,
    check: Annotated[Path | None, typer.Option("--check", metavar="FOLDER", help="Exit with 1 when a file is stale.")] = None,
) -> None:
    """Print the JSON Schemas of all messages, one a line; or write them, or check them.

    Example: wirefeed schemas | jq -r .title
    """
    from pipeline.operate.contracts import contract_files

    if write is None and check is None:
        from pipeline.operate.contracts import message_schemas

        for schema in message_schemas().values():
            print(json.dumps(schema, ensure_ascii=False))
        return
    stale = []
    for name, text in contract_files().items():
        if write is not None:
            (write / name).parent.mkdir(parents=True, exist_ok=True)
            (write / name).write_text(text, encoding="utf-8")
        if check is not None and (not (check / name).is_file() or (check / name).read_text(encoding="utf-8") != text):
            stale.append(name)
    if stale:
        print(f"wirefeed: stale in {check}: {', '.join(stale)}; run `make schemas`", file=sys.stderr)
        raise typer.Exit(1)
