"""Both databases index the words that we find in a text; SQLite cuts at spaces only, and keeps no sizes, as nothing is ranked."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make SQLite's index anew, and let the next pass index every dispatch; words have other places in both indexes."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search")
        op.execute("CREATE VIRTUAL TABLE search USING fts5(headline, body, content='', tokenize='ascii', columnsize=0)")
    else:
        op.execute("TRUNCATE search")
    op.execute("INSERT INTO search_queue (dispatch_seq) SELECT seq FROM dispatches WHERE true ON CONFLICT DO NOTHING")
