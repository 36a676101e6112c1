"""The notifier's tables."""

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import PlainText, UtcTime

revision = "0002"
down_revision = "0001"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "canaries",
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("alarmed_at", UtcTime(), nullable=True, comment="when its absence was reported; null once it is back"),
        sa.PrimaryKeyConstraint("name", name="pk_canaries"),
    )
    op.create_table(
        "endpoints",
        sa.Column("endpoint", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.Column(
            "closed_until", UtcTime(), nullable=True, comment="the circuit breaker lets nothing through before; then one attempt"
        ),
        sa.Column("disabled", sa.Boolean(), nullable=False, comment="answered 410 Gone, or disabled by an operator"),
        sa.Column("detail", PlainText(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", name="pk_endpoints"),
    )
    op.create_table(
        "noticed",
        sa.Column("receipt", sa.String(length=36), nullable=False),
        sa.Column("dispatch_id", sa.String(length=36), nullable=False),
        sa.Column("provider", PlainText(), nullable=False),
        sa.Column("item_id", PlainText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("receipt", name="pk_noticed"),
    )
    op.create_index("ix_noticed_at", "noticed", ["at"], unique=False)
    op.create_index("ix_noticed_dispatch_id", "noticed", ["dispatch_id"], unique=False)
    op.create_table(
        "notification_audit",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", PlainText(), nullable=False, comment="notifier, or the person who gave the command"),
        sa.Column("key", sa.String(length=64), nullable=True, comment="of the outbox"),
        sa.Column("subscriber", PlainText(), nullable=False),
        sa.Column("channel", PlainText(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", PlainText(), nullable=True),
        sa.Column("story_id", sa.String(length=36), nullable=True),
        sa.Column("dispatch_id", sa.String(length=36), nullable=True),
        sa.Column("severity", sa.SmallInteger(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_notification_audit"),
    )
    op.create_index("ix_notification_audit_key", "notification_audit", ["key"], unique=False)
    op.create_index("ix_notification_audit_story_id", "notification_audit", ["story_id"], unique=False)
    op.create_index("ix_notification_audit_subscriber_seq", "notification_audit", ["subscriber", "seq"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False, comment="order of planning"),
        sa.Column("key", sa.String(length=64), nullable=False, comment="idempotency key; the webhook-id of every attempt"),
        sa.Column("subscriber", PlainText(), nullable=False),
        sa.Column("channel", PlainText(), nullable=False),
        sa.Column(
            "endpoint", sa.String(length=64), nullable=False, comment="what the channel sends to; endpoints are healthy or not"
        ),
        sa.Column("story_id", sa.String(length=36), nullable=True),
        sa.Column("dispatch_id", sa.String(length=36), nullable=True),
        sa.Column("provider", PlainText(), nullable=True),
        sa.Column("item_id", PlainText(), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("cause", PlainText(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False, comment="0 = retractions, sent first; 1 = the rest"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("held_for", sa.String(length=16), nullable=True, comment="embargo, inactive, quiet, silence, digest or rate"),
        sa.Column("detail", PlainText(), nullable=True, comment="why it is in this state"),
        sa.Column("due_at", UtcTime(), nullable=True, comment="when it may go out or is looked at again; null = not by time"),
        sa.Column("published_at", UtcTime(), nullable=True, comment="age counts from here"),
        sa.Column("embargoed_until", UtcTime(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False, comment="attempts begun; above 0 the receiver may have it"),
        sa.Column("cancelled", sa.Boolean(), nullable=False, comment="withdrawn while an attempt was under way: never tried again"),
        sa.Column("lease_owner", sa.String(length=36), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("content", PlainText(), nullable=False, comment="what is said, as JSON"),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"], unique=False)
    op.create_index("ix_outbox_story_id", "outbox", ["story_id", "subscriber", "channel"], unique=False)
    op.create_index("ix_outbox_subscriber_state", "outbox", ["subscriber", "state"], unique=False)
    op.create_table(
        "rations",
        sa.Column("subscriber", PlainText(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False, comment="messages that may go out at once"),
        sa.Column("overflow_since", UtcTime(), nullable=True, comment="since when messages wait for a summary"),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber", name="pk_rations"),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("subscriber", PlainText(), nullable=True, comment="null = every subscriber"),
        sa.Column("story_id", sa.String(length=36), nullable=True),
        sa.Column("rule", PlainText(), nullable=True),
        sa.Column("provider", PlainText(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("author", PlainText(), nullable=False),
        sa.Column("reason", PlainText(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_ends_at", "silences", ["ends_at"], unique=False)
    op.create_table(
        "told",
        sa.Column("subscriber", PlainText(), nullable=False),
        sa.Column("story_id", sa.String(length=36), nullable=False),
        sa.Column(
            "severity", sa.SmallInteger(), nullable=False, comment="highest that was told and still stands; 0 = nothing stands"
        ),
        sa.Column("providers", sa.Integer(), nullable=False, comment="agencies at the last message"),
        sa.Column("document", PlainText(), nullable=False, comment="items, rules and history as JSON"),
        sa.Column("acknowledged_at", UtcTime(), nullable=True),
        sa.Column("acknowledged_by", PlainText(), nullable=True),
        sa.Column("remind_at", UtcTime(), nullable=True, comment="when the next reminder is due if nobody acknowledges"),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber", "story_id", name="pk_told"),
    )
    op.create_index("ix_told_remind_at", "told", ["remind_at"], unique=False)
    op.create_index("ix_told_story_id", "told", ["story_id"], unique=False)
    # ### end Alembic commands ###
