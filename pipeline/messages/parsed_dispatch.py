"""A dispatch that awaits its verdict, and what it is compared by."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from pipeline.messages.dispatch import Dispatch
from pipeline.messages.message import SCHEMA_VERSION, Message, SchemaVersion
from pipeline.messages.stage_error import StageError


class Fingerprint(Message):
    """What deduplication compares, computed once beside parsing; its fields belong to ``stages/deduplicate``."""

    scheme: str = Field(description="Name and version of the way it was computed.")
    words: str = Field(default="", description="Hashes of the words in order: base64 of little-endian uint32.")
    numbers: str = Field(default="", description="Hashes of the numbers in order: base64 of little-endian uint32.")
    number_places: str = Field(default="", description="Which word each number stands in: base64 of little-endian uint16.")
    headline: str = Field(default="", description="Hashes of the headline's words: base64 of little-endian uint32.")
    marks: list[str] = Field(default=[], description="Marks of a correction or an update that it carries.")
    text: str = Field(default="", description="The text that was compared: base64 of zlib.")
    names: str = Field(default="", description="Hashes of the sender and of its slug: base64 of little-endian uint32.")


class ParsedDispatch(Message):
    """Value of ``wire.dispatches``: a dispatch that awaits its verdict."""

    schema_version: SchemaVersion = SCHEMA_VERSION
    receipt: UUID = Field(description="One reception of one item.")
    dispatch: Dispatch
    fingerprint: Fingerprint | None = Field(default=None, description="What deduplication compares it by.")
    errors: list[StageError] = Field(default=[], description="Stages that failed on it.")
