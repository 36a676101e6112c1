"""The order of the rules that make a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pipeline.messages import (
    Dispatch,
    ItemState,
    LinkRelation,
    Relation,
    Signal,
    Status,
    Story,
    Verdict,
    deterministic_id,
)
from pipeline.stages.deduplicate.finding import MOST_LINKS, Arrival, Finding, Knowledge, addressed, items_of, named, why
from pipeline.stages.deduplicate.index import Likeness
from pipeline.stages.deduplicate.items import item_key
from pipeline.stages.deduplicate.revision import Order, order_of
from pipeline.stages.deduplicate.withdrawing import withdrawal

_NOTHING_LIKE_IT = "nothing like it was received before"
_STRONGEST_FIRST = (LinkRelation.WITHDRAWS, LinkRelation.CORRECTS, LinkRelation.REPLACES, LinkRelation.FOLLOWS)


@dataclass(frozen=True)
class Ruling:
    """What was decided, and the items as they stand after it."""

    story: Story
    items: list[ItemState]


def rule(arrival: Arrival, known: Knowledge) -> Ruling:
    """Decide what a dispatch is to the ones before it; changes nothing."""
    own = known.items.get(item_key(arrival.dispatch))
    if arrival.withdraws:
        finding = withdrawal(arrival, own, known)
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


# ---- the same item again


def _revision(arrival: Arrival, own: ItemState, known: Knowledge) -> Finding:
    dispatch, record = arrival.dispatch, arrival.record
    order = order_of(dispatch.revision, dispatch.published_at, own.revision, own.published_at)
    relation = _kept_as(dispatch)
    seen = known.receipts.sent(dispatch.id)
    same = seen is not None or (order is Order.SAME and own.text_key == record.text_key)
    if own.status is Status.CANCELED:
        return Finding(relation, "its item is withdrawn", own.story_id, own.dispatch_id, current=False, keeps_item=True)
    if same:
        original = dispatch.id if seen is not None else own.dispatch_id
        embargo = seen.embargoed_until if seen is not None else own.embargoed_until
        if own.status is Status.USABLE and embargo == dispatch.embargoed_until:
            reason = "sent again: same item, same revision, same content"
            return Finding(Relation.DUPLICATE, reason, own.story_id, original, similarity=1.0, keeps_item=True)
    if order is Order.OLDER:
        reason = f"revision {dispatch.revision or 'unnumbered'} came late: {own.revision or 'a newer one'} is known already"
        return Finding(relation, reason, own.story_id, own.dispatch_id, current=False, keeps_item=True)
    if own.status is Status.WITHHELD:
        reason = "released: its item was held back"
    elif order is Order.SAME:
        reason = f"revision {dispatch.revision or 'unnumbered'} again, with other content"
    else:
        reason = f"revision {dispatch.revision or 'unnumbered'} of its item, after {own.revision or 'an unnumbered one'}"
    compared = known.texts.changes(record, own.dispatch_id)
    similarity, changes = compared or (None, None)
    return Finding(relation, reason, own.story_id, own.dispatch_id, similarity=similarity, changes=changes)


# ---- what the agency says that it refers to


def _linked(arrival: Arrival, known: Knowledge) -> Finding | None:
    dispatch = arrival.dispatch
    links = sorted(dispatch.links[:MOST_LINKS], key=lambda link: _STRONGEST_FIRST.index(link.rel))
    known_items = [
        (link, item) for link, item in ((link, known.items.linked(dispatch, link)) for link in links) if item is not None
    ]
    like = known.texts.compare(arrival.record, dispatch.received_at, _may_be_copied(dispatch, known)) if known_items else None
    for link, item in known_items:
        if link.key and link.rel is LinkRelation.FOLLOWS and not _bears_out(arrival, item, known, like):
            continue  # agencies use one keyword for a day's alerts and for every day's tables
        if like is not None and like.copy and link.rel is LinkRelation.FOLLOWS and like.story == item.story_id:
            return _copy(like, known)
        relation = Relation.CORRECTION if link.rel is LinkRelation.CORRECTS else _kept_as(dispatch)
        similarity, changes = known.texts.changes(arrival.record, item.dispatch_id) or (None, None)
        reason = f"{link.rel} {named(dispatch, link)}"
        return Finding(relation, reason, item.story_id, item.dispatch_id, similarity=similarity, changes=changes)
    return None


def _bears_out(arrival: Arrival, item: ItemState, known: Knowledge, like: Likeness | None) -> bool:
    if like is not None:
        return like.story == item.story_id
    return known.texts.resembles(arrival.record, item.dispatch_id)


# ---- the text


def _likened(arrival: Arrival, known: Knowledge) -> Finding:
    dispatch = arrival.dispatch
    like = known.texts.compare(arrival.record, dispatch.received_at, _may_be_copied(dispatch, known))
    if like is None:
        return _put_right_by_name(arrival, known) or Finding(Relation.NEW, _NOTHING_LIKE_IT)
    if like.copy:
        return _copy(like, known)
    return Finding(
        _kept_as(dispatch), why(like, known), like.story, like.dispatch, similarity=like.similarity, changes=like.changes
    )  # fmt: skip


def _put_right_by_name(arrival: Arrival, known: Knowledge) -> Finding | None:
    """A correction whose text is all its own joins the story that it names by headline or slug."""
    dispatch = arrival.dispatch
    meant = addressed(arrival, known, None) if dispatch.signal is Signal.CORRECTION else None
    if meant is None:
        return None
    if meant.story is None:
        reason = f"its words fit more than one story of {dispatch.provider}, or none well: a person must decide"
        return Finding(Relation.NEW, reason, unresolved=meant.maybe)
    item = items_of(meant.dispatches, arrival, known)[0]
    similarity, changes = known.texts.changes(arrival.record, item.dispatch_id) or (None, None)
    reason = f"corrects: names the {meant.by} of {item.provider}:{item.item_id}"
    return Finding(Relation.CORRECTION, reason, item.story_id, item.dispatch_id, similarity=similarity, changes=changes)


def _copy(like: Likeness, known: Knowledge) -> Finding:
    return Finding(Relation.DUPLICATE, why(like, known), like.story, like.dispatch, similarity=like.similarity)


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


def _written(arrival: Arrival, own: ItemState | None, finding: Finding, known: Knowledge) -> Ruling:
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
            withdraws=[item.item_id for item in finding.changed],
            unresolved=list(finding.unresolved),
            asks=finding.lost or bool(finding.unresolved),
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
