"""INSERT … ON CONFLICT of many rows, in the dialect of the connection.

A statement is compiled once and its rows go to the driver as they are: SQLAlchemy's own way with many rows builds and converts a
set of parameters for each of them, which costs more than the database's work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]


def insert(connection: Connection, table: Table) -> Any:
    """Start an INSERT that can say ON CONFLICT."""
    return _insert(connection.dialect, table)


def upsert(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> None:
    """Write rows; one with the same keys is replaced in every other column. Nothing happens without rows.

    Every row names the same columns; the ones not named keep what they have.
    """
    _write(connection, table, keys, rows, replace=True)


def insert_missing(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> None:
    """Write rows whose keys are not there yet; the others change nothing. Every row names the same columns."""
    _write(connection, table, keys, rows, replace=False)


def _write(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row], *, replace: bool) -> None:
    if not rows:
        return
    names = tuple(rows[0])
    statement, order, processors = _compile(table, names, tuple(keys), replace, connection.dialect)
    columns = [
        [each[name] for each in rows] if processor is None else [processor(each[name]) for each in rows]
        for name, processor in zip(order, processors, strict=True)
    ]
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


@lru_cache(maxsize=64)
def _compile(
    table: Table, names: tuple[str, ...], keys: tuple[str, ...], replace: bool, dialect: Dialect
) -> tuple[str, list[str], list[Callable[[Any], Any] | None]]:
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
    text = re.sub(r"%\(\w+\)s", "%s", compiled.string)
    return text, order, [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in order]


def _insert(dialect: Dialect, table: Table) -> Any:
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
