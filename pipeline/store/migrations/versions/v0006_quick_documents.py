"""Compress long documents by lz4 on PostgreSQL, where the server can: half the work of storing a dispatch was its own way."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change how new documents are kept; those that are there stay as they are."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    known = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    if connection.execute(text(known)).scalar():
        op.execute("ALTER TABLE dispatches ALTER COLUMN document SET COMPRESSION lz4")
