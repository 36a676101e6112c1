"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine


class UtcTime(TypeDecorator[datetime]):
    """A point in time: ``timestamptz`` on PostgreSQL, sortable RFC 3339 text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write the time in UTC; microseconds always stand there, so that SQLite, which compares text, orders times rightly."""
        if value is None or dialect.name != "sqlite":
            return value
        return _sortable(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read the time in UTC."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if dialect.name == "sqlite" else value.astimezone(UTC)


def _sortable(value: datetime) -> str:
    return value.astimezone(UTC).isoformat("T", "microseconds")[:26] + "Z"


class PlainText(TypeDecorator[str]):
    """Text without U+0000, which PostgreSQL refuses, and without lone surrogates, which UTF-8 does."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Replace what a database cannot hold by U+FFFD."""
        return self.clean(value)

    @staticmethod
    def clean(value: str | None) -> str | None:
        """Replace what no database can hold by U+FFFD."""
        if value is None:
            return None
        if "\x00" in value:
            value = value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        if not value.isascii():
            value = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        return value


def many(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    """How the values of a column are made the driver's, many at once; None where they are already."""
    arrays = dialect.name == "postgresql"
    if isinstance(kind, PlainText):
        return (lambda values: _of_one_type(str, plain(kind, values))) if arrays else partial(plain, kind)
    if arrays:
        exact = kind.python_type
        return partial(_of_one_type, exact) if exact in {str, int, float} else None
    if isinstance(kind, UtcTime):
        return lambda values: [None if value is None else _sortable(value) for value in values]
    one = kind.dialect_impl(dialect).bind_processor(dialect)
    return None if one is None else lambda values: list(map(one, values))


def plain(kind: TypeEngine[Any], values: Sequence[Any]) -> Sequence[Any]:
    """The values of a column, where they are `PlainText` as a database can hold them."""
    if not isinstance(kind, PlainText) or _plain(values):
        return values
    return [kind.clean(value) for value in values]


def _of_one_type(exact: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
    """Make an array: psycopg takes a list only where all values are of one type, and an enumeration's is not that of its values."""
    return [None if value is None else exact(value) for value in values]


def _plain(values: Sequence[str | None]) -> bool:
    """Whether a database can hold all of the texts: one look at them together costs less than one at each."""
    joined = "".join(filter(None, values))
    if "\x00" in joined:
        return False
    try:
        joined.encode()
    except UnicodeEncodeError:
        return False
    return True
