"""What is remembered of every item: its story, newest revision and status, by identity, sequence number and story key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from pipeline.messages import Dispatch, ItemState, Link, Status

ItemKey = tuple[str, str]


def item_key(dispatch: Dispatch) -> ItemKey:
    """Identity of an item: agency and item id; a dispatch that has no item id is an item of its own."""
    return dispatch.provider, dispatch.item_id or f"urn:uuid:{dispatch.id}"


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
        self._stories: dict[bytes, tuple[ItemKey, ...]] = {}
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
        story = state.story_id.bytes
        members = self._stories.get(story, ())
        if key not in members:
            self._stories[story] = (*members, key)
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
            numbers = _sequence(dispatch.service, link.sequence), _sequence(None, link.sequence)
            known = (self._sequences.get((dispatch.provider, number)) for number in numbers)
            key = next(filter(None, known), None)
        else:
            key = self._keys.get((dispatch.provider, link.key or ""))
        if key is None or key == item_key(dispatch):
            return None
        state = self.get(key)
        if state is None or (not link.item_id and abs(dispatch.received_at - state.received_at) > self._window):
            return None
        return state

    def of_story(self, story: UUID) -> Iterator[ItemState]:
        """Items of a story, in order of arrival."""
        for key in self._stories.get(story.bytes, ()):
            state = self.get(key)
            if state is not None:
                yield state

    def providers(self, story: UUID) -> list[str]:
        """Agencies that have reported a story, in order of arrival."""
        return max((state.providers for state in self.of_story(story)), key=len, default=[])

    def withdrawn(self, story: UUID) -> bool:
        """Whether a story has items and all of them are withdrawn."""
        states = [state.status for state in self.of_story(story)]
        return bool(states) and Status.USABLE not in states

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
        story = state.story_id.bytes
        members = tuple(member for member in self._stories.get(story, ()) if member != key)
        if members:
            self._stories[story] = members
        else:
            self._stories.pop(story, None)
        for place in (_sequence(state.service, state.sequence), _sequence(None, state.sequence)) if state.sequence else ():
            if self._sequences.get((state.provider, place)) == key:
                del self._sequences[state.provider, place]
        for name in state.keys:
            if self._keys.get((state.provider, name)) == key:
                del self._keys[state.provider, name]


def _sequence(service: str | None, sequence: str) -> str:
    number = sequence.strip().lstrip("0") or "0"
    return f"{service or ''}\x1f{number}"
