"""A test message to every channel, past the outbox and the policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from pipeline.messages import SCHEMA_VERSION, format_time
from pipeline.notify.channels.post import PostOffice
from pipeline.notify.subscribers import Subscribers
from pipeline.settings import NotifySettings


def try_channels(
    subscribers: Subscribers, names: Sequence[str] | None, settings: NotifySettings, now: datetime
) -> Iterator[dict[str, Any]]:
    """Send, and yield what became of it, channel by channel."""
    post = PostOffice(settings.timeout_seconds, None)
    why = "a test of this channel; no news"
    try:
        for subscriber in subscribers.all:
            if names is not None and subscriber.name not in names:
                continue
            for number, channel in enumerate(subscriber.channels):
                body: dict[str, Any] = {
                    "schema_version": SCHEMA_VERSION,
                    "id": f"test-{uuid4()}",
                    "reason": "operator",
                    "subscriber": subscriber.name,
                    "planned_at": format_time(now),
                    "why": why,
                    "alert": {"severity": 1, "kind": None, "title": "Test", "rules": []},
                    "dispatch": None,
                    "story": None,
                }
                attempt = post.send(channel, body, subscriber.template)
                name = subscriber.channel_name(number)
                yield {"subscriber": subscriber.name, "channel": name, "outcome": attempt.outcome.value, "detail": attempt.detail}
    finally:
        post.close()
