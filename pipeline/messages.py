"""The contracts: every message that travels through Wirefeed.

One growing document, [`Event`][pipeline.messages.Event], carries a dispatch through the stages; each stage fills its own
section and touches no other. Times are RFC 3339 in UTC, offsets are code points of the named field.

Our own stages carry fields that they do not know through unchanged, so that a rolling upgrade loses nothing; the schemas
published for producers in ``schemas/`` are closed.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from json.encoder import encode_basestring
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

SCHEMA_VERSION = "1.0"

#: Provider of dispatches that test the chain and are no news; they are neither stored nor told.
CANARY_PROVIDER = "wirefeed-canary"

# The root of every deterministic id. Changing it would give every stored dispatch another id.
NAMESPACE = UUID("6f0b7a52-3f0e-5d0b-9c63-0a6f7c1d9e11")


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


Time = Annotated[datetime, BeforeValidator(_as_utc), PlainSerializer(format_time, return_type=str, when_used="json")]
Bytes = Annotated[
    bytes,
    BeforeValidator(lambda value: base64.b64decode(value) if isinstance(value, str) else value),
    PlainSerializer(lambda value: base64.b64encode(value).decode("ascii"), return_type=str, when_used="json"),
]
Score = Annotated[float, Field(ge=0, le=1)]


def deterministic_id(*parts: str | int) -> UUID:
    """Derive the UUIDv5 of a sequence of parts; unlike joined text, ``("a", "bc")`` and ``("ab", "c")`` differ.

    >>> deterministic_id("afp", "1") == deterministic_id("afp", "1")
    True
    """
    # uuid5 of the parts as a JSON array, written without making an encoder for each
    name = ", ".join([encode_basestring(part) if isinstance(part, str) else str(part) for part in parts])
    digest = hashlib.sha1(NAMESPACE.bytes + f"[{name}]".encode(), usedforsecurity=False).digest()
    return UUID(bytes=digest[:16], version=5)


def receipt_id(feed: str, position: str, index: int) -> UUID:
    """Name one reception of one item: the same record handed out again has the same receipt."""
    return deterministic_id("receipt", feed, position, index)


def dispatch_id(provider: str, item_id: str, revision: str, raw_sha256: str) -> UUID:
    """Name a dispatch: the same bytes sent again by the agency have the same id and another receipt.

    ``provider`` is the name as the agency wrote it; a profile's display name never changes an id.
    """
    return deterministic_id("dispatch", provider, item_id, revision, raw_sha256)


class Message(BaseModel):
    """Base of everything that is sent or stored; unknown fields are carried through."""

    model_config = ConfigDict(extra="allow", ser_json_inf_nan="null")

    def to_json(self) -> bytes:
        """Encode as the JSON that topics and command output carry."""
        return self.model_dump_json().encode()


class Status(StrEnum):
    """Whether a dispatch may be used: IPTC publication status."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class Signal(StrEnum):
    """What the agency says that this transmission is."""

    NEW = "new"
    UPDATE = "update"
    CORRECTION = "correction"
    REPEAT = "repeat"
    KILL = "kill"
    HOLD = "hold"
    ADVISORY = "advisory"


#: Which signal wins where a dispatch carries several, strongest first.
SIGNAL_PRECEDENCE = (Signal.KILL, Signal.HOLD, Signal.CORRECTION, Signal.REPEAT, Signal.UPDATE, Signal.ADVISORY, Signal.NEW)


class LinkRelation(StrEnum):
    """How a dispatch refers to another one."""

    CORRECTS = "corrects"
    REPLACES = "replaces"
    WITHDRAWS = "withdraws"
    FOLLOWS = "follows"


class Link(Message):
    """A reference to another dispatch by its item id, its sequence number or a story key.

    A sequence number may come with the key that names the same item more surely: that is tried first.
    """

    rel: LinkRelation
    item_id: str | None = None
    sequence: str | None = None
    key: str | None = None


class Source(Message):
    """Where the bytes came from."""

    feed: str = Field(description="The configured source.")
    name: str = Field(description="Path or URL of the file, message or entry.")
    position: str = Field(description="Place in the feed; with the feed it names a reception.")


class Dispatch(Message):
    """One item as an agency sent it, its meaning normalised."""

    id: UUID
    provider: str = Field(description="Agency, by its profile's name: afp, reuters, ap, dpa…")
    item_id: str = Field(description="The agency's identity of the item, the same on every revision.")
    revision: str = Field(default="", description="Version number, etag, revision id or versionCreated, as written.")
    status: Status = Status.USABLE
    signal: Signal = Signal.NEW
    urgency: Annotated[int, Field(ge=1, le=8)] | None = Field(default=None, description="1 flash … 8 least; null = not stated.")
    headline: str | None = None
    slugline: str | None = None
    dateline: str | None = None
    byline: str | None = None
    keywords: list[str] = []
    subjects: list[str] = Field(default=[], description="Subject codes as sent, or names where no code is given.")
    genre: str | None = None
    language: str | None = Field(default=None, description="Language that the agency declares, BCP-47.")
    rights: str | None = None
    published_at: Time | None = None
    received_at: Time
    embargoed_until: Time | None = None
    text: str = Field(default="", description="Paragraphs separated by a blank line; no markup, notes or sign-off.")
    notes: str | None = Field(default=None, description="Notes to editors, not for publication.")
    signoff: str | None = Field(default=None, description="Desk sign-off taken from the end of the text.")
    service: str | None = None
    sequence: str | None = Field(default=None, description="Number in the feed or service, as written.")
    format: str
    links: list[Link] = []
    source: Source
    raw_sha256: str


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


