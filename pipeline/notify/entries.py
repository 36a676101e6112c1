"""Rows of the outbox for one message: one for each channel of its subscriber."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pipeline.notify.outbox import Entry, State, idempotency_key
from pipeline.notify.subscribers import AnyChannel, Subscriber


def entries_for(subscriber: Subscriber, story_id: str | None, reason: str, cause: str, now: datetime) -> list[Entry]:
    """Make the rows of one message, due now."""
    return [
        Entry(
            key=idempotency_key(story_id, subscriber.name, subscriber.channel_name(number), reason, cause),
            subscriber=subscriber.name,
            channel=subscriber.channel_name(number),
            endpoint=endpoint_of(channel),
            reason=reason,
            cause=cause,
            state=State.QUEUED,
            created_at=now,
            due_at=now,
            story_id=story_id,
        )
        for number, channel in enumerate(subscriber.channels)
    ]


def endpoint_of(channel: AnyChannel) -> str:
    """Name what a channel sends to: channels with the same target share its health."""
    return hashlib.sha256(f"{channel.type} {channel.target}".encode()).hexdigest()
