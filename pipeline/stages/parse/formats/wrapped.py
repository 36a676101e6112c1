"""Text as teleprinters laid it out: lines broken at a width, paragraphs by blank or indented lines, tables by columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

_LIST = re.compile(r"[-*•–]\s|\d{1,2}[.)]\s|#{1,6}\s|\|")
_COLUMNS = re.compile(r"\S {3,}\S|\S\t+\S")
_DECORATION = re.compile(r"[\s_*=.\-–—+/]*")
#: Characters of the longest line of a text that was broken at a width.
_LONGEST_LINE = 100
#: Width that agencies break lines at, in characters, where a text is too short to show its own.
_LEAST_WIDTH = 50
#: Characters by which a line may fall short of the width although its break was forced.
_SLACK = 4


def width_of(lines: Iterable[str]) -> int:
    """Width at which a text's lines were broken.

    >>> width_of(["x" * 68, "short"])
    68
    """
    return max([length for length in map(len, lines) if length <= _LONGEST_LINE], default=0)  # longer lines are unbroken


def unwrap(lines: Sequence[str], width: int) -> str:
    r"""Join lines whose break was forced by the width; keep breaks that somebody meant: lists, tables, addresses.

    >>> unwrap(["The council met on Monday to discuss the", "budget."], 44)
    'The council met on Monday to discuss the budget.'
    >>> unwrap(["Goals:", "Ada 12", "Bo 45"], 60)
    'Goals:\nAda 12\nBo 45'
    """
    if len(lines) == 1:
        return lines[0].rstrip() if _is_laid_out(lines[0]) else lines[0].strip()
    joined: list[list[str]] = []
    before, columns = "", False
    forced = max(width, _LEAST_WIDTH) - _SLACK - 1
    for raw in lines:
        line = raw.rstrip()
        above, columns = columns, _is_laid_out(line)
        # A break is forced where the first word would not have fitted above; then a list goes on only behind a closed point.
        words = line.split(maxsplit=1) if joined and not above and not columns else None
        if words and len(before) + len(words[0]) > forced and not (_begins_point(line) and _ends_point(before)):
            joined[-1].append(line.strip())
        else:
            joined.append([line if columns else line.strip()])
        before = line
    return "\n".join([" ".join(parts) for parts in joined])


def _is_laid_out(line: str) -> bool:
    """Whether a line has columns."""
    return ("   " in line or "\t" in line) and _COLUMNS.search(line) is not None


def _begins_point(line: str) -> bool:
    """Whether a line begins a point of a list."""
    text = line.lstrip()
    return not text[:1].isalpha() and _LIST.match(text) is not None


def _ends_point(line: str) -> bool:
    """Whether a point of a list, or the words that announce one, may end with a line."""
    return line.endswith((".", ":", ";", ")", "!", "?")) or _LIST.match(line) is not None


def paragraphs(lines: Iterable[str], width: int) -> list[str]:
    """Split lines into paragraphs at blank lines and at indented first lines, and unwrap each; rules of signs are dropped."""
    return [text for block in _blocks(lines) if not _DECORATION.fullmatch(text := unwrap(block, width))]


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        blank = not line or line.isspace()
        if block and (blank or (line.startswith(("   ", "\t")) and not _is_laid_out(line))):
            yield block
            block = []
        if not blank:
            block.append(line)
    if block:
        yield block


def align(rows: Sequence[Sequence[str]]) -> str:
    """Set a table so that its columns stand under each other.

    >>> print(align([["", "MIN", "MAX"], ["Oslo", "-3", "4"]]))
    -     MIN  MAX
    Oslo  -3   4
    """
    rows = [[row[0] or "-", *row[1:]] for row in rows if row]
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    return "\n".join(["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows])


def reflow(text: str) -> list[str]:
    r"""Split a text into paragraphs whether its lines are broken at a width or each is a paragraph.

    >>> reflow("One line.\n\n" + "x" * 150 + "\nAnother.")[1:] == ["x" * 150, "Another."]
    True
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    unbroken = sum(len(line) for line in lines if len(line) > _LONGEST_LINE)
    if unbroken * 2 > len(text):
        return [line.strip() for line in lines if line.strip() and not _DECORATION.fullmatch(line)]
    return paragraphs(lines, width_of(lines))
