"""Alembic's entry: migrations run on the connection that `migrate` hands over."""

from alembic import context

from pipeline.store import archive_schema, console_schema, feeds_schema, outbox_schema  # noqa: F401 - tables of the metadata
from pipeline.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
