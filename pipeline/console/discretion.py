"""What a verdict tells of the dispatch that it follows, which a reader may not be allowed to see: it quotes what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from pipeline.console.roles import Grant
from pipeline.messages import Event
from pipeline.store import schema
from pipeline.store.standing import embargoed_without_date

_followed = schema.dispatches.alias("followed")
_NAMES = ("provider", "embargoed_until", "status", "signal")


@dataclass(frozen=True)
class Followed:
    """What decides who may see the dispatch that another one follows."""

    provider: str
    embargoed_until: datetime | None
    undated: bool

    @classmethod
    def of(cls, row: Any) -> Followed | None:
        """Read it from a row of `with_followed`; None where nothing is followed, or it is not stored."""
        if row.followed_provider is None:
            return None
        undated = embargoed_without_date(row.followed_status, row.followed_signal)
        return cls(row.followed_provider, row.followed_embargoed_until, undated)

    def seen_by(self, grant: Grant, now: datetime) -> bool:
        """Whether a grant may see it."""
        return grant.sees(self.provider, self.embargoed_until, now, undated=self.undated)


def with_followed(*columns: Any) -> Select[Any]:
    """Select columns of dispatches, and beside them what `Followed` is read from."""
    table = schema.dispatches
    beside = (_followed.c[name].label(f"followed_{name}") for name in _NAMES)
    return select(*columns, *beside).select_from(table.outerjoin(_followed, _followed.c.id == table.c.of_id))


def shown_to(document: str, followed: Followed | None, grant: Grant, now: datetime) -> str:
    """An event as JSON as a grant may read it; raises ValueError for what is no event."""
    if followed is None or followed.seen_by(grant, now):
        return document
    return without_followed(Event.model_validate_json(document), grant).to_json().decode()


def without_followed(event: Event, grant: Grant) -> Event:
    """Take out of a verdict what it says of the dispatch that it follows."""
    story = event.story
    if story is None:
        return event
    agencies = [name for name in story.providers if grant.providers is None or name in grant.providers]
    shown = {"of": None, "changes": None, "reason": "follows a dispatch that this token may not see", "providers": agencies}
    return event.model_copy(update={"story": story.model_copy(update=shown)})
