"""The contracts: every message that travels through Wirefeed.

One growing document, [`Event`][pipeline.messages.Event], carries a dispatch through the stages; each stage fills its own
section and touches no other. Times are RFC 3339 in UTC, offsets are code points of the named field.

Our own stages carry fields that they do not know through unchanged, so that a rolling upgrade loses nothing; the schemas
published for producers in ``schemas/`` are closed.
"""

from __future__ import annotations

from pipeline.messages.alert import Alert
from pipeline.messages.dead_letter import DeadLetter
from pipeline.messages.dispatch import (
    CANARY_PROVIDER,
    SIGNAL_PRECEDENCE,
    Dispatch,
    Link,
    LinkRelation,
    Publishable,
    Signal,
    Source,
    Status,
)
from pipeline.messages.entity import Entity, EntityIds, EntityType, Mention
from pipeline.messages.event import Event
from pipeline.messages.identifiers import NAMESPACE, deterministic_id, dispatch_id, receipt_id
from pipeline.messages.language import Alternative, Language, LanguagePart
from pipeline.messages.message import SCHEMA_VERSION, Bytes, Message, SchemaVersion, Score, Sha256, Time, as_utc, format_time
from pipeline.messages.notification import Notification
from pipeline.messages.parsed_dispatch import Fingerprint, ParsedDispatch
from pipeline.messages.position import Position
from pipeline.messages.raw_item import RawItem
from pipeline.messages.rule_match import Kind, Match, RuleMatch, Severity
from pipeline.messages.stage_error import StageError
from pipeline.messages.story import Changes, Relation, Story
from pipeline.messages.verdict import ItemState, Verdict

__all__ = [
    "CANARY_PROVIDER",
    "NAMESPACE",
    "PUBLISHED",
    "SCHEMA_VERSION",
    "SIGNAL_PRECEDENCE",
    "Alert",
    "Alternative",
    "Bytes",
    "Changes",
    "DeadLetter",
    "Dispatch",
    "Entity",
    "EntityIds",
    "EntityType",
    "Event",
    "Fingerprint",
    "ItemState",
    "Kind",
    "Language",
    "LanguagePart",
    "Link",
    "LinkRelation",
    "Match",
    "Mention",
    "Message",
    "Notification",
    "ParsedDispatch",
    "Position",
    "Publishable",
    "RawItem",
    "Relation",
    "RuleMatch",
    "SchemaVersion",
    "Score",
    "Severity",
    "Sha256",
    "Signal",
    "Source",
    "StageError",
    "Status",
    "Story",
    "Time",
    "Verdict",
    "as_utc",
    "deterministic_id",
    "dispatch_id",
    "format_time",
    "receipt_id",
]

#: Every message with a published schema, by the file name in ``schemas/``.
PUBLISHED: dict[str, type[Message]] = {
    "dispatch": Dispatch,
    "parsed-dispatch": ParsedDispatch,
    "event": Event,
    "verdict": Verdict,
    "item-state": ItemState,
    "alert": Alert,
    "dead-letter": DeadLetter,
    "notification": Notification,
    "position": Position,
}
