"""From candidate to message: the steps, in Alertmanager's order.

Each step looks at a candidate and says what becomes of it, or None: the next step decides. Fails open: what no step stops is
delivered. What is held is decided anew by the same steps when its time comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.notify.hours import begins, ends, next_time
from pipeline.notify.outbox import HeldFor, State
from pipeline.notify.ration import Rations
from pipeline.notify.silences import Silence
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
    rules: Sequence[tuple[str, str]] = ()
    """Id and title of each rule that matched."""
    provider: str | None = None
    countries: Sequence[str] = ()
    undated_embargo: bool = False
    digested: bool = False
    """Whether it has waited for a digest or a summary, and is due in it."""


@dataclass(frozen=True)
class Circumstances:
    """What the steps need to know beside the candidate."""

    now: datetime
    max_age: timedelta
    silences: Sequence[Silence]
    rations: Rations


@dataclass(frozen=True)
class Decision:
    """What becomes of a candidate; held without a time = until a revision or an operator."""

    state: State
    detail: str | None = None
    held_for: HeldFor | None = None
    due_at: datetime | None = None


DELIVER = Decision(State.QUEUED)
Step = Callable[[Candidate, Circumstances], Decision | None]


def inhibit_embargoed(candidate: Candidate, at: Circumstances) -> Decision | None:
    """An alert on embargoed copy waits for its hour; without a date, for a revision or an operator's release."""
    if candidate.undated_embargo:
        return Decision(State.HELD, "under embargo without a date; `wirefeed notifications release` lets it go", HeldFor.EMBARGO)
    until = candidate.embargoed_until
    if until is None or until <= at.now:
        return None
    return Decision(State.HELD, f"under embargo until {until:%Y-%m-%d %H:%M:%S} UTC", HeldFor.EMBARGO, until)


def inhibit_old(candidate: Candidate, at: Circumstances) -> Decision | None:
    """Nobody is paged for old news; its age counts from publication, or from the end of its embargo."""
    moments = [moment for moment in (candidate.published_at, candidate.embargoed_until) if moment is not None]
    if not moments or at.now - max(moments) <= at.max_age:
        return None
    return Decision(State.EXPIRED, f"published more than {at.max_age.total_seconds() / 3600:g} hours ago")


def active_times(candidate: Candidate, at: Circumstances) -> Decision | None:
    """Outside a subscriber's active hours everything waits for them."""
    subscriber = candidate.subscriber
    if not subscriber.active_hours:
        return None
    if any(ends(at.now, active.hours, active.days, subscriber.time_zone) for active in subscriber.active_hours):
        return None
    starts = min(begins(at.now, active.hours, active.days, subscriber.time_zone) for active in subscriber.active_hours)
    return Decision(State.HELD, "outside active hours", HeldFor.INACTIVE, starts)


def quiet_times(candidate: Candidate, at: Circumstances) -> Decision | None:
    """An alert in quiet hours waits for their end, unless it is severe enough to break through."""
    subscriber = candidate.subscriber
    for quiet in subscriber.quiet_hours:
        over = ends(at.now, quiet.hours, quiet.days, subscriber.time_zone)
        if over is not None and candidate.severity < quiet.except_severity:
            return Decision(State.HELD, f"quiet hours {quiet.hours} {subscriber.time_zone}", HeldFor.QUIET, over)
    return None


def silenced(candidate: Candidate, at: Circumstances) -> Decision | None:
    """An alert that a silence covers waits for its end."""
    for silence in at.silences:
        if silence.starts_at <= at.now < silence.ends_at and silence.covers(
            subscriber=candidate.subscriber.name, story_id=candidate.story_id, rules=candidate.rules,
            provider=candidate.provider, countries=candidate.countries,
        ):  # fmt: skip
            detail = f"silenced by {silence.author}: {silence.reason} (silence {silence.id})"
            return Decision(State.HELD, detail, HeldFor.SILENCE, silence.ends_at)
    return None


def digested(candidate: Candidate, at: Circumstances) -> Decision | None:
    """What is not urgent waits for the subscriber's next digest."""
    subscriber, digest = candidate.subscriber, candidate.subscriber.digest
    if digest is None or candidate.digested or candidate.severity > digest.max_severity:
        return None
    due = min(next_time(at.now, clock, subscriber.time_zone) for clock in digest.at)
    return Decision(State.HELD, "waits for the digest", HeldFor.DIGEST, due)


def rationed(candidate: Candidate, at: Circumstances) -> Decision | None:
    """What is above the subscriber's limit waits for the summary: a storm is never silence."""
    limit = candidate.subscriber.rate_limit
    if limit is None or candidate.digested:
        return None
    due = at.rations.take(candidate.subscriber.name, limit.per_minute)
    if due is None:
        return None
    return Decision(State.HELD, f"above {limit.per_minute} messages a minute; waits for a summary", HeldFor.RATE, due)


#: inhibit → active times → quiet times → silence → deliver, at its pace → log. What repeats has been left out by `reasons`.
POLICY: tuple[Step, ...] = (
    inhibit_embargoed,
    inhibit_old,
    active_times,
    quiet_times,
    silenced,
    digested,
    rationed,
)


def decide(candidate: Candidate, at: Circumstances) -> Decision:
    """Take a candidate through the steps."""
    if candidate.reason in EXEMPT:
        return DELIVER
    for step in POLICY:
        decision = step(candidate, at)
        if decision is not None:
            return decision
    return DELIVER
