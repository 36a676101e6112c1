"""What an editor must see beside a headline before using it: killed, held, corrected, under embargo."""

from __future__ import annotations

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
