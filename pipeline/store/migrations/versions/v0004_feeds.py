"""Tables that say whether the feeds are complete."""

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import PlainText, UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "feeds",
        sa.Column("provider", PlainText(), nullable=False),
        sa.Column("service", PlainText(), nullable=False, comment="empty where the agency names none"),
        sa.Column(
            "rule", sa.String(length=32), nullable=False, comment="how it numbers, as in the agency's profile; empty = not at all"
        ),
        sa.Column("zone", sa.String(length=64), nullable=False, comment="IANA time zone whose midnight and hours count"),
        sa.Column("last_received_at", UtcTime(), nullable=False),
        sa.Column("last_sequence", PlainText(), nullable=True, comment="highest number so far, of the feed's present round"),
        sa.Column(
            "numbered", sa.Boolean(), nullable=False, comment="whether its numbers are consecutive, so that a hole is a loss"
        ),
        sa.Column(
            "silent_since", UtcTime(), nullable=True, comment="last item before a silence that was reported; null while it flows"
        ),
        sa.Column("reviewed_at", UtcTime(), nullable=False, comment="when it was last looked at for holes and silence"),
        sa.Column("state", PlainText(), nullable=False, comment="what numbering and baseline need to go on, as JSON"),
        sa.PrimaryKeyConstraint("provider", "service", name="pk_feeds"),
    )
    op.create_table(
        "gaps",
        sa.Column("provider", PlainText(), nullable=False),
        sa.Column("service", PlainText(), nullable=False),
        sa.Column(
            "first", sa.BigInteger(), nullable=False, comment="place of the first missing number, rounds of the feed unrolled"
        ),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("numbers", PlainText(), nullable=False, comment="the hole as the agency numbers it"),
        sa.Column("missing", PlainText(), nullable=False, comment="first and last place of what is still missing, as JSON"),
        sa.Column("noticed_at", UtcTime(), nullable=False),
        sa.Column("reported_at", UtcTime(), nullable=True, comment="when operators were told; null while there is grace"),
        sa.Column("closed_at", UtcTime(), nullable=True, comment="when the last missing item came"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="open, closed, or lost when it is given up"),
        sa.PrimaryKeyConstraint("provider", "service", "first", "noticed_at", name="pk_gaps"),
    )
    op.create_index("ix_gaps_state_noticed_at", "gaps", ["state", "noticed_at"], unique=False)
