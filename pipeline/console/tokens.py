"""Tokens: shown once, kept as a hash.

A token is 32 random bytes, so a plain SHA-256 keeps it as safely as a slow hash would: there is nothing to guess from.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, select, update

from pipeline.console.roles import Grant, Role
from pipeline.store import console_schema

_PREFIX = "wf_"


@dataclass(frozen=True)
class Token:
    """A token as it is kept."""

    id: str
    name: str
    role: Role
    providers: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def hashed(token: str) -> str:
    """Hex SHA-256 of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def add_token(
    connection: Connection,
    name: str,
    role: Role,
    now: datetime,
    *,
    providers: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[str, str]:
    """Create a token; return its id and the token itself, which cannot be had again."""
    identifier, secret = str(uuid4()), _PREFIX + secrets.token_urlsafe(32)
    row = {
        "id": identifier,
        "name": name,
        "role": role.value,
        "sha256": hashed(secret),
        "providers": " ".join(provider.lower() for provider in providers) if providers else None,
        "created_at": now,
        "expires_at": expires_at,
    }
    connection.execute(console_schema.tokens.insert(), [row])
    return identifier, secret


def read_tokens(connection: Connection) -> list[Token]:
    """Read all tokens, the newest first; the hash stays where it is."""
    table = console_schema.tokens
    return [
        Token(row.id, row.name, Role(row.role), _agencies(row.providers), row.created_at, row.expires_at, row.revoked_at)
        for row in connection.execute(select(table).order_by(table.c.created_at.desc(), table.c.id))
    ]


def revoke_token(connection: Connection, identifier: str, now: datetime) -> bool:
    """Make a token useless for ever; False where no token in force has this id."""
    table = console_schema.tokens
    found = table.c.id == identifier, table.c.revoked_at.is_(None)
    return bool(connection.execute(update(table).where(*found).values(revoked_at=now)).rowcount)


def grant_of(connection: Connection, token: str, now: datetime) -> Grant | None:
    """What a token allows; None where it is unknown, revoked or has run out."""
    table = console_schema.tokens
    row = connection.execute(select(table).where(table.c.sha256 == hashed(token))).first()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Grant(row.name, Role(row.role), _agencies(row.providers))


def _agencies(providers: str | None) -> tuple[str, ...] | None:
    return tuple(providers.split()) if providers is not None else None
