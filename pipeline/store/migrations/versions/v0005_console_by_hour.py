"""An index that the console's charts read instead of the dispatches themselves."""

from alembic import op

revision = "0005"
down_revision = "0004"

_COLUMNS = ["received_at", "language", "severity", "provider", "embargoed_until", "status", "signal"]


def upgrade() -> None:
    """Put it in the place of the one that holds the time alone."""
    op.create_index("ix_dispatches_by_hour", "dispatches", _COLUMNS, unique=False)
    op.drop_index("ix_dispatches_received_at", "dispatches")
