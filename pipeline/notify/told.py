"""What one subscriber has been told about one story."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from pipeline.messages import Kind, format_time
from pipeline.store import outbox_schema as schema
from pipeline.store.upsert import upsert

_HISTORY = 20
_CHUNK = 10_000  # one query, so that rows are locked in one order
_OF_STORIES = (
    select(schema.told)
    .where(schema.told.c.story_id.in_(bindparam("stories", expanding=True)))
    .order_by(schema.told.c.subscriber, schema.told.c.story_id)
    .with_for_update()
)


@dataclass
class Told:
    """State of (subscriber, story); severity 0 = nothing that was told stands."""

    subscriber: str
    story_id: str
    items: dict[str, int] = field(default_factory=dict)
    """Severity of each item that was told or would have been, by `item_key`."""
    rules: list[dict[str, Any]] = field(default_factory=list)
    """Rules of what was told, by `rules_of`."""
    severity: int = 0
    providers: int = 0
    held: list[str] = field(default_factory=list)
    """Items that were taken back: what comes after them is `released`."""
    history: list[dict[str, Any]] = field(default_factory=list)
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    remind_at: datetime | None = None
    reminders: int = 0
    changed: bool = False

    def tell(
        self, *, reason: str, item: str, severity: int, rules: list[dict[str, Any]], providers: int, entry: dict[str, Any]
    ) -> None:
        """Take in a message that goes out or waits to."""
        self.items[item] = max(severity, 1)
        self.rules = list({rule["rule"]: rule for rule in [*self.rules, *rules]}.values())
        self.severity = max(self.severity, severity, 1)
        self.providers = max(self.providers, providers)
        self.held = [key for key in self.held if key != item]
        self.history = [*self.history, {"reason": reason, **entry}][-_HISTORY:]
        self.changed = True

    def reset(self) -> None:
        """Forget what was to be told; nobody has heard of it."""
        self.items, self.rules, self.severity, self.providers, self.history = {}, [], 0, 0, []
        self.remind_at, self.reminders, self.changed = None, 0, True

    def note(self, item: str, severity: int) -> None:
        """Take in a report that adds nothing but stands behind the story."""
        if self.items.get(item) != severity:
            self.items[item] = severity
            self.changed = True

    def forget(self, item: str) -> None:
        """Take an item out; the severity falls to that of what still stands."""
        if self.items.pop(item, None) is not None:
            self.severity = max(self.items.values(), default=0)
            self.changed = True


def item_key(provider: str, item_id: str) -> str:
    """Name an item in `Told.items`."""
    return f"{provider}\n{item_id}"


def rules_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """What is remembered of the rules of a message."""
    rules = (content.get("alert") or {}).get("rules", [])
    return [{name: rule[name] for name in ("rule", "title", "severity", "kind")} for rule in rules]


def heard_of(
    provider: str | None, item_id: str | None, headline: str | None, severity: int | None, now: datetime
) -> dict[str, Any]:
    """Make an entry of a story's history."""
    return {"at": format_time(now), "severity": severity, "headline": headline, "provider": provider, "item_id": item_id}


def read_told(connection: Connection, story_ids: Collection[str]) -> dict[tuple[str, str], Told]:
    """Read the state of stories, by (subscriber, story)."""
    found: dict[tuple[str, str], Told] = {}
    ordered = sorted(story_ids)
    for start in range(0, len(ordered), _CHUNK):
        for row in connection.execute(_OF_STORIES, {"stories": ordered[start : start + _CHUNK]}):
            document = json.loads(row.document)
            document["rules"] = [_rule(rule, row.severity) for rule in document["rules"]]
            found[row.subscriber, row.story_id] = Told(
                subscriber=row.subscriber,
                story_id=row.story_id,
                severity=row.severity,
                providers=row.providers,
                acknowledged_at=row.acknowledged_at,
                acknowledged_by=row.acknowledged_by,
                remind_at=row.remind_at,
                reminders=row.reminders,
                **document,
            )
    return found


def _rule(stored: dict[str, Any] | str, severity: int) -> dict[str, Any]:
    """Read a rule; the first version stored titles alone."""
    if isinstance(stored, dict):
        return stored
    return {"rule": stored, "title": stored, "severity": max(severity, 1), "kind": Kind.ESCALATION.value}


def write_told(connection: Connection, states: Collection[Told], now: datetime) -> None:
    """Store states that changed."""
    rows = [
        {
            "subscriber": state.subscriber,
            "story_id": state.story_id,
            "severity": state.severity,
            "providers": state.providers,
            "document": json.dumps(
                {"items": state.items, "rules": state.rules, "held": state.held, "history": state.history}, ensure_ascii=False
            ),
            "acknowledged_at": state.acknowledged_at,
            "acknowledged_by": state.acknowledged_by,
            "remind_at": state.remind_at,
            "reminders": state.reminders,
            "updated_at": now,
        }
        for state in states
        if state.changed
    ]
    upsert(connection, schema.told, ["subscriber", "story_id"], rows)
