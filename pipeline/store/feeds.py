"""The record of feeds and their gaps, kept in the transaction of the events that it counts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, exists, false, or_, select, tuple_, update

from pipeline.messages import Event, Relation
from pipeline.stages.parse.profile import Profiles
from pipeline.store.feeds_schema import feeds, gaps
from pipeline.store.numbering import Hole, Line, Rule
from pipeline.store.silence import Baseline
from pipeline.store.upsert import insert_missing, upsert

#: How often feeds are looked at.
REVIEW_EVERY = timedelta(minutes=1)
# How long a hole can be filled before it is given up.
_GIVEN_UP = timedelta(days=7)
# Services are named by the wire: one that has brought nothing for so long, by the newest of all, is forgotten, and of many those
# that were silent for longest. Each is looked at every minute.
_FORGOTTEN, _MOST = timedelta(days=30), 5000
_KEY = ("provider", "service")


@dataclass
class _State:
    """What a row's ``state`` holds."""

    line: Line = field(default_factory=Line)
    baseline: Baseline = field(default_factory=Baseline)


_STATE = TypeAdapter(_State)


@dataclass(frozen=True)
class Finding:
    """Something that operators are to be told of a feed; ``cause`` names it once and for ever."""

    provider: str
    service: str
    cause: str
    text: str


@dataclass
class _Feed:
    """A row of ``feeds`` at work."""

    provider: str
    service: str
    rule: str
    zone: str
    state: _State
    reviewed_at: datetime
    last_received_at: datetime
    changed: list[Hole] = field(default_factory=list)

    @property
    def tzinfo(self) -> tzinfo:
        return ZoneInfo(self.zone)

    def numbering(self) -> Rule | None:
        return Rule.parse(self.rule, self.tzinfo)

    def row(self) -> dict[str, Any]:
        rule, newest = self.numbering(), self.state.line.newest
        return {
            "provider": self.provider,
            "service": self.service,
            "rule": self.rule,
            "zone": self.zone,
            "last_received_at": self.last_received_at,
            "last_sequence": str(rule.shown(newest)) if rule and newest is not None else None,
            "numbered": self.state.line.numbered,
            "silent_since": self.state.baseline.silent_since,
            "reviewed_at": self.reviewed_at,
            "state": _STATE.dump_json(self.state).decode(),
        }


class FeedBook:
    """Notes what each service of each agency brings; profiles say how agencies number."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    def note(self, connection: Connection, events: Sequence[Event]) -> None:
        """Count events and copies within the caller's transaction; each event once."""
        received: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in events:
            received[event.dispatch.provider, event.dispatch.service or ""].append(event)
        if not received:
            return
        opened = self._open(connection, received)
        for feed in opened:
            _count(feed, received[feed.provider, feed.service])
        _save(connection, opened)

    def _open(self, connection: Connection, received: dict[tuple[str, str], list[Event]]) -> list[_Feed]:
        """Lock the rows, in one order for every writer, making those that are missing."""
        keys = sorted(received)
        found = {(feed.provider, feed.service): feed for feed in _lock(connection, keys)}
        missing = [key for key in keys if key not in found]
        if not missing:
            return list(found.values())
        fresh = [self._fresh(key, received[key][0].dispatch.received_at) for key in missing]
        insert_missing(connection, feeds, _KEY, [feed.row() for feed in fresh])
        return _lock(connection, keys)

    def _fresh(self, key: tuple[str, str], at: datetime) -> _Feed:
        profile = self._profiles.find(key[0])
        rule, zone = (profile.sequence, profile.zone) if profile else ("", "UTC")
        return _Feed(*key, rule, zone, _State(), at, at)


def review_due(connection: Connection) -> datetime | None:
    """When feeds are to be looked at next; None where there are none."""
    oldest = connection.execute(select(feeds.c.reviewed_at).order_by(feeds.c.reviewed_at).limit(1)).scalar()
    return oldest + REVIEW_EVERY if oldest else None


def review(connection: Connection, now: datetime, grace: timedelta, shortest: timedelta) -> list[Finding]:
    """Look for holes whose grace has passed and for silences; each is found once."""
    _forget(connection)
    opened = _lock(connection)
    findings: list[Finding] = []
    for feed in opened:
        baseline, line, zone = feed.state.baseline, feed.state.line, feed.tzinfo
        feed.reviewed_at = now
        baseline.look(now, zone)
        since = baseline.silence(now, zone, shortest)
        if since is not None and baseline.silent_since is None:
            baseline.silent_since = since
            text = f"{_name(feed)} has been silent since {since:%Y-%m-%d %H:%M} UTC, unusual at this hour; see its source and line"
            findings.append(Finding(feed.provider, feed.service, f"silence:{since.isoformat()}", text))
        overdue = line.overdue(now, grace)
        if overdue:
            findings.append(_missing(feed, overdue))
        feed.changed += overdue
        line.holes = [hole for hole in line.holes if now - hole.noticed_at < _GIVEN_UP]
    _save(connection, opened)
    lost = update(gaps).where(gaps.c.state == "open", gaps.c.noticed_at <= now - _GIVEN_UP)
    connection.execute(lost.values(state="lost"))
    return findings


