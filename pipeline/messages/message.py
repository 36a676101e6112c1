"""What all messages share: version, times, bytes, and fields that are carried through."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

SCHEMA_VERSION = "1.0"
#: The field of a message that says which contract it keeps.
SchemaVersion = Annotated[str, Field(description="Version of the contract that the message keeps.")]


def _as_utc(value: object) -> object:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


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
