"""The order of the rules that make a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pipeline.messages import (
    Changes,
    Dispatch,
    ItemState,
    Link,
    LinkRelation,
    Relation,
    Signal,
    Status,
    Story,
    Verdict,
    deterministic_id,
)
from pipeline.stages.deduplicate.index import Index, Likeness
from pipeline.stages.deduplicate.items import Items, item_key
from pipeline.stages.deduplicate.receipts import Receipts
from pipeline.stages.deduplicate.record import Record
from pipeline.stages.deduplicate.revision import Order, order_of

_MOST_LINKS = 32
_NOTHING_LIKE_IT = "nothing like it was received before"
_STRONGEST_FIRST = (LinkRelation.WITHDRAWS, LinkRelation.CORRECTS, LinkRelation.REPLACES, LinkRelation.FOLLOWS)


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
class Ruling:
    """What was decided, and the items as they stand after it."""

    story: Story
    items: list[ItemState]


@dataclass(frozen=True)
class _Finding:
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


def rule(arrival: Arrival, known: Knowledge) -> Ruling:
    """Decide what a dispatch is to the ones before it; changes nothing."""
    own = known.items.get(item_key(arrival.dispatch))
    if arrival.withdraws:
        finding = _withdrawal(arrival, own, known)
    elif own is not None:
        finding = _revision(arrival, own, known)
    else:
        finding = _linked(arrival, known) or _likened(arrival, known)
    return _written(arrival, own, finding, known)


def opening(arrival: Arrival) -> Ruling:
    """Write the ruling on a dispatch that opened a story of its own; it follows from the dispatch alone."""
    dispatch = arrival.dispatch
    story, providers = deterministic_id("story", str(dispatch.id)), [dispatch.provider]
    told = Story(id=story, relation=Relation.NEW, reason=_NOTHING_LIKE_IT, providers=providers)
    return Ruling(told, [_state(arrival, story, providers)])


def is_opening(verdict: Verdict) -> bool:
    """Whether a verdict is what ``opening`` writes."""
    story = verdict.story
    plain = story.relation is Relation.NEW and story.reason == _NOTHING_LIKE_IT and story.providers == [verdict.provider]
    return plain and not story.withdrawn and [item.dispatch_id for item in verdict.items] == [verdict.dispatch_id]


# ---- withdrawals: never a copy, whatever the text


def _withdrawal(arrival: Arrival, own: ItemState | None, known: Knowledge) -> _Finding:
    dispatch = arrival.dispatch
    word = "withdrawn" if arrival.status is Status.CANCELED else "held back"
    if own is not None:
        order = order_of(dispatch.revision, dispatch.published_at, own.revision, own.published_at)
        late = order is Order.OLDER
        again = own.status is Status.CANCELED or (own.status is arrival.status and order is Order.SAME)
        told = f"{word} by its agency"
        if late:
            told += f", but revision {own.revision} is newer than {dispatch.revision or 'this one'}"
        elif again:
            told += "; it was withdrawn before"
        current = not late and not again
        return _Finding(Relation.WITHDRAWAL, told, own.story_id, own.dispatch_id, current=current, keeps_item=not current)
    targets = [(link, known.items.linked(dispatch, link)) for link in dispatch.links[:_MOST_LINKS]]
    named = [(link, item) for link, item in targets if item is not None]
    named = [pair for pair in named if pair[0].rel is LinkRelation.WITHDRAWS] or named
    if named:
        link = named[0][0]
        reason = f"{word}: names {_named(dispatch, link)}"
        return _taken_back(arrival, [item for _, item in named], reason)
    like = known.texts.compare(arrival.record, dispatch.received_at, lambda _: True)
    sent = None if like is None else known.receipts.sent(like.dispatch)
    meant = None if sent is None or sent.item[0] != dispatch.provider else known.items.get(sent.item)
    if like is not None and meant is not None:
        return _taken_back(arrival, [meant], f"{word}: {_why(like, known)}", like.similarity)
    return _Finding(Relation.WITHDRAWAL, f"{word}; what it withdraws has not been seen")


def _taken_back(arrival: Arrival, items: Sequence[ItemState], reason: str, similarity: float | None = None) -> _Finding:
    standing = [item for item in items if item.status is not Status.CANCELED]
    changed = [item.model_copy(update={"status": arrival.status}) for item in standing]
    first = items[0]
    return _Finding(
        Relation.WITHDRAWAL, reason, first.story_id, first.dispatch_id, similarity=similarity, changed=changed
    )  # fmt: skip


# ---- the same item again


def _revision(arrival: Arrival, own: ItemState, known: Knowledge) -> _Finding:
    dispatch, record = arrival.dispatch, arrival.record
    order = order_of(dispatch.revision, dispatch.published_at, own.revision, own.published_at)
    relation = _kept_as(dispatch)
    seen = known.receipts.sent(dispatch.id)
    same = seen is not None or (order is Order.SAME and own.text_key == record.text_key)
    if own.status is Status.CANCELED:
        return _Finding(relation, "its item is withdrawn", own.story_id, own.dispatch_id, current=False, keeps_item=True)
    if same:
        original = dispatch.id if seen is not None else own.dispatch_id
        embargo = seen.embargoed_until if seen is not None else own.embargoed_until
        if own.status is Status.USABLE and embargo == dispatch.embargoed_until:
            reason = "sent again: same item, same revision, same content"
            return _Finding(Relation.DUPLICATE, reason, own.story_id, original, similarity=1.0, keeps_item=True)
    if order is Order.OLDER:
        reason = f"revision {dispatch.revision or 'unnumbered'} came late: {own.revision or 'a newer one'} is known already"
        return _Finding(relation, reason, own.story_id, own.dispatch_id, current=False, keeps_item=True)
    if own.status is Status.WITHHELD:
        reason = "released: its item was held back"
    elif order is Order.SAME:
        reason = f"revision {dispatch.revision or 'unnumbered'} again, with other content"
    else:
        reason = f"revision {dispatch.revision or 'unnumbered'} of its item, after {own.revision or 'an unnumbered one'}"
    compared = known.texts.changes(record, own.dispatch_id)
    similarity, changes = compared or (None, None)
    return _Finding(relation, reason, own.story_id, own.dispatch_id, similarity=similarity, changes=changes)


# ---- what the agency says that it refers to


def _linked(arrival: Arrival, known: Knowledge) -> _Finding | None:
    dispatch = arrival.dispatch
    links = sorted(dispatch.links[:_MOST_LINKS], key=lambda link: _STRONGEST_FIRST.index(link.rel))
    named = [(link, item) for link, item in ((link, known.items.linked(dispatch, link)) for link in links) if item is not None]
    like = known.texts.compare(arrival.record, dispatch.received_at, _may_be_copied(dispatch, known)) if named else None
    for link, item in named:
        if link.key and link.rel is LinkRelation.FOLLOWS and not _bears_out(arrival, item, known, like):
            continue  # agencies use one keyword for a day's alerts and for every day's tables
        if like is not None and like.copy and link.rel is LinkRelation.FOLLOWS and like.story == item.story_id:
            return _copy(like, known)
        relation = Relation.CORRECTION if link.rel is LinkRelation.CORRECTS else _kept_as(dispatch)
        similarity, changes = known.texts.changes(arrival.record, item.dispatch_id) or (None, None)
        reason = f"{link.rel} {_named(dispatch, link)}"
        return _Finding(relation, reason, item.story_id, item.dispatch_id, similarity=similarity, changes=changes)
    return None


def _bears_out(arrival: Arrival, item: ItemState, known: Knowledge, like: Likeness | None) -> bool:
    if like is not None:
        return like.story == item.story_id
    return known.texts.resembles(arrival.record, item.dispatch_id)


# ---- the text


def _likened(arrival: Arrival, known: Knowledge) -> _Finding:
    dispatch = arrival.dispatch
    like = known.texts.compare(arrival.record, dispatch.received_at, _may_be_copied(dispatch, known))
    if like is None:
        return _Finding(Relation.NEW, _NOTHING_LIKE_IT)
    if like.copy:
        return _copy(like, known)
    return _Finding(
        _kept_as(dispatch), _why(like, known), like.story, like.dispatch, similarity=like.similarity, changes=like.changes
    )  # fmt: skip


def _copy(like: Likeness, known: Knowledge) -> _Finding:
    return _Finding(Relation.DUPLICATE, _why(like, known), like.story, like.dispatch, similarity=like.similarity)


def _why(like: Likeness, known: Knowledge) -> str:
    """Name the earlier dispatch as a person knows it."""
    sent = known.receipts.sent(like.dispatch)
    return like.why.replace("{of}", str(like.dispatch) if sent is None else ":".join(sent.item))


def _may_be_copied(dispatch: Dispatch, known: Knowledge) -> _Copyable:
    return _Copyable(dispatch.embargoed_until, dispatch.received_at, known)


@dataclass(frozen=True)
class _Copyable:
    """Whether a dispatch may be the original of a copy: usable, not withdrawn and under no later embargo."""

    embargoed_until: datetime | None
    received_at: datetime
    known: Knowledge

    def __call__(self, original: UUID) -> bool:
        sent = self.known.receipts.sent(original)
        item = None if sent is None else self.known.items.get(sent.item)
        if sent is None or item is None or item.status is not Status.USABLE:
            return False
        free = max(self.received_at, self.embargoed_until or self.received_at)
        return sent.embargoed_until is None or sent.embargoed_until <= free


# ---- writing it out


def _written(arrival: Arrival, own: ItemState | None, finding: _Finding, known: Knowledge) -> Ruling:
    dispatch = arrival.dispatch
    story = finding.story or deterministic_id("story", str(dispatch.id))
    providers = known.items.providers(story)
    if dispatch.provider not in providers:
        providers = [*providers, dispatch.provider]
    changed = [item.model_copy(update={"providers": providers}) for item in finding.changed]
    if own is None or not finding.keeps_item:
        changed.append(_state(arrival, story, providers))
    else:
        changed.append(own)
    return Ruling(
        Story(
            id=story,
            relation=finding.relation,
            of=finding.of,
            current=finding.current,
            similarity=finding.similarity,
            reason=finding.reason,
            changes=finding.changes,
            providers=providers,
            withdrawn=_withdrawn(story, changed, known),
        ),
        changed,
    )


def _state(arrival: Arrival, story: UUID, providers: list[str]) -> ItemState:
    dispatch = arrival.dispatch
    provider, item_id = item_key(dispatch)
    return ItemState(
        provider=provider,
        item_id=item_id,
        story_id=story,
        dispatch_id=dispatch.id,
        revision=dispatch.revision,
        status=arrival.status,
        embargoed_until=dispatch.embargoed_until,
        published_at=dispatch.published_at,
        received_at=dispatch.received_at,
        service=dispatch.service,
        sequence=dispatch.sequence,
        text_key=arrival.record.text_key,
        keys=[link.key for link in dispatch.links if link.key],
        providers=providers,
    )


def _withdrawn(story: UUID, changed: Sequence[ItemState], known: Knowledge) -> bool:
    """Whether every item of the story is withdrawn once these states are taken in."""
    usable = known.items.usable(story)
    for item in changed:
        before = known.items.get((item.provider, item.item_id))
        usable -= before is not None and before.story_id == story and before.status is Status.USABLE
        usable += item.story_id == story and item.status is Status.USABLE
    return usable <= 0


def _kept_as(dispatch: Dispatch) -> Relation:
    return Relation.CORRECTION if dispatch.signal is Signal.CORRECTION else Relation.UPDATE


def _named(dispatch: Dispatch, link: Link) -> str:
    if link.item_id:
        return f"{dispatch.provider}:{link.item_id}"
    return f"number {link.sequence} of {dispatch.provider}" if link.sequence else f"story key {link.key}"
