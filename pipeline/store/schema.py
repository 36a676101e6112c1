"""The tables, the same on SQLite and PostgreSQL.

Ids are text with hyphens, so that a query reads like the messages. ``document`` holds the whole message as JSON text; the
columns beside it are what people filter and join by.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    text,
)

from pipeline.store.columns import PlainText, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")
_ID = String(36)

dispatches = Table(
    "dispatches",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True, comment="order of storing; pages are cut by it"),
    Column("id", _ID, nullable=False, unique=True),
    Column("receipt", _ID, nullable=False),
    Column("story_id", _ID, nullable=False),
    Column("relation", String(16), nullable=False),
    Column("of_id", _ID),
    Column("current", Boolean, nullable=False),
    Column("provider", PlainText, nullable=False),
    Column("item_id", PlainText, nullable=False),
    Column("revision", PlainText, nullable=False),
    Column("status", String(16), nullable=False),
    Column("signal", String(16), nullable=False),
    Column("urgency", SmallInteger),
    Column("headline", PlainText),
    Column("language", String(35)),
    Column("severity", SmallInteger, comment="highest of its alerts"),
    Column("published_at", UtcTime),
    Column("received_at", UtcTime, nullable=False),
    Column("embargoed_until", UtcTime),
    Column("processed_at", UtcTime),
    Column("service", PlainText),
    Column("sequence", PlainText),
    Column("rights", PlainText),
    Column("format", String(32), nullable=False),
    Column("feed", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("position", PlainText, nullable=False),
    Column("raw_sha256", String(64), nullable=False),
    Column("document", PlainText, nullable=False, comment="the event as JSON"),
    Index(None, "story_id", "received_at"),
    # Charts count by these without reading the rows, whose documents are long.
    Index("ix_dispatches_by_hour", "received_at", "language", "severity", "provider", "embargoed_until", "status", "signal"),
    Index(None, "provider", "item_id"),
    Index(
        None,
        "embargoed_until",
        sqlite_where=text("embargoed_until IS NOT NULL"),
        postgresql_where=text("embargoed_until IS NOT NULL"),
    ),
    Index("ix_dispatches_feed", "feed", "received_at"),
)

copies = Table(
    "copies",
    metadata,
    Column("receipt", _ID, primary_key=True),
    Column("dispatch_id", _ID, nullable=False),
    Column("of_id", _ID),
    Column("story_id", _ID, nullable=False),
    Column("provider", PlainText, nullable=False),
    Column("item_id", PlainText, nullable=False),
    Column("revision", PlainText, nullable=False),
    Column("feed", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("position", PlainText, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("similarity", Float),
    Column("reason", PlainText, nullable=False),
    Index(None, "story_id"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("headline", PlainText, comment="of the newest current dispatch"),
    Column("language", String(35)),
    Column("status", String(16), nullable=False, comment="open, or withdrawn when every item in it is"),
    Column("severity", SmallInteger, comment="highest of its current dispatches"),
    Column("dispatches", Integer, nullable=False, comment="copies not counted"),
    Column("copies", Integer, nullable=False),
    Column("providers", PlainText, nullable=False, comment="agencies in order of arrival, separated by a space"),
    Column("first_received_at", UtcTime, nullable=False),
    Column("last_received_at", UtcTime, nullable=False),
    Index(None, "last_received_at"),
)

entities = Table(
    "entities",
    metadata,
    # Numbers grow, so that a batch's rows lie together; ids are random.
    Column("dispatch_seq", _SEQUENCE, autoincrement=False, nullable=False),
    Column("ordinal", SmallInteger, nullable=False),
    Column("type", String(16), nullable=False),
    Column("name", PlainText, nullable=False),
    Column("geonames", BigInteger),
    Column("iso3166", String(6)),
    Column("wikidata", String(16)),
    Column("country", String(2)),
    Column("salience", Float, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("mentions", Integer, nullable=False),
    PrimaryKeyConstraint("dispatch_seq", "ordinal"),
    sqlite_with_rowid=False,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("dispatch_id", _ID, nullable=False),
    Column("story_id", _ID, nullable=False),
    Column("rule", PlainText, nullable=False),
    Column("rule_sha256", String(64), nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", PlainText, nullable=False),
    Column("unconfirmed", Boolean, nullable=False),
    Column("matches", PlainText, nullable=False, comment="field, start, end and text of each match, as JSON"),
    Column("received_at", UtcTime, nullable=False),
    Index(None, "dispatch_id"),
    Index(None, "received_at"),
)

notices = Table(
    "notices",
    metadata,
    Column("notice_id", _ID, nullable=False, comment="dispatch that withdraws"),
    Column("subject", PlainText, nullable=False, comment="item id; of what is doubted, the dispatch's id"),
    Column("provider", PlainText, nullable=False),
    Column("story_id", _ID, nullable=False, comment="of the notice"),
    Column("standing", String(16), nullable=False, comment="held, withdrawn or doubted"),
    PrimaryKeyConstraint("notice_id", "subject"),
    Index(None, "subject", "provider"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("stage", String(32), nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("error", PlainText, nullable=False),
    Column("feed", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("position", PlainText, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("headers", PlainText, nullable=False, comment="as JSON"),
    Column("attempt", Integer, nullable=False),
    Column("state", String(16), nullable=False, comment="open, requested or replayed"),
    Index(None, "received_at"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("receipt", _ID, nullable=False, unique=True),
    Column("received_at", UtcTime, nullable=False),
    Column("document", PlainText, nullable=False, comment="the verdict as JSON"),
    Index(None, "received_at"),
)

items = Table(
    "items",
    metadata,
    Column("provider", PlainText, nullable=False),
    Column("item_id", PlainText, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("document", PlainText, nullable=False, comment="the item's newest known state as JSON"),
    PrimaryKeyConstraint("provider", "item_id"),
)

positions = Table(
    "positions",
    metadata,
    Column("feed", PlainText, nullable=False),
    Column("unit", PlainText, nullable=False),
    Column("position", PlainText, nullable=False),
    Column("state", PlainText, nullable=False, comment="as JSON"),
    Column("updated_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("feed", "unit"),
)

offsets = Table(
    "offsets",
    metadata,
    Column("reader", String(32), nullable=False, comment="sink or notifier"),
    Column("cluster", PlainText, nullable=False),
    Column("topic", PlainText, nullable=False),
    Column("topic_id", PlainText, nullable=False, comment="a topic made anew has another id, so its offsets start anew"),
    Column("partition", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    PrimaryKeyConstraint("reader", "cluster", "topic_id", "partition"),
)

search_queue = Table(
    "search_queue",
    metadata,
    Column("dispatch_seq", _SEQUENCE, primary_key=True, autoincrement=False, comment="waits to be indexed for search"),
)

search_names = Table(
    "search_names",
    metadata,
    Column("key", PlainText, nullable=False, comment="an entity's name without case, or its country's code in capitals"),
    Column("dispatch_seq", _SEQUENCE, autoincrement=False, nullable=False),
    PrimaryKeyConstraint("key", "dispatch_seq"),
    sqlite_with_rowid=False,
)

last_numbers = Table(
    "last_numbers",
    metadata,
    Column("name", String(32), primary_key=True, comment="of a table"),
    Column("seq", BigInteger, nullable=False, comment="highest that a removed row had; never given out again"),
)
