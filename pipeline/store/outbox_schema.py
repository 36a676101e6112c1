"""The notifier's tables: what is to be sent, who was told what, silences, endpoints, and the audit."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
)

from pipeline.store.columns import PlainText, UtcTime
from pipeline.store.schema import metadata

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")
_ID = String(36)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True, comment="order of planning"),
    Column("key", String(64), nullable=False, unique=True, comment="idempotency key; the webhook-id of every attempt"),
    Column("subscriber", PlainText, nullable=False),
    Column("channel", PlainText, nullable=False),
    Column("endpoint", String(64), nullable=False, comment="what the channel sends to; endpoints are healthy or not"),
    Column("story_id", _ID),
    Column("dispatch_id", _ID),
    Column("provider", PlainText),
    Column("item_id", PlainText),
    Column("reason", String(16), nullable=False),
    Column("cause", PlainText, nullable=False),
    Column("severity", SmallInteger),
    Column("priority", SmallInteger, nullable=False, comment="0 = retractions, sent first; 1 = the rest"),
    Column("state", String(16), nullable=False),
    Column("held_for", String(16), comment="embargo, inactive, quiet, silence, digest or rate"),
    Column("detail", PlainText, comment="why it is in this state"),
    Column("due_at", UtcTime, comment="when it may go out or is looked at again; null = not by time"),
    Column("published_at", UtcTime, comment="age counts from here"),
    Column("embargoed_until", UtcTime),
    Column("attempt", Integer, nullable=False, comment="attempts begun; above 0 the receiver may have it"),
    Column("cancelled", Boolean, nullable=False, comment="withdrawn while an attempt was under way: never tried again"),
    Column("lease_owner", _ID),
    Column("leased_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("content", PlainText, nullable=False, comment="what is said, as JSON"),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index("ix_outbox_story_id", "story_id", "subscriber", "channel"),
    Index("ix_outbox_subscriber_state", "subscriber", "state"),
)

told = Table(
    "told",
    metadata,
    Column("subscriber", PlainText, nullable=False),
    Column("story_id", _ID, nullable=False),
    Column("severity", SmallInteger, nullable=False, comment="highest that was told and still stands; 0 = nothing stands"),
    Column("providers", Integer, nullable=False, comment="agencies at the last message"),
    Column("document", PlainText, nullable=False, comment="items, rules and history as JSON"),
    Column("acknowledged_at", UtcTime),
    Column("acknowledged_by", PlainText),
    Column("remind_at", UtcTime, comment="when the next reminder is due if nobody acknowledges"),
    Column("reminders", Integer, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("subscriber", "story_id"),
    Index("ix_told_story_id", "story_id"),
    Index("ix_told_remind_at", "remind_at"),
)

noticed = Table(
    "noticed",
    metadata,
    Column("receipt", _ID, primary_key=True),
    Column("dispatch_id", _ID, nullable=False),
    Column("provider", PlainText, nullable=False),
    Column("item_id", PlainText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_noticed_dispatch_id", "dispatch_id"),
    Index("ix_noticed_at", "at"),
)

silences = Table(
    "silences",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("subscriber", PlainText, comment="null = every subscriber"),
    Column("story_id", _ID),
    Column("rule", PlainText),
    Column("provider", PlainText),
    Column("country", String(2)),
    Column("author", PlainText, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_silences_ends_at", "ends_at"),
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("endpoint", String(64), primary_key=True),
    Column("failures", Integer, nullable=False, comment="in a row"),
    Column("closed_until", UtcTime, comment="the circuit breaker lets nothing through before; then one attempt"),
    Column("disabled", Boolean, nullable=False, comment="answered 410 Gone, or disabled by an operator"),
    Column("detail", PlainText),
    Column("updated_at", UtcTime, nullable=False),
)

rations = Table(
    "rations",
    metadata,
    Column("subscriber", PlainText, primary_key=True),
    Column("tokens", Float, nullable=False, comment="messages that may go out at once"),
    Column("overflow_since", UtcTime, comment="since when messages wait for a summary"),
    Column("at", UtcTime, nullable=False),
)

canaries = Table(
    "canaries",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("seen_at", UtcTime, nullable=False),
    Column("alarmed_at", UtcTime, comment="when its absence was reported; null once it is back"),
)

audit = Table(
    "notification_audit",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", PlainText, nullable=False, comment="notifier, or the person who gave the command"),
    Column("key", String(64), comment="of the outbox"),
    Column("subscriber", PlainText, nullable=False),
    Column("channel", PlainText, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("detail", PlainText),
    Column("story_id", _ID),
    Column("dispatch_id", _ID),
    Column("severity", SmallInteger),
    Column("attempt", Integer, nullable=False),
    Index("ix_notification_audit_key", "key"),
    Index("ix_notification_audit_subscriber_seq", "subscriber", "seq"),
    Index("ix_notification_audit_story_id", "story_id"),
)
