"""The first tables."""

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import PlainText, UtcTime

revision = "0001"
down_revision = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("dispatch_id", sa.String(length=36), nullable=False),
        sa.Column("story_id", sa.String(length=36), nullable=False),
        sa.Column("rule", PlainText(), nullable=False),
        sa.Column("rule_sha256", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", PlainText(), nullable=False),
        sa.Column("unconfirmed", sa.Boolean(), nullable=False),
        sa.Column("matches", PlainText(), nullable=False, comment="field, start, end and text of each match, as JSON"),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_dispatch_id", "alerts", ["dispatch_id"], unique=False)
    op.create_index("ix_alerts_received_at", "alerts", ["received_at"], unique=False)
    op.create_index("ix_alerts_rule_received_at", "alerts", ["rule", "received_at"], unique=False)
    op.create_index("ix_alerts_story_id", "alerts", ["story_id"], unique=False)
    op.create_table(
        "copies",
        sa.Column("receipt", sa.String(length=36), nullable=False),
        sa.Column("dispatch_id", sa.String(length=36), nullable=False),
        sa.Column("of_id", sa.String(length=36), nullable=True),
        sa.Column("story_id", sa.String(length=36), nullable=False),
        sa.Column("provider", PlainText(), nullable=False),
        sa.Column("item_id", PlainText(), nullable=False),
        sa.Column("revision", PlainText(), nullable=False),
        sa.Column("feed", PlainText(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("position", PlainText(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=True),
        sa.Column("reason", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("receipt", name="pk_copies"),
    )
    op.create_index("ix_copies_dispatch_id", "copies", ["dispatch_id"], unique=False)
    op.create_index("ix_copies_story_id", "copies", ["story_id"], unique=False)
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("reason", PlainText(), nullable=False),
        sa.Column("error", PlainText(), nullable=False),
        sa.Column("feed", PlainText(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("position", PlainText(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("headers", PlainText(), nullable=False, comment="as JSON"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="open or replayed"),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letters"),
    )
    op.create_index("ix_dead_letters_received_at", "dead_letters", ["received_at"], unique=False)
    op.create_table(
        "dispatches",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False, comment="order of storing; pages are cut by it"),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("receipt", sa.String(length=36), nullable=False),
        sa.Column("story_id", sa.String(length=36), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("of_id", sa.String(length=36), nullable=True),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("provider", PlainText(), nullable=False),
        sa.Column("item_id", PlainText(), nullable=False),
        sa.Column("revision", PlainText(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("signal", sa.String(length=16), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=True),
        sa.Column("headline", PlainText(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("severity", sa.SmallInteger(), nullable=True, comment="highest of its alerts"),
        sa.Column("published_at", UtcTime(), nullable=True),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("embargoed_until", UtcTime(), nullable=True),
        sa.Column("processed_at", UtcTime(), nullable=True),
        sa.Column("service", PlainText(), nullable=True),
        sa.Column("sequence", PlainText(), nullable=True),
        sa.Column("rights", PlainText(), nullable=True),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("feed", PlainText(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("position", PlainText(), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("document", PlainText(), nullable=False, comment="the event as JSON"),
        sa.PrimaryKeyConstraint("seq", name="pk_dispatches"),
        sa.UniqueConstraint("id", name="uq_dispatches_id"),
    )
    op.create_index("ix_dispatches_provider_item_id", "dispatches", ["provider", "item_id"], unique=False)
    op.create_index("ix_dispatches_received_at", "dispatches", ["received_at"], unique=False)
    op.create_index("ix_dispatches_story_id_received_at", "dispatches", ["story_id", "received_at"], unique=False)
    op.create_table(
        "entities",
        sa.Column("dispatch_id", sa.String(length=36), nullable=False),
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
        sa.PrimaryKeyConstraint("dispatch_id", "ordinal", name="pk_entities"),
    )
    op.create_index("ix_entities_country", "entities", ["country"], unique=False)
    op.create_index("ix_entities_name", "entities", ["name"], unique=False)
    op.create_table(
        "items",
        sa.Column("provider", PlainText(), nullable=False),
        sa.Column("item_id", PlainText(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("document", PlainText(), nullable=False, comment="the item's newest known state as JSON"),
        sa.PrimaryKeyConstraint("provider", "item_id", name="pk_items"),
    )
    op.create_table(
        "offsets",
        sa.Column("reader", sa.String(length=32), nullable=False, comment="sink or notifier"),
        sa.Column("cluster", PlainText(), nullable=False),
        sa.Column("topic", PlainText(), nullable=False),
        sa.Column("topic_id", PlainText(), nullable=False, comment="a topic made anew has another id, so its offsets start anew"),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "cluster", "topic_id", "partition", name="pk_offsets"),
    )
    op.create_table(
        "positions",
        sa.Column("feed", PlainText(), nullable=False),
        sa.Column("unit", PlainText(), nullable=False),
        sa.Column("position", PlainText(), nullable=False),
        sa.Column("state", PlainText(), nullable=False, comment="as JSON"),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "unit", name="pk_positions"),
    )
    op.create_table(
        "search_queue",
        sa.Column("dispatch_seq", _SEQUENCE, autoincrement=False, nullable=False, comment="waits to be indexed for search"),
        sa.PrimaryKeyConstraint("dispatch_seq", name="pk_search_queue"),
    )
    op.create_table(
        "stories",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("headline", PlainText(), nullable=True, comment="of the newest current dispatch"),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False, comment="open, or withdrawn when every item in it is"),
        sa.Column("severity", sa.SmallInteger(), nullable=True, comment="highest of its current dispatches"),
        sa.Column("dispatches", sa.Integer(), nullable=False, comment="copies not counted"),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("providers", PlainText(), nullable=False, comment="agencies in order of arrival, separated by a space"),
        sa.Column("first_received_at", UtcTime(), nullable=False),
        sa.Column("last_received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
    )
    op.create_index("ix_stories_last_received_at", "stories", ["last_received_at"], unique=False)
    op.create_table(
        "verdicts",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("receipt", sa.String(length=36), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("document", PlainText(), nullable=False, comment="the verdict as JSON"),
        sa.PrimaryKeyConstraint("seq", name="pk_verdicts"),
        sa.UniqueConstraint("receipt", name="uq_verdicts_receipt"),
    )
    op.create_index("ix_verdicts_received_at", "verdicts", ["received_at"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        # Contentless: the words are indexed, the text itself stays in dispatches.document.
        op.execute("CREATE VIRTUAL TABLE search USING fts5(headline, body, content='', tokenize='unicode61 remove_diacritics 2')")
    else:
        op.execute("CREATE TABLE search (dispatch_seq bigint PRIMARY KEY, vector tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_search_vector ON search USING gin (vector)")
