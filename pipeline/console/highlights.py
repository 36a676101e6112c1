"""Which words of a headline to mark: those that a rule matched and those that a search asked for."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from pipeline.store import schema

Spans = list[tuple[int, int]]

_WORD = re.compile(r"\w+")
_TERM = re.compile(r'(NOT\s+)?("[^"]*"|[^\s()"]+)')


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


def asked_for(headline: str, words: str) -> Spans:
    """Find the words of a search in a headline, without regard to case and accents; excluded words do not count.

    >>> asked_for("Séisme au Japon", "japon OR seis* NOT paris")
    [(0, 6), (10, 15)]
    """
    wanted = [
        (_folded(word), term.endswith("*"))
        for excluded, term in _TERM.findall(words)
        if not excluded and term not in {"AND", "OR", "NOT"}
        for word in _WORD.findall(term)
    ]
    return [
        match.span()
        for match in _WORD.finditer(headline)
        if any(folded == word or (prefix and folded.startswith(word)) for folded in [_folded(match[0])] for word, prefix in wanted)
    ]


def _folded(word: str) -> str:
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return bare.casefold()
