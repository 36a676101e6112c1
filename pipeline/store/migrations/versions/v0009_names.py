"""Names are indexed by the pass of the search index, not while events are stored; indexes that nothing reads go."""

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import PlainText

revision = "0009"
down_revision = "0008"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNUSED = {"copies": ("ix_copies_dispatch_id",), "alerts": ("ix_alerts_story_id", "ix_alerts_rule_received_at")}


def upgrade() -> None:
    """Make the table of names, and key entities by their dispatch's number: ids are random, so each went to another page."""
    op.create_table(
        "search_names",
        sa.Column("key", PlainText(), nullable=False, comment="an entity's name without case, or its country's code in capitals"),
        sa.Column("dispatch_seq", _SEQUENCE, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "dispatch_seq", name="pk_search_names"),
        sqlite_with_rowid=False,
    )
    for key in ("folded", "country"):
        op.execute(
            f"INSERT INTO search_names (key, dispatch_seq) SELECT DISTINCT entities.{key}, dispatches.seq FROM entities "  # noqa: S608
            f"JOIN dispatches ON dispatches.id = entities.dispatch_id WHERE entities.{key} IS NOT NULL"
        )
    for index in ("ix_entities_folded", "ix_entities_country"):
        op.drop_index(index, "entities")
    op.rename_table("entities", "entities_by_id")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE entities_by_id RENAME CONSTRAINT pk_entities TO pk_entities_by_id")
    op.create_table(
        "entities",
        sa.Column("dispatch_seq", _SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("geonames", sa.BigInteger(), nullable=True),
        sa.Column("iso3166", sa.String(length=6), nullable=True),
        sa.Column("wikidata", sa.String(length=16), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("salience", sa.Float(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("dispatch_seq", "ordinal", name="pk_entities"),
        sqlite_with_rowid=False,
    )
    columns = "ordinal, type, {0}name, geonames, iso3166, wikidata, country, salience, confidence, mentions"
    op.execute(
        f"INSERT INTO entities (dispatch_seq, {columns.format('')}) SELECT dispatches.seq, {columns.format('entities_by_id.')} "  # noqa: S608
        "FROM entities_by_id JOIN dispatches ON dispatches.id = entities_by_id.dispatch_id ORDER BY dispatches.seq, ordinal"
    )
    op.drop_table("entities_by_id")
    for table, indexes in _UNUSED.items():
        for index in indexes:
            op.drop_index(index, table)
    op.drop_index("ix_dispatches_embargoed_until", "dispatches")
    embargoed = sa.text("embargoed_until IS NOT NULL")
    op.create_index(
        "ix_dispatches_embargoed_until", "dispatches", ["embargoed_until"], sqlite_where=embargoed, postgresql_where=embargoed
    )
