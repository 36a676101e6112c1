"""What notices of withdrawal concern, and an index that the console's charts read instead of the dispatches themselves."""

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import PlainText

revision = "0005"
down_revision = "0004"

_BY_HOUR = ["received_at", "language", "severity", "provider", "embargoed_until", "status", "signal"]


def upgrade() -> None:
    """Create them; the index takes the place of the one that holds the time alone."""
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.String(length=36), nullable=False, comment="dispatch that withdraws"),
        sa.Column("subject", PlainText(), nullable=False, comment="item id; of what is doubted, the dispatch's id"),
        sa.Column("provider", PlainText(), nullable=False),
        sa.Column("story_id", sa.String(length=36), nullable=False, comment="of the notice"),
        sa.Column("standing", sa.String(length=16), nullable=False, comment="held, withdrawn or doubted"),
        sa.PrimaryKeyConstraint("notice_id", "subject", name="pk_notices"),
    )
    op.create_index("ix_notices_subject_provider", "notices", ["subject", "provider"], unique=False)
    op.create_index("ix_dispatches_by_hour", "dispatches", _BY_HOUR, unique=False)
    op.drop_index("ix_dispatches_received_at", "dispatches")
