"""What is remembered of every item: its story, newest revision and status, by identity, sequence number and story key."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pipeline.messages import Dispatch, ItemState, Link, Status

ItemKey = tuple[str, str]


def item_key(dispatch: Dispatch) -> ItemKey:
    """Identity of an item: agency and item id; a dispatch that has no item id is an item of its own."""
    return dispatch.provider, dispatch.item_id or f"urn:uuid:{dispatch.id}"


class _Story:
    """What is counted of a story."""

    __slots__ = ("items", "providers", "usable")

    def __init__(self) -> None:
        self.items = 0
        self.usable = 0
        self.providers: tuple[str, ...] = ()


class Items:
    """Every known item and the stories that they make up.

    Sequence numbers roll over and story keys are used again the next day, so both lead to an item only within ``window`` of
    received time. States are kept as JSON: they are many and seldom read.
    """

    def __init__(self, window: timedelta, identity: timedelta) -> None:
        self._window = window
        self._identity = identity
        self._states: dict[ItemKey, bytes] = {}
        self._oldest: datetime | None = None
        self._stories: dict[bytes, _Story] = {}
        self._sequences: dict[tuple[str, str], ItemKey] = {}
        self._keys: dict[tuple[str, str], ItemKey] = {}

    def get(self, key: ItemKey) -> ItemState | None:
        """State of an item; None where it was never seen."""
        state = self._states.get(key)
        return None if state is None else ItemState.model_validate_json(state)

    def put(self, state: ItemState) -> None:
        """Remember the newest state of an item."""
        key = state.provider, state.item_id
        self._forget_membership(key)
        self._states[key] = state.model_dump_json(exclude_defaults=True).encode()
        story = self._stories.setdefault(state.story_id.bytes, _Story())
        story.items += 1
        story.usable += state.status is Status.USABLE
        if len(state.providers) > len(story.providers):
            story.providers = tuple(state.providers)
        if state.sequence:
            self._sequences[state.provider, _sequence(state.service, state.sequence)] = key
            self._sequences[state.provider, _sequence(None, state.sequence)] = key
        for name in state.keys:
            self._keys[state.provider, name] = key

    def linked(self, dispatch: Dispatch, link: Link) -> ItemState | None:
        """Find the item that a link names; None where it is unknown or the dispatch's own."""
        if link.item_id:
            key: ItemKey | None = (dispatch.provider, link.item_id)
        elif link.sequence:
            # The agency's own number, registered as a key, is surer than that of a service: "kill item dpa 157".
            numbers = _sequence(dispatch.service, link.sequence), _sequence(None, link.sequence)
            known = (self._sequences.get((dispatch.provider, number)) for number in numbers)
            key = self._keys.get((dispatch.provider, link.key or "")) or next(filter(None, known), None)
        else:
            key = self._keys.get((dispatch.provider, link.key or ""))
        if key is None or key == item_key(dispatch):
            return None
        state = self.get(key)
        if state is None or (not link.item_id and abs(dispatch.received_at - state.received_at) > self._window):
            return None
        return state

    def providers(self, story: UUID) -> list[str]:
        """Agencies that have reported a story, in order of arrival."""
        known = self._stories.get(story.bytes)
        return [] if known is None else list(known.providers)

    def usable(self, story: UUID) -> int:
        """How many items of a story are usable."""
        known = self._stories.get(story.bytes)
        return 0 if known is None else known.usable

    def expire(self, now: datetime) -> None:
        """Forget items whose newest revision was received longer than the identity time ago."""
        before = now - self._identity
        while self._states and (self._oldest is None or self._oldest < before):
            key = next(iter(self._states))
            self._oldest = ItemState.model_validate_json(self._states[key]).received_at
            if self._oldest >= before:
                return
            self._forget_membership(key)
            self._oldest = None

    def _forget_membership(self, key: ItemKey) -> None:
        known = self._states.pop(key, None)
        if known is None:
            return
        state = ItemState.model_validate_json(known)
        story = self._stories[state.story_id.bytes]
        story.items -= 1
        story.usable -= state.status is Status.USABLE
        if not story.items:
            del self._stories[state.story_id.bytes]
        for place in (_sequence(state.service, state.sequence), _sequence(None, state.sequence)) if state.sequence else ():
            if self._sequences.get((state.provider, place)) == key:
                del self._sequences[state.provider, place]
        for name in state.keys:
            if self._keys.get((state.provider, name)) == key:
                del self._keys[state.provider, name]


def _sequence(service: str | None, sequence: str) -> str:
    number = sequence.strip().lstrip("0") or "0"
    return f"{service or ''}\x1f{number}"
