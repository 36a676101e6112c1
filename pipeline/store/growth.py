"""Stories grow: a summary is brought up to what was stored just now without reading all of the story's dispatches again.

That is so where the outcome is that of `refresh_stories`: what came is the newest of its story, and what was there stands as
before. Where it is not, the story is computed anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection, select

from pipeline.messages import Relation, Status
from pipeline.store import schema
from pipeline.store.lookup import rows_among
from pipeline.store.stories import SUMMARISED, Summarised, count_copies, read_summaries, refresh_stories, summary
from pipeline.store.upsert import Row, insert_missing, upsert

_summarised = itemgetter(*SUMMARISED)
_received_at = attrgetter("received_at")
# Looked up once: they are compared with for every dispatch.
_COPY, _WITHDRAWAL, _USABLE = Relation.DUPLICATE.value, Relation.WITHDRAWAL.value, Status.USABLE.value


def grow_stories(connection: Connection, stored: Sequence[Row], copied: Collection[str], anew: Collection[str]) -> None:
    """Bring summaries up to the rows of dispatches that were ``stored`` just now, in the order of storing.

    ``copied`` are the stories of copies that were noted, ``anew`` those whose earlier dispatches may stand otherwise.
    """
    added: dict[str, list[Summarised]] = defaultdict(list)
    for row in stored:
        added[row["story_id"]].append(Summarised._make(_summarised(row)))
    touched = sorted((added.keys() | set(copied)) - set(anew))
    known = read_summaries(connection, touched)
    copies = count_copies(connection, [story_id for story_id in touched if story_id in copied or story_id not in known])
    again, begun, grown = set(anew), [], []
    for story_id in touched:
        came, before = sorted(added[story_id], key=_received_at), known.get(story_id)
        if any(map(_unsettles, came)) or (before and came and came[0].received_at < before.last_received_at):
            again.add(story_id)
        elif before is not None:
            grown.append((before, came, copies.get(story_id, 0) if story_id in copied else before.copies))
        elif came:
            begun.append(summary(story_id, came, copies.get(story_id, 0), {}))
    if insert_missing(connection, schema.stories, ["id"], begun) < len(begun):
        again |= {row["id"] for row in begun}  # another sink has begun one of them at the same moment
    aside = [before.id for before, came, _ in grown if came and not any(map(_leads, came))]
    steady = _with_headline(connection, aside)
    again |= {story_id for story_id in aside if story_id not in steady}
    upsert(connection, schema.stories, ["id"], [_grown(*each) for each in grown if each[0].id not in again])
    refresh_stories(connection, again)


def _leads(row: Summarised) -> bool:
    """Whether it may stand for its story: copies and versions that came late do not."""
    return row.current and row.relation != _COPY


def _unsettles(row: Summarised) -> bool:
    """Whether it may change how earlier dispatches stand without itself being the one to show."""
    return row.relation == _WITHDRAWAL or (_leads(row) and not (row.status == _USABLE and row.headline))


def _with_headline(connection: Connection, story_ids: Sequence[str]) -> set[str]:
    """Those of the stories that have a dispatch to show, so that copies and late versions do not stand in for it."""
    table = schema.dispatches
    shown = table.c.current & (table.c.relation != _COPY) & (table.c.status == _USABLE)
    query = select(table.c.story_id).distinct().where(shown, table.c.headline != "")
    return {row.story_id for row in rows_among(connection, query, table.c.story_id, story_ids)}


def _grown(before: Any, came: Sequence[Summarised], copied: int) -> Row:
    """The summary after what came, all of it received after what was there."""
    leading = [row for row in came if _leads(row)]
    severities = [each for each in (before.severity, *(row.severity for row in leading)) if each is not None]
    shown = leading[-1] if leading else before
    return {
        "id": before.id,
        "headline": shown.headline,
        "language": shown.language,
        "status": "open" if leading else before.status,
        "severity": max(severities, default=None),
        "dispatches": before.dispatches + sum(row.relation != _COPY for row in came),
        "copies": copied,
        "providers": " ".join(dict.fromkeys([*before.providers.split(), *(row.provider for row in came)])),
        "first_received_at": before.first_received_at,
        "last_received_at": came[-1].received_at if came else before.last_received_at,
    }
