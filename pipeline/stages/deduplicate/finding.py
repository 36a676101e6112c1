"""What is known when a dispatch arrives, and what is found out about it before it is written as a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pipeline.messages import Changes, Dispatch, ItemState, Link, LinkRelation, Relation, Signal, Status
from pipeline.stages.deduplicate.addressee import Addressee, addressee
from pipeline.stages.deduplicate.index import Index, Likeness
from pipeline.stages.deduplicate.items import Items
from pipeline.stages.deduplicate.naming import names
from pipeline.stages.deduplicate.receipts import Receipts
from pipeline.stages.deduplicate.record import Record

MOST_LINKS = 32


@dataclass(frozen=True)
class Knowledge:
    """Everything that is known before a dispatch arrives."""

    items: Items
    receipts: Receipts
    texts: Index


@dataclass(frozen=True)
class Arrival:
    """A dispatch that awaits its verdict."""

    dispatch: Dispatch
    record: Record

    @property
    def withdraws(self) -> bool:
        """Whether it takes back what was sent before, its own item or another."""
        dispatch = self.dispatch
        return (
            dispatch.signal in {Signal.KILL, Signal.HOLD}
            or dispatch.status is not Status.USABLE
            or any(link.rel is LinkRelation.WITHDRAWS for link in dispatch.links)
        )

    @property
    def status(self) -> Status:
        """Status that its item has after it."""
        if self.dispatch.signal is Signal.KILL:
            return Status.CANCELED
        if self.dispatch.signal is Signal.HOLD and self.dispatch.status is Status.USABLE:
            return Status.WITHHELD
        if self.withdraws and self.dispatch.status is Status.USABLE:
            return Status.CANCELED
        return self.dispatch.status


@dataclass(frozen=True)
class Finding:
    """A decision before it is written out; ``story`` is None where the dispatch opens one."""

    relation: Relation
    reason: str
    story: UUID | None = None
    of: UUID | None = None
    current: bool = True
    similarity: float | None = None
    changes: Changes | None = None
    changed: Sequence[ItemState] = field(default=())
    """Other items that this dispatch changes."""
    keeps_item: bool = False
    """Whether its own item stays as it is."""
    unresolved: Sequence[UUID] = field(default=())
    """Dispatches between which a person must decide."""
    lost: bool = False
    """Whether it names by its words what is not known, so that a person must look."""


def addressed(arrival: Arrival, known: Knowledge, like: Likeness | None) -> Addressee | None:
    """Find what a notice names by headline or slug among its agency's dispatches; None where it names none that is known."""
    if not arrival.record.sender:
        return None
    called = names(arrival.dispatch)
    found = known.texts.named(called, arrival.record.sender, arrival.dispatch.received_at)
    found = [one for one in found if items_of([one.dispatch], arrival, known)]
    return addressee(called, found, lambda: None if like is None else like.story) if found else None


def items_of(dispatches: Iterable[UUID], arrival: Arrival, known: Knowledge) -> list[ItemState]:
    """Items of these dispatches that are the arrival's agency's own."""
    sent = [known.receipts.sent(dispatch) for dispatch in dispatches]
    keys = dict.fromkeys(each.item for each in sent if each is not None and each.item[0] == arrival.dispatch.provider)
    return [item for item in map(known.items.get, keys) if item is not None]


def why(like: Likeness, known: Knowledge) -> str:
    """Name the earlier dispatch as a person knows it."""
    sent = known.receipts.sent(like.dispatch)
    return like.why.replace("{of}", str(like.dispatch) if sent is None else ":".join(sent.item))


def named(dispatch: Dispatch, link: Link) -> str:
    """Say what a link names."""
    if link.item_id:
        return f"{dispatch.provider}:{link.item_id}"
    return f"number {link.sequence} of {dispatch.provider}" if link.sequence else f"story key {link.key}"
