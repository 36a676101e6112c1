"""What follows an IPTC 7901 text: the notebook, the part that is not for publication, the desk's sign-off."""

from __future__ import annotations

import re

from pipeline.stages.parse.draft import Draft

_NOTEBOOK = re.compile(r"#{1,2} ?\S.*")
_NOT_FOR_PUBLICATION = re.compile(
    r"not (?:intended )?for publication|nicht zur ver(?:ö|oe)ffentlichung|ne sont pas destin|pas pour publication"
    r"|niet voor publicatie|no para publicar|non destin",
    re.IGNORECASE,
)
_STARS = re.compile(r"\s*(?:\* ?){3,}\s*")
_SIGNOFF = re.compile(
    r"\(?(?:[A-Za-z]{2,6}\\?/[a-zà-ÿ/]{2,12}"
    r"|(?:dpa(?:-\w+)?|ats|sda|afp|apa|belga|kna|epd|sid|ap|rtr|ntb|ritzau|stt|tt)(?: [a-z0-9à-ÿ/.-]{1,9}){1,8}"
    r"|[a-z]{2,4}(?:\s*/\s*[a-z]{2,4}){1,6})\)?"
)
_LONGEST_SIGNOFF = 60
_SENTENCE_END = (".", "!", "?", '"', "”", "»", "“")


def split_notes(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut where the notebook or the part that is not for publication begins."""
    for at, line in enumerate(lines):
        if line.lstrip()[:1] in {"#", "*"} and (_NOTEBOOK.fullmatch(line.strip()) or _announces(line, lines[at + 1 : at + 4])):
            return lines[:at], lines[at:]
        if ("publi" in line or "ffentlich" in line or "destin" in line) and _NOT_FOR_PUBLICATION.search(line):
            return lines[:at], lines[at:]
    return lines, []


def _announces(stars: str, following: list[str]) -> bool:
    """Whether a line of asterisks stands above the words that what follows is not for publication."""
    text = next((line for line in following if line.strip()), "")
    return _STARS.fullmatch(stars) is not None and _NOT_FOR_PUBLICATION.search(text) is not None


def part_signoff(lines: list[str]) -> list[str]:
    """Put a blank line before a sign-off that stands directly below the end of a sentence.

    >>> part_signoff(["It is closed.", " dpa abc yyzz n1 xy", ""])
    ['It is closed.', '', ' dpa abc yyzz n1 xy', '']
    """
    at = next((at for at in range(len(lines) - 1, 0, -1) if lines[at].strip()), 0)
    last = lines[at].strip() if at else ""
    if not lines or not _SIGNOFF.fullmatch(last) or last.endswith(".") or not lines[at - 1].rstrip().endswith(_SENTENCE_END):
        return lines
    return [*lines[:at], "", *lines[at:]]


def split_signoff(found: list[str], draft: Draft) -> list[str]:
    """Take the desk's sign-off from the end of paragraphs."""
    if not found or len(found[-1]) > _LONGEST_SIGNOFF or not _SIGNOFF.fullmatch(found[-1].strip()):
        return found
    draft.put("signoff", found[-1].strip("() ").replace("\\/", "/"), "last line")
    return found[:-1]
