"""Invented dispatches and events: a test says what matters to it, the rest is made up here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pipeline.messages import (
    Dispatch,
    Entity,
    EntityType,
    Event,
    Kind,
    Match,
    Mention,
    Relation,
    RuleMatch,
    Source,
    Story,
    deterministic_id,
    dispatch_id,
    receipt_id,
)

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHA256 = "0" * 64


def new_dispatch(
    *, provider: str = "afp", item_id: str = "1", revision: str = "1", feed: str = "test", position: object = "0", **fields: Any
) -> Dispatch:
    """Make a dispatch; feed and position name its reception."""
    made_up: dict[str, Any] = {
        "id": dispatch_id(provider, item_id, revision, fields.get("raw_sha256", SHA256)),
        "received_at": START,
        "format": "test",
        "source": Source(feed=feed, name="test", position=str(position)),
        "raw_sha256": SHA256,
    }
    return Dispatch(**{"provider": provider, "item_id": item_id, "revision": revision, **made_up, **fields})


def new_story(
    name: object = "one", relation: Relation | str = Relation.NEW, *, of: Event | UUID | None = None, **fields: Any
) -> Story:
    """Make a verdict: the story of that name, following another event or the dispatch of that id."""
    followed = of.dispatch.id if isinstance(of, Event) else of
    made_up = {"id": deterministic_id("story", name), "of": followed, "reason": "as the test says"}
    return Story(**{"relation": Relation(relation), **made_up, **fields})


def new_match(severity: int = 4, title: str = "Invasion", *, words: tuple[str, int, str] | None = None, **fields: Any) -> RuleMatch:
    """Make what a rule says; ``words`` are field, start and text of what it matched."""
    field, start, text = words or ("text", 0, "")
    made_up = {"rule": title.lower(), "rule_sha256": SHA256, "kind": Kind.ESCALATION}
    matches = [Match(field=field, start=start, end=start + len(text), text=text)] if words else []
    return RuleMatch(**{"severity": severity, "title": title, "matches": matches, **made_up, **fields})


def new_place(name: str, country: str | None = None, **fields: Any) -> Entity:
    """Make a place that the text names at its beginning."""
    mentions = [Mention(field="text", start=0, end=len(name))]
    return Entity(**{"type": EntityType.PLACE, "name": name, "country": country, "mentions": mentions, "confidence": 0.9, **fields})


def new_event(dispatch: Dispatch, story: Story | None = None, **sections: Any) -> Event:
    """Make an event of a dispatch, with its sections."""
    source = dispatch.source
    return Event(**{"receipt": receipt_id(source.feed, source.position, 0), "dispatch": dispatch, "story": story, **sections})


def irregular(length: int) -> str:
    """Text in which nothing repeats, so that no database makes it shorter."""
    return "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(length // 64 + 1))[:length]
