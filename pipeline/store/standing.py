"""What has become of a dispatch since it came: whether it still stands, or was corrected, held back or withdrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, case, select

from pipeline.messages import Event, LinkRelation, Relation, Signal, Status
from pipeline.store import schema

ItemKey = tuple[str, str]
"""Agency and item id."""


class Standing(StrEnum):
    """Whether a dispatch may still be relied on."""

    STANDS = "stands"
    DOUBTED = "doubted"
    """A withdrawal or correction may mean it: its words did not tell."""
    CORRECTED = "corrected"
    HELD = "held"
    WITHDRAWN = "withdrawn"


#: Nobody may use these.
GONE = frozenset((Standing.HELD, Standing.WITHDRAWN))
#: Relations that change how an earlier dispatch stands.
NOTICES = (Relation.WITHDRAWAL.value, Relation.CORRECTION.value)


@dataclass(frozen=True)
class Member:
    """What counts of a dispatch of a story."""

    id: str
    item: ItemKey
    relation: str
    status: str
    signal: str
    current: bool
    of: str | None = None
    named: tuple[ItemKey, ...] = ()
    """Items that a notice of withdrawal names."""


_table = schema.dispatches
#: Columns that `member_of` reads; the document only where it is a notice of withdrawal, whose links count.
MEMBER_COLUMNS = (
    *(_table.c[name] for name in ("id", "provider", "item_id", "relation", "status", "signal", "current", "of_id")),
    case((_table.c.relation == Relation.WITHDRAWAL.value, _table.c.document)).label("notice"),
)


def member_of(row: Any) -> Member:
    """Read a row of `MEMBER_COLUMNS`."""
    named = tuple((row.provider, item) for item in named_items(Event.model_validate_json(row.notice))) if row.notice else ()
    return Member(row.id, (row.provider, row.item_id), row.relation, row.status, row.signal, row.current, row.of_id, named)


def named_items(notice: Event) -> list[str]:
    """Ids of the items, of its agency, that a notice of withdrawal names: by the verdict, and by its own links."""
    linked = [link.item_id for link in notice.dispatch.links if link.rel is LinkRelation.WITHDRAWS and link.item_id]
    return [*(notice.story.withdraws if notice.story else ()), *linked]


def standings(members: Iterable[Member]) -> dict[str, Standing]:
    """Tell how each dispatch of a story stands after all of them.

    They come in the order of storing, which is that of the verdicts: a file's time, which counts as its reception, may be any.
    A withdrawal concerns every version of its item, of the item that it follows and of those that it names, until the item's
    next version that the verdict calls current. A correction concerns the versions before it. A copy stands as what it copies.

    >>> first = Member("a", ("afp", "1"), "new", "usable", "new", True)
    >>> kill = Member("b", ("afp", "2"), "withdrawal", "canceled", "kill", True, of="a")
    >>> standings([first, kill])["a"].value
    'withdrawn'
    """
    known = list(members)
    item_of = {member.id: member.item for member in known}
    state: dict[ItemKey, Standing] = {}
    versions: dict[ItemKey, list[str]] = defaultdict(list)
    corrected: set[str] = set()
    for member in known:
        if member.relation == Relation.DUPLICATE:
            continue
        target = item_of.get(member.of or "")
        if member.current:
            touched = {member.item, target, *member.named} if member.relation == Relation.WITHDRAWAL else {member.item}
            for item in touched - {None}:
                _change(state, item, own_standing(member.relation, member.status, member.signal))
            if member.relation == Relation.CORRECTION:
                corrected |= {*versions[member.item], *(versions[target] if target else ())}
        versions[member.item].append(member.id)
    copies = [member for member in known if member.relation == Relation.DUPLICATE]
    found = {}
    for member in known:
        now = state.get(member.item, Standing.STANDS)
        found[member.id] = Standing.CORRECTED if now is Standing.STANDS and member.id in corrected else now
    return found | {copy.id: found[copy.of] for copy in copies if copy.of in found}


def _change(state: dict[ItemKey, Standing], item: ItemKey | None, standing: Standing) -> None:
    if item is not None and not (standing is Standing.HELD and state.get(item) is Standing.WITHDRAWN):
        state[item] = standing


def embargoed_without_date(status: str, signal: str) -> bool:
    """Whether a dispatch is under an embargo that names no time: withheld, though its agency does not hold it back as wrong.

    >>> embargoed_without_date("withheld", "new"), embargoed_without_date("withheld", "hold")
    (True, False)
    """
    return status == Status.WITHHELD and signal not in {Signal.KILL, Signal.HOLD}


def own_standing(relation: str, status: str, signal: str) -> Standing:
    """How a dispatch leaves its item when it comes."""
    if relation != Relation.WITHDRAWAL:
        return Standing.STANDS
    held = status == Status.WITHHELD or (status == Status.USABLE and signal == Signal.HOLD)
    return Standing.HELD if held else Standing.WITHDRAWN


def read_standings(
    connection: Connection, story_ids: Collection[str], *, released_at: datetime | None = None
) -> dict[str, Standing]:
    """Tell how the dispatches of some stories stand, by id; those that stand unchanged are left out.

    Notices of other stories count where they name an item, or may mean a dispatch. Withdrawals always count. With
    ``released_at``, a correction under embargo at that time does not: it would be told early.
    """
    found = _by_their_own_story(connection, story_ids, released_at)
    for identifier, standing in _by_others(connection, story_ids):
        if standing in GONE or identifier not in found:
            found[identifier] = standing
    return {identifier: standing for identifier, standing in found.items() if standing is not Standing.STANDS}


def _by_their_own_story(connection: Connection, story_ids: Collection[str], released_at: datetime | None) -> dict[str, Standing]:
    table = schema.dispatches
    noticed = select(table.c.story_id).where(table.c.story_id.in_(story_ids), table.c.relation.in_(NOTICES)).distinct()
    touched = list(connection.execute(noticed).scalars())
    if not touched:
        return {}
    columns = *MEMBER_COLUMNS, table.c.story_id, table.c.embargoed_until
    members: dict[str, list[Member]] = defaultdict(list)
    query = select(*columns).where(table.c.story_id.in_(touched)).order_by(table.c.seq)
    for row in connection.execute(query):
        embargoed = released_at is not None and row.embargoed_until is not None and row.embargoed_until > released_at
        if not embargoed or row.relation == Relation.WITHDRAWAL:
            members[row.story_id].append(member_of(row))
    return {
        identifier: standing
        for story in members.values()
        for identifier, standing in standings(story).items()
        if standing is not Standing.STANDS
    }


def _by_others(connection: Connection, story_ids: Collection[str]) -> list[tuple[str, Standing]]:
    """Dispatches that notices in other stories name; what came after the notice stands again."""
    table, notices = schema.dispatches, schema.notices
    of_item = (table.c.provider == notices.c.provider) & (table.c.item_id == notices.c.subject)
    elsewhere = (notices.c.story_id != table.c.story_id) & (notices.c.standing != Standing.DOUBTED.value)
    notice = table.alias("notice")
    named = select(table.c.id, notices.c.standing).join(notices, of_item & elsewhere)
    named = named.join(notice, (notice.c.id == notices.c.notice_id) & (notice.c.seq > table.c.seq))
    meant = select(table.c.id, notices.c.standing).join(
        notices, (table.c.id == notices.c.subject) & (notices.c.standing == Standing.DOUBTED.value)
    )
    return [
        (row.id, Standing(row.standing))
        for query in (meant, named)
        for row in connection.execute(query.where(table.c.story_id.in_(story_ids)))
    ]
