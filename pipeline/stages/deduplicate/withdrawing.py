"""Withdrawals: what a kill, a hold or a withdrawal takes back. Never a copy, whatever the text."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pipeline.messages import ItemState, LinkRelation, Relation, Status
from pipeline.stages.deduplicate.addressee import Addressee
from pipeline.stages.deduplicate.finding import MOST_LINKS, Arrival, Finding, Knowledge, addressed, items_of, named, why
from pipeline.stages.deduplicate.naming import is_notice
from pipeline.stages.deduplicate.revision import Order, order_of


def withdrawal(arrival: Arrival, own: ItemState | None, known: Knowledge) -> Finding:
    """Decide what a withdrawal takes back: its own item, what it names, or what its text repeats."""
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
        return Finding(Relation.WITHDRAWAL, told, own.story_id, own.dispatch_id, current=current, keeps_item=not current)
    targets = [(link, known.items.linked(dispatch, link)) for link in dispatch.links[:MOST_LINKS] if link.item_id or link.sequence]
    known_items = [(link, item) for link, item in targets if item is not None]
    known_items = [pair for pair in known_items if pair[0].rel is LinkRelation.WITHDRAWS] or known_items
    if known_items:
        link = known_items[0][0]
        reason = f"{word}: names {named(dispatch, link)}"
        return _taken_back(arrival, [item for _, item in known_items], reason)
    return _withdrawal_by_name(arrival, word, known)


def _withdrawal_by_name(arrival: Arrival, word: str, known: Knowledge) -> Finding:
    """Take back what a notice names by headline, slug or story key, else what its text repeats."""
    dispatch = arrival.dispatch
    like = known.texts.compare(arrival.record, dispatch.received_at, lambda _: True)
    meant = addressed(arrival, known, like)
    if meant is not None and meant.story is None:
        reason = f"{word}; its words fit more than one story of {dispatch.provider}, or none well: a person must decide"
        return Finding(Relation.WITHDRAWAL, reason, unresolved=meant.maybe)
    if meant is not None and meant.story is not None:
        return _taken_back_by_name(arrival, meant, f"{word}: names the {meant.by} of", known)
    own = [] if like is None else _own_items(like.story, arrival, known)
    if like is not None and own:
        nearest = next((item for item in own if item.dispatch_id == like.dispatch), own[-1])
        return _taken_back(arrival, [nearest], f"{word}: {why(like, known)}", like.similarity)
    keyed = [link for link in dispatch.links[:MOST_LINKS] if link.key and link.rel is LinkRelation.WITHDRAWS]
    known_by_key = ((link, known.items.linked(dispatch, link)) for link in keyed)
    link, item = next(((link, item) for link, item in known_by_key if item is not None), (None, None))
    if link is not None and item is not None:
        return _taken_back(arrival, [item], f"{word}: names {named(dispatch, link)}")
    if any(link.item_id for link in dispatch.links) or not is_notice(dispatch):
        return Finding(Relation.WITHDRAWAL, f"{word}; what it withdraws has not been seen")
    reason = f"{word}; nothing of {dispatch.provider} in the window fits its words: a person must look"
    return Finding(Relation.WITHDRAWAL, reason, lost=True)


def _taken_back_by_name(arrival: Arrival, meant: Addressee, reason: str, known: Knowledge) -> Finding:
    """Take back every item that the agency has in the story: a desk kills a story, not one take of it."""
    assert meant.story is not None  # noqa: S101 - the caller has told the two apart
    items = items_of(meant.dispatches, arrival, known)
    reason = f"{reason} {items[0].provider}:{items[0].item_id}"
    others = _own_items(meant.story, arrival, known)
    gone = [item for item in items if item.status is Status.CANCELED]
    standing = [item for item in (*items, *others) if item.status is not Status.CANCELED]
    if gone and standing:
        reason += ", which was withdrawn before; whether what was sent since is meant, too, a person must decide"
        unresolved = list(dict.fromkeys(item.dispatch_id for item in standing))
        return Finding(Relation.WITHDRAWAL, reason, meant.story, gone[0].dispatch_id, unresolved=unresolved)
    every = {(item.provider, item.item_id): item for item in (*items, *others)}
    return _taken_back(arrival, list(every.values()), reason)


def _own_items(story: UUID, arrival: Arrival, known: Knowledge) -> list[ItemState]:
    """Items of the arrival's agency in a story, the oldest first."""
    return items_of(known.texts.of_story(story, arrival.record.sender, arrival.dispatch.received_at), arrival, known)


def _taken_back(arrival: Arrival, items: Sequence[ItemState], reason: str, similarity: float | None = None) -> Finding:
    standing = [item for item in items if item.status is not Status.CANCELED]
    changed = [item.model_copy(update={"status": arrival.status}) for item in standing]
    first = items[0]
    return Finding(
        Relation.WITHDRAWAL, reason, first.story_id, first.dispatch_id, similarity=similarity, changed=changed
    )  # fmt: skip