class StageError(Message):
    """A stage that failed on this event; the event went on without its section."""

    stage: str
    reason: str


class ParsedDispatch(Message):
    """Value of ``wire.dispatches``: a dispatch that awaits its verdict."""

    schema_version: str = SCHEMA_VERSION
    receipt: UUID
    dispatch: Dispatch
    fingerprint: Fingerprint | None = None
    errors: list[StageError] = []


class Relation(StrEnum):
    """How a dispatch stands to its story."""

    NEW = "new"
    DUPLICATE = "duplicate"
    UPDATE = "update"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


class Changes(Message):
    """What an update or a correction changed against the dispatch it follows."""

    numbers_added: list[str] = []
    numbers_removed: list[str] = []
    names_added: list[str] = []
    names_removed: list[str] = []
    sentences_added: list[str] = []
    sentences_removed: list[str] = []


class Story(Message):
    """The verdict of deduplication: story, relation and why."""

    id: UUID
    relation: Relation
    of: UUID | None = Field(default=None, description="Dispatch that this one copies, follows, corrects or withdraws.")
    current: bool = Field(default=True, description="False for an older revision that came late or an item already withdrawn.")
    similarity: Score | None = None
    reason: str = Field(description="Why, for a person.")
    changes: Changes | None = None
    providers: list[str] = Field(default=[], description="Agencies that have reported the story so far, in order of arrival.")
    withdrawn: bool = Field(default=False, description="Whether every item of the story is withdrawn.")
    withdraws: list[str] = Field(default=[], description="Item ids of the same agency that this dispatch takes back.")
    unresolved: list[UUID] = Field(
        default=[],
        description="Dispatches of the agency that this may withdraw or correct: its words do not tell which, a person must.",
    )


class Alternative(Message):
    """A language that could not be told apart from the best one."""

    tag: str
    confidence: Score


class LanguagePart(Message):
    """A stretch of the text in one language."""

    tag: str
    start: int
    end: int
    share: Score = Field(description="Share of the text's letters.")


class Language(Message):
    """The language of the item, not of the feed."""

    tag: str = Field(description="BCP-47; und = undetermined, zxx = no language.")
    confidence: Score
    declared: str | None = None
    agrees: bool | None = Field(default=None, description="Whether the declared language is the detected one.")
    script: str | None = Field(default=None, description="ISO 15924.")
    alternatives: list[Alternative] = []
    parts: list[LanguagePart] = []


class EntityType(StrEnum):
    """What kind of thing a name stands for."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    GROUP = "group"
    EVENT = "event"


class EntityIds(Message):
    """Identifiers in open registers; absent where no openly licensed source gives one."""

    geonames: int | None = None
    iso3166: str | None = None
    wikidata: str | None = None


class Mention(Message):
    """Where an entity is named: code points of ``headline``, ``text`` or ``dateline``."""

    field: str
    start: int
    end: int


class Entity(Message):
    """Who, where, which organisation."""

    type: EntityType
    name: str
    ids: EntityIds = EntityIds()
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")
    mentions: list[Mention]
    salience: Score
    confidence: Score
    metonym: bool = Field(default=False, description="The name stands for something else: Kremlin for Russia's government.")


class Kind(StrEnum):
    """Which way a rule points."""

    ESCALATION = "escalation"
    DE_ESCALATION = "de-escalation"


class Match(Message):
    """Words that made a rule match, as they stand in the original field."""

    field: str
    start: int
    end: int
    text: str


Severity = Annotated[int, Field(ge=1, le=5, description="1 info, 2 watch, 3 elevated, 4 high, 5 critical.")]


class RuleMatch(Message):
    """One rule that matched an event."""

    rule: str
    rule_sha256: str
    severity: Severity
    kind: Kind
    title: str
    tags: list[str] = []
    unconfirmed: bool = Field(default=False, description="Denied, negated or hypothetical in the text.")
    matches: list[Match]


class Event(Message):
    """A dispatch on its way through the stages. A section is absent until its stage has run."""

    schema_version: str = SCHEMA_VERSION
    receipt: UUID
    dispatch: Dispatch
    story: Story | None = None
    language: Language | None = None
    entities: list[Entity] | None = None
    alerts: list[RuleMatch] | None = None
    errors: list[StageError] = []
    processed_at: Time | None = None

    def to_json(self) -> bytes:
        """Encode; sections of stages that did not run are absent, nulls inside a section stay."""
        absent = {name for name in ("story", "language", "entities", "alerts", "processed_at") if getattr(self, name) is None}
        return self.model_dump_json(exclude=absent).encode()


class ItemState(Message):
    """Value of ``wire.items``: the newest known of one agency's item, kept far longer than the window."""

    schema_version: str = SCHEMA_VERSION
    provider: str
    item_id: str
    story_id: UUID
    dispatch_id: UUID
    revision: str
    status: Status
    embargoed_until: Time | None = None
    published_at: Time | None = None
    received_at: Time
    service: str | None = None
    sequence: str | None = None
    text_key: str | None = Field(default=None, description="Hash of the newest normalised text, to know a re-send by.")
    keys: list[str] = Field(default=[], description="Story keys that the agency gave it.")
    providers: list[str] = Field(default=[], description="Agencies that had reported its story.")


