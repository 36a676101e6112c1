"""Numbers that SQLite would give out again, once the rows that had them are removed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "last_numbers",
        sa.Column("name", sa.String(length=32), nullable=False, comment="of a table"),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="highest that a removed row had; never given out again"),
        sa.PrimaryKeyConstraint("name", name="pk_last_numbers"),
    )
