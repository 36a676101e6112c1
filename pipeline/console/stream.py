"""Server-sent streams: one look at the store for all who listen, and a cursor with which each resumes without a gap.

The cursor is ``seq-released``: the last dispatch in the order of storing, and the time up to which ends of embargoes have been
told. A reader who may not see embargoed copy gets a dispatch when its embargo ends, whatever came in between.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

import structlog
from sqlalchemy import Connection, Row
from starlette.concurrency import run_in_threadpool

from pipeline.console.discretion import Followed, with_followed
from pipeline.console.roles import Grant
from pipeline.messages import Relation
from pipeline.store import schema
from pipeline.store.database import Store, StoreError
from pipeline.store.notices import concerned
from pipeline.store.numbers import settled_seq
from pipeline.store.standing import NOTICES, Standing, embargoed_without_date, read_standings

log = structlog.get_logger(__name__)

#: Seconds between two looks at the store.
INTERVAL = 0.25
#: Seconds after which a silent stream says that it lives, so that proxies keep it open and dead clients are noticed.
HEARTBEAT = 15.0
# Items that are kept for streams which are a little behind; one that is further behind reads the store.
_KEPT = 2000
_FETCH = 500
_READ = ("seq", "id", "provider", "severity", "embargoed_until", "document", "status", "signal", "relation", "story_id", "current")
_READING = with_followed(*(schema.dispatches.c[name] for name in _READ))
_CURSOR = re.compile(r"^(\d{1,18})(?:-(\d{1,17}))?$", re.ASCII)


@dataclass(frozen=True)
class Cursor:
    """How far a stream has come."""

    seq: int
    released_at: datetime

    @classmethod
    def parse(cls, text: str, now: datetime) -> Cursor:
        """Read a cursor or a bare seq; raises ValueError for anything else.

        >>> Cursor.parse("7", datetime(2026, 3, 1, tzinfo=UTC))
        Cursor(seq=7, released_at=datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc))
        """
        match = _CURSOR.match(text.strip())
        if match is None:
            raise ValueError(f"Last-Event-ID {text[:60]!r} is none of ours; leave it out to begin with what comes next")
        released = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(match[2])) if match[2] else now
        return cls(int(match[1]), released)

    def __str__(self) -> str:
        return f"{self.seq}-{(self.released_at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)}"


@dataclass
class Item:
    """A stored event as streams pass it on."""

    seq: int
    provider: str
    severity: int | None
    embargoed_until: datetime | None
    document: str
    undated: bool = False
    """Under an embargo that names no time."""
    followed: Followed | None = None
    """The dispatch that its verdict speaks of."""
    standings: dict[str, Standing] | None = None
    """Where it is no dispatch but says how earlier ones stand, by their ids."""
    order: int = 0
    rendered: dict[str, str] = field(default_factory=dict)
    """What each kind of stream says about it: made once for all who listen."""


@dataclass
class Hub:
    """Looks at the store while anybody listens, and keeps the newest items for all of them."""

    store: Store
    listeners: int = 0
    closed: bool = False
    cursor: Cursor | None = None
    _items: deque[Item] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _order: int = 0
    _turn: asyncio.Event = field(default_factory=asyncio.Event)
    _looking: asyncio.Task[None] | None = None

    async def listen(self, given: Cursor | None, grant: Grant) -> AsyncIterator[tuple[Cursor, Item | None]]:
        """Yield what a grant may see behind a cursor, or from now on; None as item is the beat of a silent stream."""
        self.listeners += 1
        try:
            await self._start()
            assert self.cursor is not None  # noqa: S101 - set by the first look
            cursor, order = self.cursor, self._order
            yield given or cursor, None
            if given is not None:
                async for at, item in self._catch_up(given, cursor, grant):
                    yield at, item
            while not self.closed:
                # Taken together, before anything is sent: what comes in meanwhile belongs to the next turn.
                turn, horizon, fresh = (
                    self._turn,
                    self.cursor.released_at if self.cursor else cursor.released_at,
                    self._behind(order),
                )
                if fresh is None:
                    return  # too slow for what is kept: the client comes again with its cursor
                for item in fresh:
                    order = item.order
                    # What says how earlier dispatches stand goes before the notice itself, which the cursor then covers.
                    if item.standings is None:
                        cursor = Cursor(max(cursor.seq, item.seq), cursor.released_at)
                    if self._visible(item, grant):
                        yield cursor, item
                cursor = Cursor(cursor.seq, max(cursor.released_at, horizon))
                try:
                    await asyncio.wait_for(turn.wait(), HEARTBEAT)
                except TimeoutError:
                    yield cursor, None
        finally:
            self.listeners -= 1

    def _behind(self, order: int) -> list[Item] | None:
        """Items behind a place in the order; None where some are no longer kept."""
        if self._items and order < self._items[0].order - 1:
            return None
        return list(takewhile(lambda item: item.order > order, reversed(self._items)))[::-1]

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        self._wake()

    async def _start(self) -> None:
        if self.cursor is None:
            now = datetime.now(UTC)
            newest = await run_in_threadpool(self._newest)
            self.cursor = self.cursor or Cursor(newest, now)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while self.listeners and not self.closed:
            try:
                cursor, items = await run_in_threadpool(self._read_behind, self.cursor)
            except Exception as error:
                if not isinstance(error, StoreError):
                    log.exception("streams cannot look at the store, they try again")
                await asyncio.sleep(4 * INTERVAL)  # streams stay open and go on when the store is back
                continue
            self.cursor = cursor
            for item in items:
                self._order += 1
                item.order = self._order
                self._items.append(item)
            if items:
                self._wake()
            await asyncio.sleep(0 if len(items) >= _FETCH else INTERVAL)
        # Without listeners nothing is read: the next one begins with a fresh look.
        self.cursor = None
        self._items.clear()

    def _wake(self) -> None:
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    def _newest(self) -> int:
        with self.store.reading() as connection:
            return settled_seq(connection)

    def _read_behind(self, cursor: Cursor | None) -> tuple[Cursor, list[Item]]:
        assert cursor is not None  # noqa: S101 - set before the first look
        with self.store.reading() as connection:
            return read_behind(connection, cursor, datetime.now(UTC))

    async def _catch_up(self, given: Cursor, until: Cursor, grant: Grant) -> AsyncIterator[tuple[Cursor, Item | None]]:
        cursor = given
        while cursor.seq < until.seq or cursor.released_at < until.released_at:
            following, items = await run_in_threadpool(self._read_behind, cursor)
            for item in items:
                if item.seq <= until.seq and self._visible(item, grant):
                    passed = cursor.seq if item.standings is not None else max(cursor.seq, item.seq)
                    yield Cursor(passed, cursor.released_at), item
            if not items and following.seq == cursor.seq:
                return
            cursor = following

    @staticmethod
    def _visible(item: Item, grant: Grant) -> bool:
        return grant.sees(item.provider, item.embargoed_until, datetime.now(UTC), undated=item.undated)


def read_behind(connection: Connection, cursor: Cursor, now: datetime) -> tuple[Cursor, list[Item]]:
    """Read what was stored behind a cursor, and what was under embargo at it and no longer is, in the order of storing."""
    table = schema.dispatches
    rows, released_at = _released(connection, cursor, now)
    if released_at is None:
        settled = settled_seq(connection)
        fresh = _READING.where(table.c.seq > cursor.seq, table.c.seq <= settled).order_by(table.c.seq).limit(_FETCH)
        rows += connection.execute(fresh).all()
    # Of many notices about one story in one look, the last says it for all.
    last = {(row.story_id, row.relation): row.seq for row in rows if row.relation in NOTICES and row.current}
    items: list[Item] = []
    for row in rows:
        if last.get((row.story_id, row.relation)) == row.seq:
            items += _standing(connection, row, now)
        items.append(_item(row))
    return Cursor(max(cursor.seq, items[-1].seq) if items else cursor.seq, released_at or max(now, cursor.released_at)), items


def _released(connection: Connection, cursor: Cursor, now: datetime) -> tuple[list[Row[Any]], datetime | None]:
    """Read what has been released since a cursor, in the order of storing; the time up to which that is, where there is more."""
    table = schema.dispatches
    ended = table.c.embargoed_until
    query = _READING.where(table.c.seq <= cursor.seq)
    found = connection.execute(
        query.where(ended > cursor.released_at, ended <= now).order_by(ended, table.c.seq).limit(_FETCH)
    ).all()
    more = None
    if len(found) == _FETCH:  # the last moment may go on behind the limit: it belongs to the next look, unless it is all there is
        more = found[-1].embargoed_until
        before = [row for row in found if row.embargoed_until < more]
        found = before or connection.execute(query.where(ended == more)).all()
        more = found[-1].embargoed_until
    return sorted(found, key=lambda row: row.seq), more


def _item(row: Any) -> Item:
    undated = embargoed_without_date(row.status, row.signal)
    return Item(row.seq, row.provider, row.severity, row.embargoed_until, row.document, undated, Followed.of(row))


def _standing(connection: Connection, row: Any, now: datetime) -> list[Item]:
    """What a withdrawal or a correction means for earlier dispatches of its story.

    A withdrawal is told to all who may see its agency, even where the notice itself is under embargo.
    """
    stories = {row.story_id, *concerned(connection, row.id)}
    try:
        known = read_standings(connection, stories, released_at=now)
    except ValueError:  # one document that cannot be read must not end every stream
        log.exception("how earlier dispatches stand cannot be told", dispatch=row.id)
        return []
    until = None if row.relation == Relation.WITHDRAWAL else row.embargoed_until
    return [Item(row.seq, row.provider, None, until, "", standings=known)] if known else []


def frame(cursor: Cursor, event: str, data: str) -> str:
    r"""Write a server-sent event; data of several lines become one.

    >>> frame(Cursor(1, datetime.fromtimestamp(0, UTC)), "event", "{}")
    'id: 1-0\nevent: event\ndata: {}\n\n'
    """
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"id: {cursor}\nevent: {event}\n{lines}\n"
