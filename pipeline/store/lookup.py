"""Rows by many ids at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Row, Select, Text, any_, bindparam, func, select

from pipeline.store.driver import PLANNED_ANEW


def rows_among(
    connection: Connection, query: Select[Any], column: ColumnElement[str], values: Collection[str]
) -> Sequence[Row[Any]]:
    """Rows of a query whose id is one of many, given as one parameter: the statement is the same for any number of them."""
    if not values:
        return ()
    if len(values) == 1:
        return connection.execute(query.where(column == next(iter(values)))).all()
    if connection.dialect.name == "postgresql":
        query = query.where(column == any_(bindparam(None, list(values), type_=ARRAY(Text), unique=True)))
        return connection.execute(query, execution_options={PLANNED_ANEW: True}).all()
    each = func.json_each(json.dumps(list(values))).table_valued("value")
    return connection.execute(query.where(column.in_(select(each.c.value)))).all()
