"""By-lines that stand as a line of text: ``By ADA EXAMPLE, Associated Press``, ``Von Ada Beispiel, dpa``, ``ADA EXAMPLE, AFP``."""

from __future__ import annotations

import re

from pipeline.stages.parse.profile import Profiles

LONGEST = 140
_OPENER = re.compile(
    r"(?:By|BY|Par|PAR|Von|VON|Por|POR|Di|DI|Da|Door|DOOR|Av|AV|Af|AF|Od|OD|От|Автор:?|Από τ(?:ον|ην|ους)"
    r"|Tekst(?: og foto)?:|Text(?: och foto)?:)\s+(?=\S)"
)
_MAY_BEGIN = re.compile(r"\s*(?:by|par|von|por|d|av|af|od|от|автор|από|te[kx]st)", re.IGNORECASE)
#: What may stand in small letters between names, or between a name and an office.
_JOINING = frozenset(
    [
        "and",
        "und",
        "et",
        "y",
        "e",
        "i",
        "og",
        "och",
        "en",
        "ja",
        "ve",
        "with",
        "mit",
        "avec",
        "con",
        "for",
        "the",
        "of",
        "at",
        "in",
        "bei",
        "de",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "del",
        "da",
        "do",
        "dos",
        "das",
        "di",
        "du",
        "el",
        "al",
        "bin",
        "ibn",
        "ben",
    ]
)
_END = re.compile(r"[.!?:;»”\"]\s*$")
#: Characters of what ``_INITIAL`` finds at the end of a line.
_LONGEST_INITIAL = 3
_INITIAL = re.compile(r"(?:^|\s)\w\.$|\b(?:Jr|Sr)\.$")
_AGENCY = re.compile(r"(?P<names>[^\W\d_][^,|/\d]{3,80}?)\s*(?:,|\||/|\s[-–—])\s*(?P<agency>[^\W\d_][\w .&'-]{1,40})")


def is_byline(line: str, profiles: Profiles) -> bool:
    """Whether a line names who wrote, and does nothing else.

    >>> from pipeline.stages.parse.profile import load_profiles
    >>> known = load_profiles()
    >>> [is_byline(line, known) for line in ("By ADA EXAMPLE and Bo EXEMPEL, Associated Press", "By Monday the harbour was closed")]
    [True, False]
    >>> is_byline("Ada Example, The Canadian Press", known), is_byline("Valdora, Elysia", known)
    (True, False)
    """
    if not (_MAY_BEGIN.match(line) or "," in line or "|" in line or "/" in line or "-" in line or "–" in line):
        return False
    line = " ".join(line.split()).rstrip("=< ")
    if not 5 <= len(line) <= LONGEST or (_END.search(line) and not _INITIAL.search(line, max(0, len(line) - _LONGEST_INITIAL))):
        return False
    opener = _OPENER.match(line)
    if opener:
        names, _, office = line[opener.end() :].partition(",")
        return _are_names(names) or (not office and profiles.find(names.split(" ")[0]) is not None)
    credited = _AGENCY.fullmatch(line)
    return (
        credited is not None and 2 <= len(credited["names"].split()) <= 9 and profiles.find(credited["agency"]) is not None
        and _are_names(credited["names"])
    )  # fmt: skip


def agency_of_byline(line: str, profiles: Profiles) -> str | None:
    """Name of the agency for which the writers of a by-line write; None where it names none that is known.

    >>> from pipeline.stages.parse.profile import load_profiles
    >>> agency_of_byline("By ADA EXAMPLE, Associated Press", load_profiles())
    'Associated Press'
    """
    credited = _AGENCY.fullmatch(" ".join(line.split()).rstrip("=< "))
    return credited["agency"] if credited is not None and profiles.find(credited["agency"]) else None


def _are_names(text: str) -> bool:
    words = [word for word in re.split(r"[\s/&]+", text.strip(" ()")) if word]
    if not words or not (words[0][:1].isupper() or words[0].lower() == words[0].upper()):
        return False
    return all(
        word.lstrip("(\"'’")[:1].isupper() or word.casefold() in _JOINING or not word[:1].isalpha() for word in words
    ) and any(word[:1].isupper() and len(word) > 1 for word in words)
