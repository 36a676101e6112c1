"""Dispatch JSON lines as input of `wirefeed enrich`: provider, text and received_at are enough."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from pipeline.messages import Dispatch, Event, ParsedDispatch, deterministic_id, dispatch_id, receipt_id
from pipeline.sources.source import SourceError


class GivenIds:
    """Ids that people gave to their dispatches: UUIDs inside, the given words again on the way out."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def uuid_of(self, given: str) -> UUID:
        """The UUID itself where one is given, else one derived from the words."""
        try:
            identifier = UUID(given)
        except ValueError:
            identifier = deterministic_id("given", given)
        self._given[str(identifier)] = given
        return identifier

    def restore(self, event: Event) -> dict[str, Any]:
        """The event as JSON with the ids as they were given."""
        document: dict[str, Any] = json.loads(event.to_json())
        for section, key in (("dispatch", "id"), ("story", "of")):
            known = self._given.get(str(document.get(section, {}).get(key)))
            if known is not None:
                document[section][key] = known
        return document


def read_dispatch_lines(files: Sequence[str], failures: list[str], names: GivenIds) -> Iterator[ParsedDispatch]:
    """Yield each line's dispatch, its missing fields filled in, its text untouched.

    A line that is no dispatch adds to ``failures``. Raises SourceError for a file that cannot be read.
    """
    for file in files:
        for number, line in enumerate(_lines(file), start=1):
            if not line.strip():
                continue
            try:
                yield parse_line(json.loads(line), file, number, names)
            except ValidationError as error:
                problem = error.errors()[0]
                failures.append(f"{file}:{number}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}")
            except (ValueError, RecursionError, TypeError, AttributeError) as error:
                failures.append(f"{file}:{number}: no JSON object: {error}")


def _lines(file: str) -> Iterator[str]:
    if file == "-":
        for line in sys.stdin.buffer:
            yield line.decode("utf-8", "replace")
        return
    try:
        with Path(file).open(encoding="utf-8", errors="replace", newline="\n") as stream:
            yield from stream
    except OSError as error:
        raise SourceError(f"{file}: {error.strerror}; check the path and its permissions") from error


def parse_line(fields: dict[str, Any], file: str, number: int, names: GivenIds) -> ParsedDispatch:
    """Make a dispatch of a line's fields; raises ValidationError where what is given is none."""
    given = {key: value for key, value in fields.items() if value is not None}
    text = given["text"] = _whole(str(given.get("text", "")))
    if "headline" in given:
        given["headline"] = _whole(str(given["headline"]))
    sha256 = given.setdefault("raw_sha256", hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
    identifier = given.get("id")
    item_id = given.setdefault("item_id", str(identifier) if identifier is not None else f"sha256:{sha256[:32]}:{number}")
    provider = given.setdefault("provider", "unknown")
    given.setdefault("format", "wirefeed_jsonl")
    given.setdefault("source", {"feed": f"file:{file}", "name": file, "position": str(number)})
    given["id"] = (
        dispatch_id(provider, item_id, str(given.get("revision", "")), sha256)
        if identifier is None
        else names.uuid_of(str(identifier))
    )
    return ParsedDispatch(receipt=receipt_id(f"file:{file}", str(number), 0), dispatch=Dispatch.model_validate(given))


def _whole(text: str) -> str:
    """The text with each lone surrogate, which no encoding can carry, replaced by U+FFFD; offsets stay."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
