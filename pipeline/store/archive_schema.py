"""Tables that lead to the archive: bytes that wait for it, and how far it has come."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, UniqueConstraint

from pipeline.store.columns import PlainText, UtcTime
from pipeline.store.schema import metadata

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

raw_items = Table(
    "raw_items",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("feed", PlainText, nullable=False),
    Column("position", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("declared_format", PlainText),
    Column("declared_provider", PlainText),
    Column("declared_language", PlainText),
    Column("payload", LargeBinary, nullable=False, comment="bytes as received, until they are in the archive"),
    UniqueConstraint("feed", "position"),
)

archived = Table(
    "archived",
    metadata,
    Column("kind", String(16), primary_key=True, comment="raw or events"),
    Column("done", BigInteger, nullable=False, comment="rows up to this seq are in the archive"),
    Column("planned", BigInteger, nullable=False, comment="last seq of the pass under way, finished as it was begun"),
)
