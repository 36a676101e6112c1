"""The console's tables: who may read and act, what people did, which stories somebody deals with."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table

from pipeline.store.columns import PlainText, UtcTime
from pipeline.store.schema import metadata

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", PlainText, nullable=False, comment="person or program; the actor in the audit"),
    Column("role", String(16), nullable=False, comment="reader, operator or admin"),
    Column("sha256", String(64), nullable=False, unique=True, comment="of the token; the token itself is kept nowhere"),
    Column("providers", PlainText, comment="agencies that may be seen, separated by a space; null = all"),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("story_id", String(36), primary_key=True),
    Column("author", PlainText, nullable=False),
    Column("severity", SmallInteger, nullable=False, comment="of the story then; a higher one is unacknowledged again"),
    Column("at", UtcTime, nullable=False),
)

acts = Table(
    "console_audit",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", PlainText, nullable=False),
    Column("address", PlainText, nullable=False),
    Column("act", String(32), nullable=False),
    Column("subject", PlainText, nullable=False, comment="id of what was acted on"),
    Column("detail", PlainText, nullable=False),
    Index("ix_console_audit_at", "at"),
)
