"""INSERT … ON CONFLICT of many rows, in the dialect of the connection.

A statement is compiled once and its rows go to the driver as they are: SQLAlchemy's own way with many rows builds and converts a
set of parameters for each of them, which costs more than the database's work. PostgreSQL takes all rows in one statement, a column
as an array, and many that must be new by COPY.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from pipeline.store.columns import many
from pipeline.store.driver import WORTH_COPYING, copy_rows

Row = dict[str, Any]
_Bind = Callable[[Sequence[Any]], Sequence[Any]]


def insert(dialect: Dialect, table: Table) -> Any:
    """Start an INSERT that can say ON CONFLICT."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


def upsert(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> int:
    """Write rows and return their number; one with the same keys is replaced in every other column, also by a later one.

    Every row names the same columns; the ones not named keep what they have.
    """
    last = {tuple(row[key] for key in keys): row for row in rows}
    return _write(connection, table, keys, _columns(list(last.values())), replace=True).rowcount if rows else 0


def insert_missing(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> int:
    """Write rows whose keys are not there yet and return their number; the others change nothing.

    Every row names the same columns.
    """
    return _write(connection, table, keys, _columns(rows), replace=False).rowcount if rows else 0


def insert_missing_columns(
    connection: Connection, table: Table, keys: Sequence[str], columns: Mapping[str, Sequence[Any]], *, known_new: bool = False
) -> int:
    """Do what `insert_missing` does where there are so many rows that making each of them counts.

    With ``known_new`` none of them can be there yet, so that PostgreSQL need not be ready for it, which costs as much as a row.
    """
    count = len(columns[keys[0]])
    if not count:
        return 0
    unready = known_new and connection.dialect.name == "postgresql"
    if unready and count >= WORTH_COPYING:
        return copy_rows(connection, table, columns)
    return _write(connection, table, keys, columns, replace=None if unready else False).rowcount


def insert_numbered(connection: Connection, table: Table, key: str, rows: Sequence[Row]) -> dict[str, int]:
    """Write rows and return the numbers (``seq``) that they were given by their keys.

    On SQLite all of them must be missing, which its one writer knows; on PostgreSQL those that are there change nothing and are
    left out of what is returned.
    """
    if not rows:
        return {}
    columns = _columns(rows)
    if connection.dialect.name == "postgresql":
        copied = _copy_numbered(connection, table, key, columns) if len(rows) >= WORTH_COPYING else None
        if copied is not None:
            return copied
        written: Any = _write(connection, table, [key], columns, replace=False, returning=f"{key}, seq").all()
        return dict(written)
    first = 1 + last_number(connection, table)
    numbers = range(first, first + len(rows))
    _write(connection, table, [key], {**columns, "seq": numbers}, replace=None)
    return dict(zip(columns[key], numbers, strict=True))


def last_number(connection: Connection, table: Table) -> int:
    """Highest number that a row of a table on SQLite has, or had before it was removed; 0 where there was none.

    SQLite would give it out again, and who reads on from the highest would never see the row that has it next.
    """
    there, gone = f"SELECT max(seq) FROM {table.name}", f"SELECT seq FROM last_numbers WHERE name = '{table.name}'"  # noqa: S608 - our own
    highest: int = connection.exec_driver_sql(f"SELECT max(coalesce(({there}), 0), coalesce(({gone}), 0))").scalar_one()
    return highest


def _copy_numbered(connection: Connection, table: Table, key: str, columns: Mapping[str, Sequence[Any]]) -> dict[str, int] | None:
    """Number rows and copy them; None, and nothing is written, where one of them is there."""
    own = f"SELECT pg_get_serial_sequence('{table.name}', 'seq')::regclass AS name"
    draw = f"WITH own AS MATERIALIZED ({own}) SELECT nextval(name) FROM own, generate_series(1, %s)"  # noqa: S608 - our own
    numbers = connection.exec_driver_sql(draw, (len(columns[key]),)).scalars().all()
    try:
        with connection.begin_nested():
            copy_rows(connection, table, {"seq": numbers, **columns})
    except IntegrityError:
        return None
    return dict(zip(columns[key], numbers, strict=True))


def _columns(rows: Sequence[Row]) -> dict[str, Sequence[Any]]:
    return (
        dict(zip(rows[0], zip(*map(itemgetter(*rows[0]), rows), strict=True), strict=True))
        if len(rows[0]) > 1
        else {name: [row[name] for row in rows] for name in rows[0]}
    )


def _write(
    connection: Connection,
    table: Table,
    keys: Sequence[str],
    columns: Mapping[str, Sequence[Any]],
    *,
    replace: bool | None,
    returning: str = "",
) -> CursorResult[Any]:
    """Write rows; of those that are there, ``replace`` says whether they change, or None that there are none."""
    statement, order, binds = _compile(table, tuple(columns), tuple(keys), replace, connection.dialect)
    ready = [columns[name] if bind is None else bind(columns[name]) for name, bind in zip(order, binds, strict=True)]
    arrays = connection.dialect.name == "postgresql"
    given = tuple(map(list, ready)) if arrays else list(zip(*ready, strict=True))
    return connection.exec_driver_sql(f"{statement} RETURNING {returning}" if returning else statement, given)


@lru_cache(maxsize=64)
def _compile(
    table: Table, names: tuple[str, ...], keys: tuple[str, ...], replace: bool | None, dialect: Dialect
) -> tuple[str, list[str], list[_Bind | None]]:
    """The statement with positional parameters, the order of its columns, and how their values are made the driver's."""
    ready = insert(dialect, table)
    changed = {name: ready.excluded[name] for name in names if name not in keys}
    if replace and changed:
        ready = ready.on_conflict_do_update(index_elements=list(keys), set_=changed)
    elif replace is not None:
        ready = ready.on_conflict_do_nothing(index_elements=list(keys))
    compiled = ready.compile(dialect=dialect, column_keys=list(names))
    order = list(compiled.positiontup or re.findall(r"%\((\w+)\)s", compiled.string))
    text = compiled.string
    if dialect.name == "postgresql":
        types = (table.c[name].type.compile(dialect).partition("(")[0] for name in order)
        arrays = ", ".join(f"%b::{kind}[]" for kind in types)
        start_of_it, _, rest = text.partition(" VALUES ")
        conflict = "".join(rest.partition(" RETURNING ")[0].partition(" ON CONFLICT ")[1:])
        text = f"{start_of_it} SELECT * FROM unnest({arrays}){conflict}"  # noqa: S608 # our own
    return text, order, [many(table.c[name].type, dialect) for name in order]
