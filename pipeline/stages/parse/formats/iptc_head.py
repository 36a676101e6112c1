"""The lines above an IPTC 7901 text: tags, headline, byline, up to the equals sign."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile

from pipeline.messages import Signal
from pipeline.stages.parse.words import urgency

#: Lines that a head may have before it is taken for text.
_LONGEST = 16
#: Characters that a tag has fewer of.
_LONGEST_TAG = 40
_BYLINE = re.compile(
    r"(?:By|Von|Par|Door|Por|Di|Da|Av|Af) (?=[A-ZÀ-Þ]|dpa\b|our\b|unser)|(?:BY|VON|PAR) (?=[A-ZÀ-Þ])|Interview: (?=[A-ZÀ-Þ])"
)
_TAGS: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for signal, words in (
        (Signal.KILL, r"KILL\b|ELIMINAR\b|ANNULATION\b|ANNULEE?\b|STORY WITHDRAWN|Achtung Redaktionen: .*zur(?:ü|ue)ckgezogen"),
        (Signal.HOLD, r"HOLD\b|WITHHOLD|WITHHELD"),
        (Signal.CORRECTION, r"CORRECT|CORRECTION|CORRECTIF|RECTIFICATIF|Berichtigung|Berichtigt|KORR\b|Korrektur|CORR\b|Rettelse"),
        (Signal.REPEAT, r"REFILE|RPT\b|REPEAT|REPETITION|Wiederholung|Wdhlg|Wiederholt"),
        (
            Signal.UPDATE,
            r"\d+(?:ST|ND|RD|TH) (?:LEAD|UPDATE|ADD)|LEAD\b|UPDATE\b|Zusammenfassung|ZF\b|Neu:|Aktualisiert|WRAP|ROUNDUP|SYNTHESE",
        ),
        (Signal.ADVISORY, r"ADVISORY|Achtung Redaktionen|AVIS\b|Programmhinweis|Terminhinweis"),
    )
)


#: What a desk says of its copy in a line that ends as a headline does, above the headline.
_REMARK = re.compile(
    r"((?:Sperrfrist|Sperrvermerk|Embargo|EMBARGO|Berichtigung|REFILE|RPT|REPEAT|CORRECT(?:ED|ION|S))\b.{0,80}?)\s*="
)


@dataclass
class Head:
    """What stands above a text."""

    headline: str | None = None
    byline: str | None = None
    tags: list[str] = field(default_factory=list)
    signals: set[Signal] = field(default_factory=set)


def read_head(lines: list[str]) -> tuple[Head, list[str]]:
    """Split a text's lines into its head and the rest.

    >>> head, rest = read_head(["1ST LEAD", "Minister resigns", "after vote =", "", "Bonn (dpa) - A"])
    >>> head.headline, sorted(head.signals), rest
    ('Minister resigns after vote', [<Signal.UPDATE: 'update'>], ['', 'Bonn (dpa) - A'])
    """
    head = Head()
    lines = _below_remarks(lines, head)
    end = _end_of(lines)
    titles = _without_tags(_without_signs(lines[:end]), head)
    head.byline, titles = _byline(titles)
    head.headline = " ".join(titles) or None
    if head.byline is None:
        head.byline, end = _byline_below(lines, end)
    for tag in head.tags:
        head.signals |= {signal for signal, words in _TAGS if words.search(tag)}
    return head, lines[end:]


def _below_remarks(lines: list[str], head: Head) -> list[str]:
    """Take lines of remarks off the top, as long as a headline of its own stands below them."""
    block = list(takewhile(str.strip, lines[:_LONGEST]))
    for at, line in enumerate(block):
        remark = _REMARK.fullmatch(line.strip())
        if remark is None or not any(map(_ends_head, block[at + 1 :])):
            return lines[at:]
        head.tags.append(remark[1])
    return lines


def _end_of(lines: list[str]) -> int:
    """Return the number of lines up to the one that ends in an equals sign; without one, up to the first blank line."""
    for at, line in enumerate(lines[:_LONGEST]):
        if _ends_head(line):
            return at + 1
    blank = next((at for at, line in enumerate(lines) if at and not line.strip()), 0)
    return blank if blank <= _LONGEST // 2 and not lines[0].startswith("   ") and blank + 1 < len(lines) else 0


def _ends_head(line: str) -> bool:
    return line.rstrip().endswith("=")


def _without_signs(lines: list[str]) -> list[str]:
    cleaned = (re.sub(r"[\x00-\x1f\x7f]+", " ", line).strip() for line in lines)
    return [text for line in cleaned if (text := line.rstrip("= ").strip())]


def _without_tags(lines: list[str], head: Head) -> list[str]:
    """Take out bracketed remarks, which may wrap, and lines in capitals that stand above a headline that is not."""
    titles: list[str] = []
    remark = ""
    mixed = any(not line.isupper() and not line.startswith("(") for line in lines)
    for line in lines:
        if remark or line.startswith("("):
            remark = f"{remark} {line}".strip()
            if line.endswith(")"):
                head.tags.append(remark.strip("() "))
                remark = ""
        elif line.startswith("Utl.:") or (
            len(line) < _LONGEST_TAG and _is_tag(line, mixed=mixed, alone=len(lines) == 1)
        ):  # APA's subtitle
            head.tags.append(line)
        else:
            titles.append(line)
    if remark:
        titles.append(remark)
    return titles


def _is_tag(line: str, *, mixed: bool, alone: bool) -> bool:
    """Whether a short line is a tag: in capitals above a headline that is not, or nothing but a tag's words."""
    if line.isupper() and (mixed or any(words.match(line) for _, words in _TAGS)):
        return True
    return not alone and (
        (" " not in line and urgency(line) is not None) or any(words.fullmatch(line.strip(" :.")) for _, words in _TAGS)
    )


def _byline(titles: list[str]) -> tuple[str | None, list[str]]:
    for at, line in enumerate(titles):
        if at and _BYLINE.match(line):
            return " ".join(titles[at:]), titles[:at]
    return None, titles


def _byline_below(lines: list[str], end: int) -> tuple[str | None, int]:
    """Take a byline that stands between headline and text, in a block of its own."""
    start = next((at for at in range(end, min(end + 2, len(lines))) if lines[at].strip()), end)
    stop = next((at for at in range(start, len(lines)) if not lines[at].strip()), len(lines))
    block = [line.strip() for line in lines[start:stop]]
    if not end or not 0 < len(block) <= 2 or stop == len(lines) or not _BYLINE.match(block[0]):  # names may wrap once
        return None, end
    return " ".join(block).rstrip("= "), stop