def _forget(connection: Connection) -> None:
    """Let go of services that are no more, with their gaps, and of gaps that were closed or given up long ago."""
    received = feeds.c.last_received_at
    newest_first = select(received).order_by(received.desc())
    newest = connection.execute(newest_first.limit(1)).scalar()
    if newest is None:
        return
    excess = connection.execute(newest_first.offset(_MOST).limit(1)).scalar()
    too_many = received <= excess if excess is not None else false()
    gone = connection.execute(delete(feeds).where(or_(received < newest - _FORGOTTEN, too_many))).rowcount
    if gone:
        connection.execute(
            delete(gaps).where(~exists().where(feeds.c.provider == gaps.c.provider, feeds.c.service == gaps.c.service))
        )
    connection.execute(delete(gaps).where(gaps.c.state != "open", gaps.c.noticed_at < newest - _FORGOTTEN))


def read_feeds(connection: Connection) -> list[dict[str, Any]]:
    """Read how complete feeds are: last item and number, silence, and their open gaps."""
    open_gaps: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for gap in connection.execute(select(gaps).where(gaps.c.state == "open").order_by(gaps.c.noticed_at, gaps.c.first)):
        missing = sum(last - first + 1 for first, last in json.loads(gap.missing))
        known = {"numbers": gap.numbers, "missing": missing, "noticed_at": gap.noticed_at, "reported_at": gap.reported_at}
        open_gaps[gap.provider, gap.service].append(known)
    names = ("provider", "service", "rule", "last_received_at", "last_sequence", "numbered", "silent_since")
    rows = connection.execute(select(*(feeds.c[name] for name in names)).order_by(feeds.c.provider, feeds.c.service)).mappings()
    return [
        {**row, "missing": sum(gap["missing"] for gap in known), "gaps": known}
        for row in rows
        for known in [open_gaps[row["provider"], row["service"]]]
    ]


def _count(feed: _Feed, events: Sequence[Event]) -> None:
    rule, line = feed.numbering(), feed.state.line
    for event in events:
        at = event.dispatch.received_at
        feed.state.baseline.item(at, feed.tzinfo)
        feed.last_received_at = max(feed.last_received_at, at)
        number = rule.number(event.dispatch.sequence) if rule else None
        if rule is None or number is None:
            continue
        repeated = event.story is not None and event.story.relation is Relation.DUPLICATE
        feed.changed += line.observe(rule, number, at, event.dispatch.published_at, repeated=repeated)
    if line.numbered:
        feed.changed += line.holes


def _missing(feed: _Feed, holes: Sequence[Hole]) -> Finding:
    rule = feed.numbering()
    assert rule is not None  # noqa: S101 - a feed without a rule has no holes
    stretches = [rule.span(first, last) for hole in holes for first, last in hole.missing]
    number = sum(hole.size for hole in holes)
    shown = ", ".join(stretches[:20]) + (" …" if len(stretches) > 20 else "")
    text = (
        f"{_name(feed)}: {number} missing since {holes[0].noticed_at:%Y-%m-%d %H:%M} UTC: {shown}; "
        "see dead letters, or ask the agency to send them again"
    )
    return Finding(feed.provider, feed.service, f"gap:{holes[0].first}:{holes[0].noticed_at.isoformat()}", text)


def _name(feed: _Feed) -> str:
    return f"feed {feed.provider} {feed.service}".rstrip()


def _lock(connection: Connection, keys: Sequence[tuple[str, str]] | None = None) -> list[_Feed]:
    query = select(feeds).order_by(feeds.c.provider, feeds.c.service).with_for_update()
    if keys is not None:
        query = query.where(tuple_(feeds.c.provider, feeds.c.service).in_(keys))
    return [
        _Feed(
            row.provider, row.service, row.rule, row.zone, _STATE.validate_json(row.state), row.reviewed_at, row.last_received_at
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _save(connection: Connection, opened: Sequence[_Feed]) -> None:
    upsert(connection, feeds, _KEY, [feed.row() for feed in opened])
    changed = [_gap_row(feed, rule, hole) for feed in opened if (rule := feed.numbering()) for hole in feed.changed]
    upsert(connection, gaps, [*_KEY, "first", "noticed_at"], changed)


def _gap_row(feed: _Feed, rule: Rule, hole: Hole) -> dict[str, Any]:
    values = asdict(hole)
    return {
        **values,
        "provider": feed.provider,
        "service": feed.service,
        "numbers": rule.span(hole.first, hole.last),
        "missing": json.dumps(hole.missing),
        "state": "closed" if hole.closed_at else "open",
    }
