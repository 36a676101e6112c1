"""The console's tables, and what its feeds page and streams look things up by."""

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import PlainText, UtcTime

revision = "0003"
down_revision = "0002"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", PlainText(), nullable=False, comment="person or program; the actor in the audit"),
        sa.Column("role", sa.String(length=16), nullable=False, comment="reader, operator or admin"),
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="of the token; the token itself is kept nowhere"),
        sa.Column("providers", PlainText(), nullable=True, comment="agencies that may be seen, separated by a space; null = all"),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("sha256", name="uq_tokens_sha256"),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("story_id", sa.String(length=36), nullable=False),
        sa.Column("author", PlainText(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False, comment="of the story then; a higher one is unacknowledged again"),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", name="pk_acknowledgements"),
    )
    op.create_table(
        "console_audit",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", PlainText(), nullable=False),
        sa.Column("address", PlainText(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("subject", PlainText(), nullable=False, comment="id of what was acted on"),
        sa.Column("detail", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_console_audit"),
    )
    op.create_index("ix_console_audit_at", "console_audit", ["at"], unique=False)
    op.create_index("ix_dispatches_embargoed_until", "dispatches", ["embargoed_until"], unique=False)
    op.create_index("ix_dispatches_feed", "dispatches", ["feed", "received_at"], unique=False)
