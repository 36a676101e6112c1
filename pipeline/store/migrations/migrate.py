"""Bring a database to the schema of this program, or say why it cannot be used."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

# An arbitrary number that all Wirefeed processes share: only one of them migrates a PostgreSQL database.
_ADVISORY_LOCK = 7_243_119_042


def migrate(engine: Engine) -> None:
    """Upgrade the schema to the newest revision that this program knows.

    Raises StoreError where a newer program, or another program, has written the database.
    """
    from pipeline.store.database import StoreError, shown_url

    config = Config()
    config.set_main_option("script_location", "pipeline.store:migrations")
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head()
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present == head:
        return
    known = {revision.revision for revision in script.walk_revisions()}
    name = shown_url(engine.url)
    if present is not None and present not in known:
        raise StoreError(
            f"store {name} was written by a newer Wirefeed (schema {present}, this program knows up to {head}); "
            "upgrade the program or choose another store.url"
        )
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if present is None and _foreign_tables(connection):
            raise StoreError(f"store {name} holds tables of another program; give Wirefeed a database of its own")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _foreign_tables(connection: Connection) -> bool:
    """A SQLite file is one program's; several may share a database of a server, as long as their tables have other names."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:  # another process has been here a moment ago
        return False
    return bool(tables) if connection.dialect.name == "sqlite" else "dispatches" in tables
