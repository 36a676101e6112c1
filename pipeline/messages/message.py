"""What all messages share: version, times, bytes, and fields that are carried through."""

from __future__ import annotations

import base64
from datetime import MINYEAR, UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

SCHEMA_VERSION = "1.0"
#: The field of a message that says which contract it keeps.
SchemaVersion = Annotated[str, Field(description="Version of the contract that the message keeps.")]


def as_utc(value: datetime) -> datetime:
    """Put a time into UTC, where it is taken to be if it has no zone; what UTC has no year for is the calendar's end.

    Systems write the first and the last moment that they can, in their own zone, where they know no time.

    >>> as_utc(datetime.fromisoformat("0001-01-01T00:00:00+01:00")).isoformat()
    '0001-01-01T00:00:00+00:00'
    """
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if value.year == MINYEAR else datetime.max.replace(tzinfo=UTC)


def _as_utc(value: object) -> object:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return as_utc(value) if isinstance(value, datetime) else value


def format_time(value: datetime) -> str:
    """Write a time as RFC 3339 in UTC, with microseconds only where there are any.

    >>> format_time(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    '2026-03-01T12:00:00Z'
    """
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Time = Annotated[
    datetime,
    BeforeValidator(_as_utc),
    PlainSerializer(format_time, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Bytes = Annotated[
    bytes,
    BeforeValidator(lambda value: base64.b64decode(value) if isinstance(value, str) else value),
    PlainSerializer(lambda value: base64.b64encode(value).decode("ascii"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
Sha256 = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"})]
Score = Annotated[float, Field(ge=0, le=1)]


class Message(BaseModel):
    """Base of everything that is sent or stored; unknown fields are carried through."""

    model_config = ConfigDict(extra="allow", ser_json_inf_nan="null")

    def to_json(self) -> bytes:
        """Encode as the JSON that topics and command output carry."""
        return self.model_dump_json().encode()
