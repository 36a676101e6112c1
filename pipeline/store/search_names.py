"""Names and countries by which events are found, kept beside the index of words and filled by the same pass.

Names come in no order, so each belongs on another page of the index: storing would wait longer for them than for the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete

from pipeline.store import schema
from pipeline.store.upsert import Row, insert_missing

# PostgreSQL's index takes entries of at most 2,704 bytes, and a code point has up to four.
_LONGEST = 500


def key_of(name: str) -> str:
    """What a name is found by: without case, and no longer than an index can hold.

    >>> key_of("Straße")
    'strasse'
    """
    return name.casefold()[:_LONGEST]


def write_names(connection: Connection, documents: Mapping[int, Mapping[str, Any]]) -> None:
    """Index the entities of events, given as JSON by the numbers of their dispatches; what is there already stays."""
    insert_missing(connection, schema.search_names, ["key", "dispatch_seq"], _rows(documents))


def forget_names(connection: Connection, documents: Mapping[int, Mapping[str, Any]]) -> None:
    """Take the entities of events out of the index."""
    names, rows = schema.search_names, [{"known": row["key"], "seq": row["dispatch_seq"]} for row in _rows(documents)]
    if rows:
        mine = (names.c.key == bindparam("known")) & (names.c.dispatch_seq == bindparam("seq"))
        connection.execute(delete(names).where(mine), rows)


def _rows(documents: Mapping[int, Mapping[str, Any]]) -> list[Row]:
    """In the order of the index, so that rows of one page are written together."""
    keys = {
        (key, seq)
        for seq, document in documents.items()
        for entity in document.get("entities") or ()
        for key in (key_of(entity["name"]), entity.get("country"))
        if key is not None
    }
    return [{"key": key, "dispatch_seq": seq} for key, seq in sorted(keys)]
