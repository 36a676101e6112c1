"""An event that cannot be planned: its bytes are kept, operators are told, the others go on."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import structlog
from sqlalchemy import Connection

from pipeline.failure import problem
from pipeline.messages import DeadLetter, Event, deterministic_id
from pipeline.notify import measures
from pipeline.notify.operators import tell_operators
from pipeline.notify.subscribers import Subscribers
from pipeline.store.dead_letters import NOTIFIER, write_dead_letters


def report_unplanned(connection: Connection, subscribers: Subscribers, event: Event, error: Exception, now: datetime) -> int:
    """Keep an event as a dead letter and alarm operators; return how many messages that is.

    The event does not count as seen, so that another delivery of it is planned once the error is mended.
    """
    dispatch, reason = event.dispatch, problem(error)
    structlog.get_logger(__name__).error(
        "nobody is told of an event, for it cannot be planned; see its dead letter",
        dispatch=str(dispatch.id), provider=dispatch.provider, item=dispatch.item_id, problem=reason,
    )  # fmt: skip
    measures.UNPLANNED.inc()
    payload = _bytes(event)
    letter = DeadLetter(
        id=deterministic_id("dead-letter", str(event.receipt), NOTIFIER), stage=NOTIFIER, reason=reason,
        error=type(error).__name__, feed=dispatch.source.feed, name=dispatch.source.name, position=dispatch.source.position,
        received_at=dispatch.received_at, size=len(payload), sha256=sha256(payload).hexdigest(), payload=payload,
    )  # fmt: skip
    write_dead_letters(connection, [letter])
    why = (
        f"nobody was told of {dispatch.provider} {dispatch.item_id}, for it cannot be planned ({type(error).__name__}); "
        f"`wirefeed dead-letters show {letter.id} --stored` shows it, `… replay {letter.id} --stored --yes` tries again"
    )
    return len(tell_operators(connection, subscribers, f"unplanned:{event.receipt}", why, now))


def _bytes(event: Event) -> bytes:
    try:
        return event.to_json()
    except ValueError:  # what cannot even be written as JSON is kept as Python shows it
        return repr(event).encode("utf-8", "backslashreplace")
