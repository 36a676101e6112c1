"""Both databases index the words that we find in a text, instead of each cutting the text in its own way."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Let the pass of the search index read all dispatches again."""
    op.execute(
        "TRUNCATE search" if op.get_bind().dialect.name == "postgresql" else "INSERT INTO search (search) VALUES ('delete-all')"
    )
    op.execute("INSERT INTO search_queue (dispatch_seq) SELECT seq FROM dispatches WHERE true ON CONFLICT DO NOTHING")
