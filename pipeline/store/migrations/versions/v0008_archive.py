"""Tables that lead to the archive."""

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import PlainText, UtcTime

revision = "0008"
down_revision = "0007"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "raw_items",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("feed", PlainText(), nullable=False),
        sa.Column("position", PlainText(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("declared_format", PlainText(), nullable=True),
        sa.Column("declared_provider", PlainText(), nullable=True),
        sa.Column("declared_language", PlainText(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="bytes as received, until they are in the archive"),
        sa.PrimaryKeyConstraint("seq", name="pk_raw_items"),
        sa.UniqueConstraint("feed", "position", name="uq_raw_items_feed_position"),
    )
    op.create_table(
        "archived",
        sa.Column("kind", sa.String(length=16), nullable=False, comment="raw or events"),
        sa.Column("done", sa.BigInteger(), nullable=False, comment="rows up to this seq are in the archive"),
        sa.Column("planned", sa.BigInteger(), nullable=False, comment="last seq of the pass under way, finished as it was begun"),
        sa.PrimaryKeyConstraint("kind", name="pk_archived"),
    )
