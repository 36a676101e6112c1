"""Taking back: a kill, a hold or a withdrawal reaches everyone who was told."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select

from pipeline.messages import Event, Status
from pipeline.notify.entries import entries_for
from pipeline.notify.ledger import Ledger
from pipeline.notify.message import retraction_content
from pipeline.notify.outbox import WAITING, Entry, HeldFor, State
from pipeline.notify.subscribers import Subscriber, Subscribers
from pipeline.notify.told import Told, heard_of, item_key
from pipeline.store import outbox_schema as schema
from pipeline.store.standing import named_items


def retract(ledger: Ledger, connection: Connection, event: Event, subscribers: Subscribers) -> list[Subscriber]:
    """Cancel what has not been sent about the withdrawn items and tell everyone who may know of the story.

    Return the subscribers who have heard nothing yet of a story that others still report.
    """
    story, dispatch = event.story, event.dispatch
    assert story is not None  # noqa: S101 - only events with a verdict are planned
    if not story.current:
        return []
    story_id, (items, resolved) = str(story.id), _withdrawn_items(connection, event)
    entries = ledger.entries(story_id)
    informed = sorted({entry.subscriber for entry in entries if entry.may_be_known and entry.reason != "retracted"})
    _cancel(ledger, entries, items, f"withdrawn by {dispatch.provider} before it was sent")
    unaware: list[Subscriber] = []
    for name in sorted({entry.subscriber for entry in entries}):
        told = ledger.told_anew(name, story_id)
        known = told.severity > 0 and (story.withdrawn or not resolved or _concerns(items, told, entries))
        standing = [] if story.withdrawn else _standing(event, told)
        content = retraction_content(event, told, standing, _why(event, standing))
        _take_back(told, items, everything=story.withdrawn)
        subscriber = subscribers.get(name)
        if subscriber is None:
            continue
        own = [entry for entry in entries if entry.subscriber == name]
        if name in informed and known:
            _tell(ledger, event, subscriber, content, {entry.channel for entry in own if entry.may_be_known})
            heard = heard_of(dispatch.provider, dispatch.item_id, dispatch.headline, None, ledger.now)
            told.history.append({"reason": "retracted", **heard})
        elif name not in informed and told.severity and not any(_will_hear(entry) for entry in own):
            unaware.append(subscriber)
    return unaware


def _tell(ledger: Ledger, event: Event, subscriber: Subscriber, content: dict[str, Any], heard: Collection[str]) -> None:
    """Send a retraction by the channels that the alert took; by all, where none of them is left."""
    assert event.story is not None  # noqa: S101 - only events with a verdict are planned
    dispatch = event.dispatch
    entries = entries_for(subscriber, str(event.story.id), "retracted", str(dispatch.id), ledger.now)
    for entry in [each for each in entries if each.channel in heard] or entries:
        entry.priority, entry.severity, entry.detail = 0, content["alert"]["severity"], content["why"]
        entry.dispatch_id, entry.provider, entry.item_id = str(dispatch.id), dispatch.provider, dispatch.item_id
        ledger.add(entry, content)


def _will_hear(entry: Entry) -> bool:
    return entry.state in WAITING and entry.held_for is not HeldFor.EMBARGO


def _concerns(items: Collection[str], told: Told, entries: Collection[Entry]) -> bool:
    own = [entry for entry in entries if entry.subscriber == told.subscriber and entry.may_be_known]
    sent = {item_key(entry.provider or "", entry.item_id or "") for entry in own}
    return not sent.union(told.items).isdisjoint(items)


def _cancel(ledger: Ledger, entries: Collection[Entry], items: Collection[str], detail: str) -> None:
    for entry in entries:
        if entry.reason == "retracted" or item_key(entry.provider or "", entry.item_id or "") not in items:
            continue
        if entry.state in (State.QUEUED, State.HELD):
            ledger.change(entry, State.RETRACTED, detail)
        elif entry.state is State.SENDING:
            ledger.cancel(entry)


def _take_back(told: Told, items: Collection[str], *, everything: bool) -> None:
    gone = [*told.items] if everything else [item for item in told.items if item in items]
    for item in gone:
        told.forget(item)
    told.remind_at = None if told.severity == 0 or everything else told.remind_at
    # Also what was never told, such as a copy from before the first message: its agency stands by the story no more.
    told.held = list(dict.fromkeys([*told.held, *gone, *sorted(items)]))
    if everything:
        told.severity = 0
    if told.severity == 0:
        told.rules = []
    told.changed = True


def _withdrawn_items(connection: Connection, event: Event) -> tuple[set[str], bool]:
    """Items that a withdrawal takes back: its own, those that it names, and the one that the verdict found.

    Where that one is not known the second value is False, and the whole story counts: rather twice than never.
    """
    story, dispatch = event.story, event.dispatch
    assert story is not None  # noqa: S101 - only events with a verdict are planned
    items = {item_key(dispatch.provider, item_id) for item_id in (dispatch.item_id, *named_items(event))}
    if story.of is not None:
        table = schema.noticed
        found = connection.execute(select(table.c.provider, table.c.item_id).where(table.c.dispatch_id == str(story.of))).first()
        if found is not None:
            items.add(item_key(found.provider, found.item_id))
            return items, True
    return items, False


def _standing(event: Event, told: Told) -> list[str]:
    """Agencies that still stand by a story: all that have reported it but the one that withdraws and those that have withdrawn."""
    assert event.story is not None  # noqa: S101 - only events with a verdict are planned
    gone = {item.partition("\n")[0] for item in told.held} - {item.partition("\n")[0] for item in told.items}
    return [provider for provider in event.story.providers if provider != event.dispatch.provider and provider not in gone]


def _why(event: Event, standing: Collection[str]) -> str:
    assert event.story is not None  # noqa: S101 - only events with a verdict are planned
    word = "holds back" if event.dispatch.status is Status.WITHHELD else "withdraws"
    if standing:
        stands = f"{', '.join(standing)} still {'stand' if len(standing) > 1 else 'stands'} by it"
    else:
        stands = "nobody stands by it" if event.story.withdrawn else "other reports of it are not withdrawn"
    return f"{event.dispatch.provider} {word} what you were told; {stands}"
