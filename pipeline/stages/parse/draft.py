"""A dispatch in the making: what a format module read, before times, signals and ids are settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.messages import Link, Signal, Status


class ParseError(Exception):
    """Bytes that a format module cannot read; the message says why, for an operator."""


class NotWellFormedError(ParseError):
    """Bytes that are no XML as a whole: parts of them may be. What XML is refused for is another ParseError."""


@dataclass(frozen=True)
class Broken:
    """One item of a file that could not be read, beside others that could."""

    raw: bytes
    reason: str


@dataclass
class Draft:
    """Fields as the format gives them. Times may be naive: the provider's zone is applied later.

    ``where`` says for each field from which path or byte range it was read.
    """

    format: str
    raw: bytes
    provider: str | None = None
    item_id: str | None = None
    revision: str | None = None
    status: Status | None = None
    signals: set[Signal] = field(default_factory=set)
    urgency: int | None = None
    headline: str | None = None
    slugline: str | None = None
    dateline: str | None = None
    byline: str | None = None
    keywords: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    genre: str | None = None
    language: str | None = None
    rights: str | None = None
    published_at: datetime | None = None
    embargoed_until: datetime | None = None
    embargoed: bool = False
    text: str = ""
    notes: list[str] = field(default_factory=list)
    signoff: str | None = None
    service: str | None = None
    sequence: str | None = None
    links: list[Link] = field(default_factory=list)
    where: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, value: Any, where: str) -> None:
        """Set a field that is still empty and note where its value stands; empty values are passed over."""
        if value is None:
            return
        if type(value) is str:  # an enum member is a string too and must stay a member
            value = value.strip()
        known = getattr(self, name)
        if not (value or value == 0) or known or known == 0:  # zero is a value, an empty text or list is none
            return
        setattr(self, name, value)
        self.where[name] = where

    def signal(self, signal: Signal, where: str) -> None:
        """Add what the agency says this transmission is."""
        self.signals.add(signal)
        self.where.setdefault(f"signal:{signal.value}", where)

    def note(self, text: str | None, where: str) -> None:
        """Add a note to editors."""
        note = (text or "").strip()
        if note and not any(note in known for known in self.notes):
            self.notes = [known for known in self.notes if known not in note] + [note]
            self.where.setdefault("notes", where)

    def link(self, link: Link, where: str) -> None:
        """Add a reference to another dispatch."""
        if link not in self.links and not any(link.sequence and link.sequence == each.sequence for each in self.links):
            self.links.append(link)
            self.where.setdefault("links", where)
