"""Invented dispatches in the product's own JSON lines format, and what a store holds of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import psycopg

from pipeline.messages import dispatch_id

_PLACES = ("Harrowgate", "Port Selden", "Vinnmark", "Osterby", "Calder Bay", "Tolmen", "Ravensund", "Mirefield")


def dispatch(number: int, **fields: Any) -> dict[str, Any]:
    """One invented dispatch; numbers make different stories."""
    place = _PLACES[number % len(_PLACES)]
    words = " ".join(f"clerk{number}x{each} of {place} counted {number * 37 + each} crates" for each in range(12))
    sample = {
        "provider": "testwire",
        "item_id": f"item-{number}",
        "revision": "1",
        "headline": f"Warehouse {number} in {place} reopens",
        "text": f"{place} - Missiles struck warehouse {number} on Monday, officials said.\n\n{words}.",
        "published_at": "2026-03-01T12:00:00Z",
        "received_at": f"2026-03-01T12:{number // 60 % 60:02}:{number % 60:02}Z",
        "language": "en",
        "format": "wirefeed_jsonl",
        "source": {"feed": "test", "name": f"item-{number}", "position": str(number)},
        **fields,
    }
    digest = hashlib.sha256(json.dumps(sample).encode()).hexdigest()
    identifier = dispatch_id(sample["provider"], sample["item_id"], sample["revision"], digest)
    return {"id": str(identifier), "raw_sha256": digest, **sample}


def write_files(folder: Path, count: int, per_file: int = 5, start: int = 0) -> Path:
    """Lay out dispatches in files of a few each."""
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(start, start + count, per_file):
        lines = [json.dumps(dispatch(number)) for number in range(first, min(first + per_file, start + count))]
        (folder / f"wire-{first:06}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def rows(store: str, query: str) -> list[tuple[Any, ...]]:
    """Ask the store."""
    with psycopg.connect(store.replace("+psycopg", "")) as connection:
        return connection.execute(query).fetchall()


def count(store: str, table: str) -> int:
    """Rows of a table; 0 where it does not exist yet."""
    try:
        return int(rows(store, f"select count(*) from {table}")[0][0])  # noqa: S608 # our own names
    except psycopg.errors.UndefinedTable:
        return 0
