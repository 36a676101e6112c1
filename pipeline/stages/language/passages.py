"""From lines to passages in one language, and from passages to the language of the whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.stages.language.cleaning import clean, is_boilerplate
from pipeline.stages.language.detector import LONGEST, MODELS, Guess, detect
from pipeline.stages.language.scripts import CHARACTER_WEIGHT, SCRIPT_LANGUAGE, count_scripts, main_script
from pipeline.stages.language.tags import close_group

#: Characters of a text that are read; the language of a longer one does not change after them.
READ = 40_000
_LINES = 400
_LINE = re.compile(r"[^\s][^\n\r\u2028\u2029]*")
_LONGEST_LINE = 3000
_LONGEST_BOILERPLATE = 250
_ENOUGH_LETTERS = 30


@dataclass(slots=True)
class Passage:
    """Neighbouring lines that look like one language. ``start`` and ``end`` count code points; -1 stands for the headline."""

    start: int
    end: int
    text: str
    counts: Counter[str]
    hint: str | None
    guess: Guess = field(default_factory=lambda: Guess("und", 0.0))

    @property
    def weight(self) -> float:
        """Letters, an ideograph counting as several."""
        return sum(number * CHARACTER_WEIGHT.get(script, 1) for script, number in self.counts.items())


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    counts: Counter[str]
    tagged: bool
    raw: str


def read(headline: str, text: str, prior: str | None) -> tuple[list[Passage], bool]:
    """Split headline and text into passages, each with its guess; say too whether an urgency tag was dropped."""
    lines = [*_lines(headline, offset=None), *_lines(text, offset=0)]
    spoken = [line for line in lines if line.counts]
    if len(spoken) > 1:
        spoken = [line for line in spoken if not (len(line.raw) < _LONGEST_BOILERPLATE and is_boilerplate(line.raw))] or spoken
    passages = list(_join(spoken))
    for passage in passages:
        passage.guess = detect(passage.text, passage.counts, prior)
    return passages, any(line.tagged for line in lines)


def _lines(text: str, offset: int | None) -> Iterator[_Line]:
    for number, match in enumerate(_LINE.finditer(text[:READ])):
        if number == _LINES:
            return
        start, end = match.span() if offset is not None else (-1, -1)
        line = match.group()[:_LONGEST_LINE]
        cleaned, tagged = clean(line)
        yield _Line(start, end, cleaned, count_scripts(cleaned), tagged, line)


def _join(lines: Sequence[_Line]) -> Iterator[Passage]:
    current: Passage | None = None
    alone = len(lines) == 1
    for line in lines:
        script, _ = main_script(line.counts)
        hint = None if alone else _hint(line.text, line.counts, script)
        if current is not None and main_script(current.counts)[0] == script and (hint is None or current.hint in {None, hint}):
            _extend(current, line, hint)
            continue
        if current is not None:
            yield current
        current = Passage(line.start, line.end, line.text, line.counts, hint)
    if current is not None:
        yield current


def _extend(passage: Passage, line: _Line, hint: str | None) -> None:
    if passage.start < 0:
        passage.start = line.start
    passage.end = max(passage.end, line.end)
    passage.counts = passage.counts + line.counts
    if len(passage.text) < LONGEST:
        passage.text = f"{passage.text}\n{line.text}"
    passage.hint = passage.hint or hint


def _hint(text: str, counts: Counter[str], script: str) -> str | None:
    """Name a line's language roughly, close languages as one; None where it is too short to tell."""
    if script in SCRIPT_LANGUAGE or script in {"Jpan", "Hani"}:
        return script
    if sum(counts.values()) < _ENOUGH_LETTERS:
        return None
    reliable, shares = MODELS.shares(text[:LONGEST])
    if not reliable or not shares:
        return None
    return min(close_group(max(shares, key=shares.__getitem__)))
