"""What stands before the text proper: headline, by-line, notes, and the dateline that opens it."""

from __future__ import annotations

import re

from pipeline.stages.parse import words
from pipeline.stages.parse.draft import Draft
from pipeline.stages.parse.formats.byline import LONGEST, is_byline
from pipeline.stages.parse.formats.dateline import Dateline, is_timestamp, read_dateline
from pipeline.stages.parse.profile import Profile, Profiles

_OPENING_BLOCKS = 3
#: Characters of the longest headline or note that opens a text.
_LONGEST_OPENING = 600
#: Paragraphs within which the dateline stands: points, a by-line and an introduction may come first.
_DATELINE_BLOCKS = 8
#: Paths of places that stand in for a dateline.
_PLACES = ("located", "DescriptiveMetadata/Location")
_POINT = ("*", "•", "-", "–", "·")
_OPENERS = re.compile(r"^(?:by|par|von|por|di|da|door|av|af|od|от)\s+")
#: ``OTTAWA - A man…``, ``VANCOUVER, British Columbia — …``: a place in capitals without an agency.
_CAPITAL_PLACE = re.compile(
    r"(?P<place>[^\W\d_a-zß-ÿ](?:[^\W\d_a-zß-ÿ]|[ .'’/-]){3,28}(?:, [^\W\d_][\w .]{1,24})?)(?:\s[-–—]{1,2}\s|\s?—\s?)"
    r"(?=[^\W\d_a-zß-ÿ]|[“\"«])"
)
_LEAST_PARAGRAPH = 60
_TO_EDITORS = ("Eds: ", "EDS: ", "Eds.: ")


def split_opening(draft: Draft, blocks: list[str], profiles: Profiles) -> list[str]:
    """Headline, by-line and notes before the text leave it; what stands only there moves to its field."""
    kept = list(blocks)
    for _ in range(_OPENING_BLOCKS):
        if len(kept) < 2:  # the last block is the text
            break
        if len(kept[0]) > _LONGEST_OPENING:
            break
        first = " ".join(kept[0].split())
        if (first.startswith("(") and words.OPENING_NOTE.fullmatch(first)) or first.startswith(_TO_EDITORS):
            draft.note(first, "first line of the text")
        elif len(first) <= LONGEST and _is_own_byline(first, draft, profiles):
            draft.put("byline", first, "first line of the text")
        elif not draft.headline or first != " ".join(draft.headline.split()):
            break
        del kept[0]
    return _split_late_byline(draft, kept, profiles)


def _split_late_byline(draft: Draft, kept: list[str], profiles: Profiles) -> list[str]:
    """Take a by-line that stands behind points or a summary, directly before the dateline."""
    for at in range(1, min(_DATELINE_BLOCKS, len(kept) - 1)):
        line = kept[at]
        if len(line) <= LONGEST and "\n" not in line and _is_own_byline(line, draft, profiles):
            found = read_dateline(kept[at + 1], profiles)
            if (found and found.profile) or all(each.startswith(_POINT) for each in kept[:at]):
                draft.put("byline", line, "line before the dateline")
                return [*kept[:at], *kept[at + 1 :]]
    return kept


def _is_own_byline(line: str, draft: Draft, profiles: Profiles) -> bool:
    return is_byline(line, profiles) and (
        not draft.byline or _names(line) in _names(draft.byline) or _names(draft.byline) in _names(line)
    )


def _names(byline: str) -> str:
    return _OPENERS.sub("", " ".join(byline.split()).casefold())


def note_dateline(draft: Draft, blocks: list[str], profiles: Profiles) -> None:
    """Note the dateline that opens the text where the metadata give none, only a place or a machine's time; the text keeps it."""
    if draft.dateline and is_timestamp(draft.dateline):
        draft.dateline = None
        draft.where.pop("dateline", None)
    if draft.dateline and not draft.where.get("dateline", "").endswith(_PLACES):
        return
    for at, block in enumerate(blocks[:_DATELINE_BLOCKS]):
        found = read_dateline(block, profiles)
        if found is not None and found.written and (found.profile is not None or (at < _OPENING_BLOCKS and _is_plain(found))):
            draft.dateline, draft.where["dateline"] = found.written, "start of the text"
            return
    paragraph = next((block for block in blocks[:_OPENING_BLOCKS] if len(block) >= _LEAST_PARAGRAPH), "")
    if not draft.dateline and paragraph:
        place = _CAPITAL_PLACE.match(paragraph)
        if place and not words.marks(paragraph) and words.urgency(paragraph) is None:
            draft.put("dateline", place["place"], "start of the text")


def _is_plain(found: Dateline) -> bool:
    """Whether a dateline of an agency that nobody knows is one all the same: it names a day, or its place in capitals."""
    return found.dated or (found.written or "").partition("(")[0].isupper()


def credited(blocks: list[str], profiles: Profiles) -> Profile | None:
    """The agency that the dateline credits, where nothing else names one."""
    return next(
        (found.profile for block in blocks[:_OPENING_BLOCKS] if (found := read_dateline(block, profiles)) and found.profile), None
    )
