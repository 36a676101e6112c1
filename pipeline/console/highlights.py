"""Where rules matched in the headlines that are shown."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from pipeline.store import schema

Spans = list[tuple[int, int]]


def read_matches(connection: Connection, dispatch_ids: Iterable[str]) -> dict[str, Spans]:
    """Read where rules matched in the headlines of some dispatches, in code points, by dispatch."""
    table = schema.alerts
    spans: dict[str, Spans] = defaultdict(list)
    query = select(table.c.dispatch_id, table.c.matches).where(table.c.dispatch_id.in_(list(dispatch_ids)))
    for dispatch_id, matches in connection.execute(query):
        spans[dispatch_id] += in_headline(json.loads(matches))
    return spans


def in_headline(matches: Iterable[dict[str, object]]) -> Spans:
    """Take the places in the headline out of a rule's matches."""
    return [(int(str(match["start"])), int(str(match["end"]))) for match in matches if match["field"] == "headline"]
