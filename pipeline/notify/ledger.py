"""The messages and the state of some stories within one transaction, written back at its end."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from pipeline.notify.audit import record_entries
from pipeline.notify.outbox import Entry, HeldFor, State, entry_of
from pipeline.notify.ration import Rations
from pipeline.notify.told import Told, read_told, write_told
from pipeline.store import outbox_schema as schema
from pipeline.store.upsert import insert_missing

_CHUNK = 10_000  # one query, so that rows are locked in one order
_COLUMNS = tuple(column for column in schema.outbox.c if column.name != "content")
# Built once: to put a statement together costs more than to run it.
_OF_STORIES = (
    select(*_COLUMNS)
    .where(schema.outbox.c.story_id.in_(bindparam("stories", expanding=True)))
    .order_by(schema.outbox.c.seq)
    .with_for_update()
)


class Ledger:
    """What is known of the stories at hand; rows stay locked until the transaction ends."""

    def __init__(self, connection: Connection, story_ids: Collection[str], now: datetime) -> None:
        self.now = now
        self.new: list[Entry] = []
        self._connection = connection
        self._contents: dict[str, str] = {}
        self._changed: dict[int, Entry] = {}
        self._entries: dict[str | None, list[Entry]] = defaultdict(list)
        self._keys: set[str] = set()
        self.rations = Rations(connection, now)
        self._told = read_told(connection, story_ids)
        ordered = sorted(story_ids)
        for start in range(0, len(ordered), _CHUNK):
            for row in connection.execute(_OF_STORIES, {"stories": ordered[start : start + _CHUNK]}):
                entry = entry_of(row)
                self._entries[entry.story_id].append(entry)
                self._keys.add(entry.key)

    def entries(self, story_id: str, subscriber: str | None = None) -> list[Entry]:
        """Messages about a story, in the order of planning."""
        return [entry for entry in self._entries[story_id] if subscriber in (None, entry.subscriber)]

    def told(self, subscriber: str, story_id: str) -> Told | None:
        """State of a subscriber and a story; None where there was no message."""
        return self._told.get((subscriber, story_id))

    def told_anew(self, subscriber: str, story_id: str) -> Told:
        """State of a subscriber and a story, made where there is none."""
        return self._told.setdefault((subscriber, story_id), Told(subscriber, story_id))

    def add(self, entry: Entry, content: dict[str, Any]) -> bool:
        """Take in a new message; False where it has been planned before."""
        if entry.key in self._keys:
            return False
        self._keys.add(entry.key)
        entry.updated_at = self.now
        self.new.append(entry)
        self._entries[entry.story_id].append(entry)
        self._contents[entry.key] = json.dumps(content, ensure_ascii=False)
        return True

    def change(
        self, entry: Entry, state: State, detail: str | None, *, held_for: HeldFor | None = None, due_at: datetime | None = None
    ) -> None:
        """Move a message to another state."""
        entry.state, entry.detail, entry.held_for, entry.due_at, entry.updated_at = state, detail, held_for, due_at, self.now
        if entry.seq is not None:
            self._changed[entry.seq] = entry

    def cancel(self, entry: Entry) -> None:
        """Note that a message under way must not be tried again."""
        entry.cancelled, entry.updated_at = True, self.now
        if entry.seq is not None:
            self._changed[entry.seq] = entry

    def flush(self) -> None:
        """Write everything, and the audit."""
        table = schema.outbox
        fresh = [{**entry.columns(), "content": self._contents[entry.key]} for entry in self.new]
        insert_missing(self._connection, table, ["key"], fresh)
        if self._changed:
            names = ("state", "detail", "held_for", "due_at", "updated_at", "cancelled", "reason")
            change = update(table).where(table.c.seq == bindparam("row")).values({name: bindparam(f"to_{name}") for name in names})
            rows = [{"row": seq, **{f"to_{name}": getattr(entry, name) for name in names}} for seq, entry in self._changed.items()]
            self._connection.execute(change, rows)
        self.rations.flush()
        write_told(self._connection, self._told.values(), self.now)
        record_entries(self._connection, [*self.new, *self._changed.values()], self.now)
