"""Who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Roles, each of which may do what those before it may.

    >>> Role.ADMIN.covers(Role.OPERATOR), Role.READER.covers(Role.OPERATOR)
    (True, False)
    """

    READER = "reader"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what another one may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True)
class Grant:
    """What a token allows its holder."""

    name: str
    role: Role
    providers: tuple[str, ...] | None = None
    """Agencies that may be seen; None = all."""

    def embargo_horizon(self, now: datetime) -> datetime | None:
        """What is under embargo at this time is hidden; None for roles that may see it."""
        return None if self.role.covers(Role.OPERATOR) else now

    def sees(self, provider: str, embargoed_until: datetime | None, now: datetime, *, undated: bool = False) -> bool:
        """Whether a dispatch of an agency may be seen; ``undated`` = under an embargo that names no time."""
        if self.providers is not None and provider not in self.providers:
            return False
        return self.role.covers(Role.OPERATOR) or not (undated or (embargoed_until is not None and embargoed_until > now))


#: Everybody on this machine, where `--no-auth` says so.
LOCAL = Grant("local", Role.ADMIN)
