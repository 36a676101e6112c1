"""Names are found whatever their case by an index, and words without diacritics on PostgreSQL as on SQLite."""

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import PlainText

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the folded names, and let PostgreSQL index all words again."""
    connection = op.get_bind()
    op.add_column(
        "entities",
        sa.Column("folded", PlainText(), nullable=False, server_default="", comment="the name without case, to be found by"),
    )
    entities = sa.table("entities", sa.column("name"), sa.column("folded"))
    names = connection.execute(sa.select(entities.c.name).distinct()).scalars().all()
    if names:
        change = sa.update(entities).where(entities.c.name == sa.bindparam("known")).values(folded=sa.bindparam("key"))
        connection.execute(change, [{"known": name, "key": name.casefold()} for name in names])
    op.drop_index("ix_entities_name", "entities")
    op.create_index("ix_entities_folded", "entities", ["folded"], unique=False)
    if connection.dialect.name == "postgresql":
        op.execute("TRUNCATE search")
        op.execute("INSERT INTO search_queue (dispatch_seq) SELECT seq FROM dispatches ON CONFLICT DO NOTHING")
