"""Numbers of dispatches in the order of storing, for those who read on from the highest that they have seen.

PostgreSQL gives numbers out before transactions commit, so with several writers a row may appear below one that was there before.
A writer says from where on its rows will be numbered, by a lock that goes with its transaction and stops nobody.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text

from pipeline.store.schema import dispatches

# The upper half of a lock's key says what it is for ("wf" in ASCII, then this use); the lower holds a number modulo 2^32.
_USE = 0x77660001
_LAST = "coalesce(pg_sequence_last_value(pg_get_serial_sequence('dispatches', 'seq')::regclass), 0)"
_ANNOUNCE = text(f"SELECT pg_advisory_xact_lock_shared(({_USE}::bigint << 32) | ({_LAST} & 4294967295))")
_WRITING = text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND classid = :use AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def announce_writing(connection: Connection) -> None:
    """Say within the caller's transaction, before its first row, that dispatches are about to be numbered."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ANNOUNCE)


def settled_seq(connection: Connection) -> int:
    """Highest number of a dispatch below which no other will appear; 0 where there is none.

    Needs a transaction whose statements each see what is committed by then, as PostgreSQL's are unless asked otherwise.
    """
    numbers = dispatches.c.seq
    if connection.dialect.name != "postgresql":
        return connection.execute(select(func.max(numbers))).scalar() or 0
    # In this order: who announces after the second question gets numbers above the answer to the first.
    last = connection.execute(text(f"SELECT {_LAST}")).scalar_one()
    ahead = [(low - last + 2**31) % 2**32 - 2**31 for low in connection.execute(_WRITING, {"use": _USE}).scalars()]
    return connection.execute(select(func.max(numbers)).where(numbers <= last + min([0, *ahead]))).scalar() or 0
