"""What PostgreSQL's driver can do and SQLAlchemy has no words for; done here, where errors are told like any other statement's.

Many rows known to be new go there by COPY: neither side makes arrays of them, and the server writes them by the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, ExecutionContext, Table, event

from pipeline.store.columns import plain

# Below so many rows the round trips that COPY needs cost more than it saves.
WORTH_COPYING = 50
#: Option of a statement that the server is to plan for its values each time. A plan for any values would be made while a table is
#: small and kept while it grows: every batch would read all of it.
PLANNED_ANEW = "wirefeed_planned_anew"
_START = "COPY "


def copy_rows(connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> int:
    """Write rows, given by columns that all have as many values, to PostgreSQL and return their number.

    Raises IntegrityError where one of them is there, and the transaction is lost but for a savepoint.
    """
    kinds = [table.c[name].type for name in columns]
    names = [kind.compile(connection.dialect).partition("(")[0].lower() for kind in kinds]
    types = ["float8" if name == "float" else name for name in names]
    rows = list(zip(*map(plain, kinds, columns.values()), strict=True))
    statement = f"{_START}{table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    connection.exec_driver_sql(statement, (types, rows))
    return len(rows)


def carry_out(engine: Engine) -> None:
    """Let the connections of an engine, to PostgreSQL, take the statements of `copy_rows` and those that are `PLANNED_ANEW`."""

    @event.listens_for(engine, "do_execute")
    def _carry_out(cursor: Any, statement: str, parameters: Any, context: ExecutionContext) -> bool:
        if statement.startswith(_START):
            types, rows = parameters
            with cursor.copy(statement) as copy:
                copy.set_types(types)
                for row in rows:
                    copy.write_row(row)
            return True
        if context.execution_options.get(PLANNED_ANEW):
            cursor.execute(statement, parameters, prepare=False)
            return True
        return False
