"""From candidate to message: the steps, in Alertmanager's order.

Each step looks at a candidate and says what becomes of it, or None: the next step decides. Fails open: what no step stops is
delivered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.notify.hours import ends
from pipeline.notify.outbox import HeldFor, State
from pipeline.notify.subscribers import Subscriber

#: Reasons that nothing delays: what was wrong is taken back at any hour.
EXEMPT = frozenset({"retracted", "operator"})


@dataclass(frozen=True)
class Candidate:
    """A message that may go out."""

    subscriber: Subscriber
    reason: str
    severity: int
    story_id: str | None
    published_at: datetime | None
    embargoed_until: datetime | None


@dataclass(frozen=True)
class Circumstances:
    """What the steps need to know beside the candidate."""

    now: datetime
    max_age: timedelta


@dataclass(frozen=True)
class Decision:
    """What becomes of a candidate."""

    state: State
    detail: str | None = None
    held_for: HeldFor | None = None
    due_at: datetime | None = None


DELIVER = Decision(State.QUEUED)
Step = Callable[[Candidate, Circumstances], Decision | None]


def inhibit_embargoed(candidate: Candidate, at: Circumstances) -> Decision | None:
    """An alert on embargoed copy waits for its hour."""
    if candidate.embargoed_until is None or candidate.embargoed_until <= at.now:
        return None
    until = candidate.embargoed_until
    return Decision(State.HELD, f"under embargo until {until:%Y-%m-%d %H:%M} UTC", HeldFor.EMBARGO, until)


def inhibit_old(candidate: Candidate, at: Circumstances) -> Decision | None:
    """Nobody is paged for old news; its age counts from publication, or from the end of its embargo."""
    moments = [moment for moment in (candidate.published_at, candidate.embargoed_until) if moment is not None]
    if not moments or at.now - max(moments) <= at.max_age:
        return None
    return Decision(State.EXPIRED, f"published more than {at.max_age.total_seconds() / 3600:g} hours ago")


def quiet_times(candidate: Candidate, at: Circumstances) -> Decision | None:
    """An alert in quiet hours waits for their end, unless it is severe enough to break through."""
    subscriber = candidate.subscriber
    for quiet in subscriber.quiet_hours:
        over = ends(at.now, quiet.hours, list(quiet.days), subscriber.time_zone)
        if over is not None and candidate.severity < quiet.except_severity:
            return Decision(State.HELD, f"quiet hours {quiet.hours} {subscriber.time_zone}", HeldFor.QUIET, over)
    return None


#: inhibit → active times → quiet times → silence → (deduplicate: `reasons`) → deliver → log
POLICY: tuple[Step, ...] = (inhibit_embargoed, inhibit_old, quiet_times)


def decide(candidate: Candidate, at: Circumstances) -> Decision:
    """Take a candidate through the steps.

    A quiet hour may end in another one: what is held is decided anew when its time comes.
    """
    if candidate.reason in EXEMPT:
        return DELIVER
    for step in POLICY:
        decision = step(candidate, at)
        if decision is not None:
            return decision
    return DELIVER
