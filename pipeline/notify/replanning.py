"""Events that could not be planned, tried again when an operator asks for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from pipeline.failure import problem
from pipeline.messages import DeadLetter, Event, Relation
from pipeline.notify.planning import Planner
from pipeline.store.dead_letters import mark_open, mark_replayed, read_dead_letters
from pipeline.store.schema import dispatches
from pipeline.store.standing import Standing, read_standings


def requested_letters(connection: Connection) -> list[DeadLetter]:
    """Read the notifier's dead letters whose replay was asked for."""
    return list(read_dead_letters(connection, state="requested", of_notifier=True))


def replan(connection: Connection, planner: Planner, letters: list[DeadLetter], now: datetime) -> int:
    """Plan the events of dead letters, each apart; return how many messages that gives.

    What still cannot be planned, or should not be told any more, is open again with the reason.
    """
    return sum(_replan(connection, planner, letter, now) for letter in letters)


def _replan(connection: Connection, planner: Planner, letter: DeadLetter, now: datetime) -> int:
    identifier = str(letter.id)
    try:
        event = Event.model_validate_json(letter.payload)
    except ValueError as error:
        mark_open(connection, identifier, f"its bytes are no event: {problem(error)}", type(error).__name__)
        return 0
    overtaken = _overtaken(connection, event)
    if overtaken is not None:
        mark_open(connection, identifier, overtaken, "Overtaken")
        return 0
    failures: list[Exception] = []

    def failed(_event: Event, error: Exception) -> int:
        failures.append(error)
        return 0

    planned = planner.plan(connection, [event], now, failed)
    if failures:
        mark_open(connection, identifier, problem(failures[0]), type(failures[0]).__name__)
    else:
        mark_replayed(connection, identifier)
    return planned


def _overtaken(connection: Connection, event: Event) -> str | None:
    """Why nobody should be told of an event any more; a withdrawal is always told."""
    dispatch, story = event.dispatch, event.story
    if story is None or story.relation is Relation.WITHDRAWAL:
        return None
    identifier = str(dispatch.id)
    standing = read_standings(connection, {str(story.id)}).get(identifier, Standing.STANDS)
    if standing not in {Standing.STANDS, Standing.DOUBTED}:
        return f"it has been {standing.value} since: nobody is told of it any more"
    own = select(dispatches.c.seq).where(dispatches.c.id == identifier).scalar_subquery()
    newer = select(dispatches.c.id).where(
        dispatches.c.provider == dispatch.provider, dispatches.c.item_id == dispatch.item_id, dispatches.c.seq > own,
        dispatches.c.current.is_(True), dispatches.c.relation != Relation.DUPLICATE.value,
    )  # fmt: skip
    if connection.execute(newer.limit(1)).scalar() is not None:
        return "a newer version of its item has come since: nobody is told of this one any more"
    return None
