"""INSERT … ON CONFLICT of many rows, in the dialect of the connection.

A statement is compiled once and its rows go to the driver as they are: SQLAlchemy's own way with many rows builds and converts a
set of parameters for each of them, which costs more than the database's work. PostgreSQL takes all rows in one statement, a column
as an array.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.store.columns import many

Row = dict[str, Any]
_Bind = Callable[[Sequence[Any]], Sequence[Any]]


def insert(connection: Connection, table: Table) -> Any:
    """Start an INSERT that can say ON CONFLICT."""
    return _insert(connection.dialect, table)


def upsert(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> int:
    """Write rows and return their number; one with the same keys is replaced in every other column, also by a later one.

    Every row names the same columns; the ones not named keep what they have.
    """
    last = {tuple(row[key] for key in keys): row for row in rows}
    return _write(connection, table, keys, _columns(list(last.values())), replace=True)


def insert_missing(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> int:
    """Write rows whose keys are not there yet and return their number; the others change nothing.

    Every row names the same columns.
    """
    return _write(connection, table, keys, _columns(rows), replace=False)


def insert_missing_columns(connection: Connection, table: Table, keys: Sequence[str], columns: Mapping[str, Sequence[Any]]) -> int:
    """Do what `insert_missing` does where there are so many rows that making each of them counts."""
    return _write(connection, table, keys, columns, replace=False)


def _columns(rows: Sequence[Row]) -> dict[str, Sequence[Any]]:
    if not rows:
        return {}
    return (
        dict(zip(rows[0], zip(*map(itemgetter(*rows[0]), rows), strict=True), strict=True))
        if len(rows[0]) > 1
        else {name: [row[name] for row in rows] for name in rows[0]}
    )


def _write(
    connection: Connection, table: Table, keys: Sequence[str], columns: Mapping[str, Sequence[Any]], *, replace: bool
) -> int:
    if not columns or not columns[keys[0]]:
        return 0
    statement, order, binds = _compile(table, tuple(columns), tuple(keys), replace, connection.dialect)
    ready = [columns[name] if bind is None else bind(columns[name]) for name, bind in zip(order, binds, strict=True)]
    arrays = connection.dialect.name == "postgresql"
    given = tuple(map(list, ready)) if arrays else list(zip(*ready, strict=True))
    return connection.exec_driver_sql(statement, given).rowcount


@lru_cache(maxsize=64)
def _compile(
    table: Table, names: tuple[str, ...], keys: tuple[str, ...], replace: bool, dialect: Dialect
) -> tuple[str, list[str], list[_Bind | None]]:
    """The statement with positional parameters, the order of its columns, and how their values are made the driver's."""
    start = _insert(dialect, table)
    changed = {name: start.excluded[name] for name in names if name not in keys}
    ready = (
        start.on_conflict_do_update(index_elements=list(keys), set_=changed)
        if replace and changed
        else start.on_conflict_do_nothing(index_elements=list(keys))
    )
    compiled = ready.compile(dialect=dialect, column_keys=list(names))
    order = list(compiled.positiontup or re.findall(r"%\((\w+)\)s", compiled.string))
    text = compiled.string
    if dialect.name == "postgresql":
        types = (table.c[name].type.compile(dialect).partition("(")[0] for name in order)
        arrays = ", ".join(f"%b::{kind}[]" for kind in types)
        start_of_it, _, rest = text.partition(" VALUES ")
        text = f"{start_of_it} SELECT * FROM unnest({arrays}) ON CONFLICT {rest.partition(' ON CONFLICT ')[2]}"  # noqa: S608 # our own
    return text, order, [many(table.c[name].type, dialect) for name in order]


def _insert(dialect: Dialect, table: Table) -> Any:
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
