"""How the IPTC's standards since NewsML-G2, and the agencies that follow them, say whether an item may be used."""

from __future__ import annotations

from pipeline.messages import Status

#: By the term in small letters, in both spellings (IPTC NewsCodes, pubstatus).
STATUSES = {"usable": Status.USABLE, "withheld": Status.WITHHELD, "canceled": Status.CANCELED, "cancelled": Status.CANCELED}
