"""Tables that say whether the feeds are complete."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, String, Table

from pipeline.store.columns import PlainText, UtcTime
from pipeline.store.schema import metadata

feeds = Table(
    "feeds",
    metadata,
    Column("provider", PlainText, nullable=False),
    Column("service", PlainText, nullable=False, comment="empty where the agency names none"),
    Column("rule", String(32), nullable=False, comment="how it numbers, as in the agency's profile; empty = not at all"),
    Column("zone", String(64), nullable=False, comment="IANA time zone whose midnight and hours count"),
    Column("last_received_at", UtcTime, nullable=False),
    Column("last_sequence", PlainText, comment="highest number so far, of the feed's present round"),
    Column("numbered", Boolean, nullable=False, comment="whether its numbers are consecutive, so that a hole is a loss"),
    Column("silent_since", UtcTime, comment="last item before a silence that was reported; null while it flows"),
    Column("reviewed_at", UtcTime, nullable=False, comment="when it was last looked at for holes and silence"),
    Column("state", PlainText, nullable=False, comment="what numbering and baseline need to go on, as JSON"),
    PrimaryKeyConstraint("provider", "service"),
)

gaps = Table(
    "gaps",
    metadata,
    Column("provider", PlainText, nullable=False),
    Column("service", PlainText, nullable=False),
    Column("first", BigInteger, nullable=False, comment="place of the first missing number, rounds of the feed unrolled"),
    Column("last", BigInteger, nullable=False),
    Column("numbers", PlainText, nullable=False, comment="the hole as the agency numbers it"),
    Column("missing", PlainText, nullable=False, comment="first and last place of what is still missing, as JSON"),
    Column("noticed_at", UtcTime, nullable=False),
    Column("reported_at", UtcTime, comment="when operators were told; null while there is grace"),
    Column("closed_at", UtcTime, comment="when the last missing item came"),
    Column("state", String(16), nullable=False, comment="open, closed, or lost when it is given up"),
    PrimaryKeyConstraint("provider", "service", "first", "noticed_at"),
    Index(None, "state", "noticed_at"),
)
