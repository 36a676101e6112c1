"""What a JSON Schema promises to whoever reads what it describes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

#: What says more of a string: a reader may rely on it.
_KINDS_OF_STRING = ("format", "pattern", "contentEncoding")


def broken_promises(old: Schema, new: Schema) -> list[str]:
    """Name what ``old`` promised of a message and ``new`` does not; more properties, and fewer values, break nothing."""
    return list(_Comparison(old, new).broken(old, new, "$"))


class _Comparison:
    """Two documents, into whose definitions their parts point."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new

    def broken(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        old, new = resolved(old, self._old), resolved(new, self._new)
        for choice in new.get("anyOf", [new]):  # each has to be one that was foreseen
            tried = [list(self._one(each, choice, path)) for each in old.get("anyOf", [old])]
            yield from min(tried, key=len)

    def _one(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        old, new = resolved(old, self._old), resolved(new, self._new)
        if "type" in old and new.get("type") != old["type"]:
            yield f"{path}: {new.get('type')} where {old['type']} was promised"
        else:
            yield from self._members(old, new, path)
            yield from _values(old, new, path)

    def _members(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        for name, part in old.get("properties", {}).items():
            if name not in new["properties"]:
                yield f"{path}.{name}: gone"
                continue
            if name in old.get("required", []) and name not in new.get("required", []):
                yield f"{path}.{name}: not always there"
            yield from self.broken(part, new["properties"][name], f"{path}.{name}")
        for keyword in ("items", "additionalProperties"):
            if isinstance(old.get(keyword), dict):
                yield from self.broken(old[keyword], new.get(keyword) or {}, f"{path}[]")


def _values(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if "enum" in old and not set(new.get("enum", [None])) <= set(old["enum"]):
        yield f"{path}: one of {new.get('enum')} where {old['enum']} were promised"
    for keyword in _KINDS_OF_STRING:
        if keyword in old and new.get(keyword) != old[keyword]:
            yield f"{path}: {keyword} {new.get(keyword)} where {old[keyword]} was promised"
    if new.get("minimum", -math.inf) < old.get("minimum", -math.inf) or new.get("maximum", math.inf) > old.get("maximum", math.inf):
        yield f"{path}: a number beyond what was promised"


def resolved(part: Schema, document: Schema) -> Schema:
    """Follow a reference into the document's definitions."""
    reference = part.get("$ref")
    return document["$defs"][reference.removeprefix("#/$defs/")] if reference else part


def properties(document: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield every property of a schema and its definitions, by its place."""
    for name, part in [("", document), *document.get("$defs", {}).items()]:
        for key, each in part.get("properties", {}).items():
            yield f"{name}.{key}", each
