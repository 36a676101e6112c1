"""JSON lines of our own Dispatch: what `wirefeed parse` prints, read back unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import ValidationError

from pipeline.messages import Dispatch
from pipeline.stages.parse.draft import Broken
from pipeline.stages.parse.encoding import decode
from pipeline.stages.parse.formats.format import Content

_OURS = frozenset(("id", "provider", "item_id", "received_at", "format", "source", "raw_sha256"))


def claims(content: Content) -> bool:
    """Whether the first line is an object with the keys that a Dispatch must have."""
    if not content.looks_json or b'"raw_sha256"' not in content.data:
        return False
    line = next((line for line in content.data.split(b"\n", 100) if line.strip()), b"")
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and first.keys() >= _OURS


def parse(content: Content) -> Iterator[Dispatch | Broken]:
    """Yield every line's dispatch as it is; a line that is none is broken alone."""
    for number, line in enumerate(decode(content.data).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield Dispatch.model_validate_json(line)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"]))
            yield Broken(line.encode("utf-8", "surrogatepass"), f"line {number}: no Dispatch: {where}: {problem['msg']}")
