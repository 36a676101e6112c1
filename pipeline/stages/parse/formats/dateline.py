"""The dateline that opens a text: ``CITY, Month D (AGENCY) - ``."""

from __future__ import annotations

import re

#: Words of the longest place, as "Port Vila, Republic of Vanuatu".
_LONGEST_PLACE = 6
_DATELINE = re.compile(
    r"\s*(?P<dateline>(?P<place>[^\W\d_][^()\n]{1,80}?)[ ,]*\((?P<credit>[A-Za-z][\w./& -]{1,30})\))"
    r"\s*(?:[_—–=-]{1,2}|:|(?=[A-ZÄÖÜÉÀ«“\"]))\s*"
)
_DATE = re.compile(
    r"[,\s]+(?:\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{1,2}\.(?:\s?\d{1,2}\.|\s?[^\W\d_]+\.?)"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?|\d{1,2} [^\W\d_]{3,9})\s*$"
)


def split_dateline(text: str) -> tuple[str | None, str | None, str]:
    """Cut a paragraph into its dateline, the agency's credit in it, and the rest; None where it opens without one.

    >>> split_dateline("ROSCOE, South Dakota (AP) _ Robert went broke.")
    ('ROSCOE, South Dakota (AP)', 'AP', 'Robert went broke.')
    >>> split_dateline("BRUXELLES 12/03 (BELGA) = Le parlement")
    ('BRUXELLES 12/03 (BELGA)', 'BELGA', 'Le parlement')
    >>> split_dateline("The party (SPD) said no.")
    (None, None, 'The party (SPD) said no.')
    """
    found = _DATELINE.match(text)
    if found is None:
        return None, None, text
    words = _DATE.sub("", found["place"].strip(" ,")).split()
    lower = sum(word[:1].islower() for word in words)
    if not words or len(words) > _LONGEST_PLACE or not words[0][:1].isupper() or lower > len(words) // 2:
        return None, None, text
    return found["dateline"].strip(), found["credit"], text[found.end() :].strip()
