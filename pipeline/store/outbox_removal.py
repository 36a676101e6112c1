"""Taking an item's words out of the notifier's tables, while it stays known who was told of it.

Rows stay without what they say: a kill of the item still reaches everyone who was alerted, and nobody is alerted anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from pipeline.store.database import chunked
from pipeline.store.outbox_schema import outbox, told

#: Content of a row of which nothing is kept.
NOTHING = "{}"
_WAITING = ("queued", "held")


def blank_notifications(connection: Connection, provider: str, item_id: str) -> int:
    """Remove what messages say of an item, and end those that have not been sent; return how many spoke of it."""
    mine = (outbox.c.provider == provider) & (outbox.c.item_id == item_id)
    rows = connection.execute(
        select(outbox.c.seq, outbox.c.key, outbox.c.story_id, outbox.c.detail).where(mine, outbox.c.content != NOTHING)
    ).all()
    purged = {"state": "suppressed", "held_for": None, "due_at": None, "detail": "the item was purged"}
    connection.execute(update(outbox).where(mine, outbox.c.state.in_(_WAITING)).values(**purged))
    connection.execute(update(outbox).where(mine, outbox.c.state == "sending").values(cancelled=True))
    connection.execute(update(outbox).where(mine).values(content=NOTHING))
    stories = {row.story_id for row in rows if row.story_id}
    keys = {row.key for row in rows}
    summaries = {row.detail.removeprefix("told in summary ") for row in rows if (row.detail or "").startswith("told in summary ")}
    _rewrite(connection, outbox.c.key, summaries, lambda said: _forget_lines(said, keys))
    _rewrite(connection, outbox.c.story_id, stories, lambda said: _forget_history(said, provider, item_id))
    _forget_told(connection, stories, provider, item_id)
    return len(rows)


def _rewrite(connection: Connection, column: Any, values: set[str], change: Callable[[dict[str, Any]], bool]) -> None:
    """Change what rows say in place; ``change`` says whether it has."""
    for chunk in chunked(sorted(values)):
        chosen = column.in_(chunk)
        for row in connection.execute(select(outbox.c.seq, outbox.c.content).where(chosen, outbox.c.content != NOTHING)).all():
            said = json.loads(row.content)
            if change(said):
                connection.execute(
                    update(outbox).where(outbox.c.seq == row.seq).values(content=json.dumps(said, ensure_ascii=False))
                )


def _forget_lines(said: dict[str, Any], keys: set[str]) -> bool:
    changed = False
    for line in (said.get("summary") or {}).get("messages", []):
        if line["id"] in keys:
            line["headline"], changed = None, True
    return changed


def _forget_history(said: dict[str, Any], provider: str, item_id: str) -> bool:
    changed = _forget_headlines((said.get("story") or {}).get("history", []), provider, item_id)
    retraction = said.get("retraction")
    if retraction and retraction.get("headline"):  # of what was told last: it does not say of which item
        retraction["headline"], changed = None, True
    return changed


def _forget_headlines(history: Sequence[dict[str, Any]], provider: str, item_id: str) -> bool:
    changed = False
    for entry in history:
        if entry.get("provider") == provider and entry.get("item_id", item_id) == item_id and entry.get("headline"):
            entry["headline"], changed = None, True
    return changed


def _forget_told(connection: Connection, stories: set[str], provider: str, item_id: str) -> None:
    for story in sorted(stories):
        rows = connection.execute(select(told.c.subscriber, told.c.document).where(told.c.story_id == story)).all()
        for row in rows:
            document = json.loads(row.document)
            if _forget_headlines(document["history"], provider, item_id):
                mine = (told.c.subscriber == row.subscriber) & (told.c.story_id == story)
                connection.execute(update(told).where(mine).values(document=json.dumps(document, ensure_ascii=False)))
