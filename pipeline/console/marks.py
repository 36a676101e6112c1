"""What an editor must see beside a headline before using it: killed, held, corrected, under embargo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.console.rows import Mark
from pipeline.messages import Relation, Signal, Status
from pipeline.store.standing import GONE, Standing, embargoed_without_date

_SINCE = {
    Standing.WITHDRAWN: "withdrawn",
    Standing.HELD: "held",
    Standing.CORRECTED: "corrected since",
    Standing.DOUBTED: "a kill or correction may mean this",
}


@dataclass(frozen=True)
class Marked:
    """What a dispatch's marks are made of."""

    relation: str
    status: str
    signal: str
    embargoed_until: datetime | None

    def marks(self, standing: Standing, now: datetime) -> list[Mark]:
        """Say what must be known of it now, given how it stands.

        >>> Marked("new", "usable", "new", None).marks(Standing.WITHDRAWN, datetime.now())
        [Mark(kind='withdrawn', text='withdrawn')]
        """
        found: list[Mark] = []
        if self.relation == Relation.WITHDRAWAL:
            found.append(self._notice(standing))
        elif standing in _SINCE:
            copied = self.relation == Relation.DUPLICATE and standing in GONE
            found.append(Mark(kind=standing.value, text=f"copy of what is {_SINCE[standing]}" if copied else _SINCE[standing]))
        if self.relation == Relation.CORRECTION:
            found.append(Mark(kind="correction", text="correction"))
        if self.embargoed_until is not None and self.embargoed_until > now:
            found.append(Mark(kind="embargo", text=f"embargoed until {self.embargoed_until:%d %b %H:%M} UTC"))
        return found

    def _notice(self, standing: Standing) -> Mark:
        over = "" if standing in GONE else ", since released"
        if embargoed_without_date(self.status, self.signal):
            return Mark(kind="embargo", text=f"embargo without a date{over}")
        if self.status == Status.WITHHELD or self.signal == Signal.HOLD:
            return Mark(kind="notice", text=f"hold{over}")
        return Mark(kind="notice", text="kill")


@dataclass(frozen=True)
class Notice:
    """A notice of withdrawal in a story."""

    provider: str
    status: str
    signal: str


def withdrawal_mark(notices: Sequence[Notice], providers: Sequence[str]) -> Mark:
    """Mark a story of which no report stands: one kill outweighs every hold, and agencies that only copied are named.

    ``providers`` are the agencies that the reader may see.

    >>> withdrawal_mark([Notice("afp", "canceled", "kill")], ["afp", "ap"]).text
    'withdrawn by afp; not by ap'
    """
    if notices and all(embargoed_without_date(notice.status, notice.signal) for notice in notices):
        return Mark(kind="embargo", text="embargo without a date")
    held = notices and all(notice.status == Status.WITHHELD or notice.signal == Signal.HOLD for notice in notices)
    standing = Standing.HELD if held else Standing.WITHDRAWN
    who = list(dict.fromkeys(notice.provider for notice in notices if notice.provider in providers))
    others = [provider for provider in providers if provider not in who]
    text = f"{standing.value} by {', '.join(who)}; not by {', '.join(others)}" if who and others else standing.value
    return Mark(kind=standing.value, text=text)