class Verdict(Message):
    """Value of ``wire.verdicts``: what was decided about one reception, once and for ever."""

    schema_version: str = SCHEMA_VERSION
    receipt: UUID
    dispatch_id: UUID
    provider: str
    item_id: str
    revision: str
    status: Status
    signal: Signal
    received_at: Time
    embargoed_until: Time | None = None
    service: str | None = None
    sequence: str | None = None
    offset: int | None = Field(default=None, description="Offset in wire.dispatches; null in the embedded engine.")
    published_at: Time | None = None
    story: Story
    items: list[ItemState] = Field(default=[], description="Items that this verdict changed, as they stand after it.")
    fingerprint: Fingerprint | None = None


class Alert(Message):
    """Value of ``wire.alerts``: an event that matched at least one rule, without its text."""

    schema_version: str = SCHEMA_VERSION
    id: UUID
    receipt: UUID
    dispatch_id: UUID
    provider: str
    headline: str | None
    language: str | None
    published_at: Time | None
    embargoed_until: Time | None
    story: Story
    severity: Severity
    rules: list[RuleMatch]

    @classmethod
    def of(cls, event: Event) -> Alert | None:
        """Summarise an event for ``wire.alerts``; None where no rule matched."""
        if not event.alerts or event.story is None:
            return None
        dispatch = event.dispatch
        return cls(
            id=deterministic_id("alert", str(event.receipt)),
            receipt=event.receipt,
            dispatch_id=dispatch.id,
            provider=dispatch.provider,
            headline=dispatch.headline,
            language=event.language.tag if event.language else dispatch.language,
            published_at=dispatch.published_at,
            embargoed_until=dispatch.embargoed_until,
            story=event.story,
            severity=max(match.severity for match in event.alerts),
            rules=event.alerts,
        )


class DeadLetter(Message):
    """Bytes that no stage could use, kept untouched, with the reason.

    On Kafka the payload is the record's value and everything else stands in headers.
    """

    schema_version: str = SCHEMA_VERSION
    id: UUID
    stage: str
    reason: str
    error: str = Field(default="", description="Class of the error, for grouping and replay.")
    feed: str
    name: str
    position: str
    received_at: Time
    size: int = Field(description="Bytes of the whole payload.")
    sha256: str
    payload: Bytes = Field(description="The bytes; only the first 64 KiB where size is above max_item_bytes.")
    headers: dict[str, str] = {}
    attempt: int = 1


class Notification(Message):
    """Value of ``wire.notifications``: what became of one message to one subscriber."""

    schema_version: str = SCHEMA_VERSION
    id: str = Field(description="Idempotency key, the webhook-id of every attempt.")
    subscriber: str
    channel: str
    reason: Literal["first", "escalated", "corrected", "confirmed", "released", "retracted", "reminder", "summary", "operator"]
    state: str
    detail: str | None = None
    story_id: UUID | None = None
    dispatch_id: UUID | None = None
    severity: int | None = None
    attempt: int = 0
    at: Time


class RawItem(Message):
    """Value and headers of ``wire.raw``: bytes as received."""

    payload: Bytes
    feed: str
    name: str
    position: str
    received_at: Time
    declared_format: str | None = None
    declared_provider: str | None = None
    declared_language: str | None = None

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the payload."""
        return hashlib.sha256(self.payload).hexdigest()

    def dead_letter(self, stage: str, reason: str, error: str = "", *, keep: int | None = None) -> DeadLetter:
        """Turn this item into a dead letter; ``keep`` cuts the payload to that many bytes."""
        return DeadLetter(
            id=deterministic_id("dead-letter", self.feed, self.position, stage),
            stage=stage,
            reason=reason,
            error=error,
            feed=self.feed,
            name=self.name,
            position=self.position,
            received_at=self.received_at,
            size=len(self.payload),
            sha256=self.sha256,
            payload=self.payload if keep is None else self.payload[:keep],
        )


class Position(Message):
    """Value of ``wire.positions``: how far a source has been read."""

    schema_version: str = SCHEMA_VERSION
    feed: str
    unit: str = Field(default="", description="Part of the feed with a position of its own, such as a file; else empty.")
    position: str = Field(description="Position of the last item read, as in its source.")
    state: dict[str, Any] = Field(default={}, description="What the source needs to go on: a file's size and time, an ETag…")
    updated_at: Time


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
