"""What a desk puts behind a text: initials, the agency's name, the mark of the end. It leaves the text and stays as metadata."""

from __future__ import annotations

import re

from pipeline.stages.parse.draft import Draft
from pipeline.stages.parse.profile import Profile, Profiles

_LINES_AFTER_SIGNOFF = 6
_LONGEST_NAME = 60
_LONGEST = 70
#: Lines of initials, agency and end mark together.
_MOST_LINES = 4
_END_MARK = re.compile(
    r"\W*(?:(?i:ends?|end ?item|end it|endit|ends it)|N{4})\W*|#(?:\s?#){2,}|-+\s?0\s?-+"
    r"|[^\W\d_][\w ]{1,20}/(?i:fim)|(?:\((?i:fotos?|v[ií]deos?|gr[aá]ficos?|audio)\)\s?){1,4}"
    r"|\W+(?i:fin|fine|fim|ende|schluss|slut|loppu|koniec|konec|vége|конец|30|more|suite)\W+"
)
#: Initials as Arabic desks write them, apart or as a short name: ع ز, بور-ايم.
_ARABIC = "[\u0621-\u064a]{1,4}(?:[ -][\u0621-\u064a]{1,4}){0,5}"
_INITIALS = re.compile(
    r"\(?[a-zà-ÿ]{2,4}(?:-[a-zà-ÿ]{2,4})?(?:\s?/\s?[a-zà-ÿ]{1,5}(?:-[a-zà-ÿ]{2,4})?){1,6}/?\)?"
    r"|[A-Z]{3,4}/[a-z]{2,4}|\([A-Z]{2,4}(?:/[A-Z]{2,4}){1,4}\)|[A-Z]{2,4}\s?//\s?[A-Z]{2,4}"
    rf"|{_ARABIC}(?:\s?/\s?{_ARABIC}){{1,6}}"
)
_CREDIT = re.compile(
    r"(?P<open>[(/=]{0,3})\s?(?P<name>[^\W\d_][\w .&-]{1,24}?)(?P<close>[)/]?)"
    r"(?P<initials>(?:[ /,-]{1,3}[a-zà-ÿ0-9]{1,4}){0,12})\.?"
)
#: As telex alphabets write it: REUTERS ABC/DE.
_CAPITALS = re.compile(r"(?P<name>[A-Z][A-Z-]{1,12}(?: [A-Z-]{2,12})?) [A-Z]{2,4}(?:\s?/\s?[A-Z]{2,4}){1,4}")
_CREDITS = re.compile(
    r"\s*(\((?:Additional )?(?:[Rr]eporting|Writing|Editing|Compiled|Translated|Graphics?|Created)\b[^()]{3,600}\))$"
)
_LONGEST_MARK = 30
#: dpa-AFX's, on the last sentence's heels: vier Prozent./abc/de/fg
_SLASHED = re.compile(r"(?<=[.!?\"”“»«])/(?P<mark>[a-z]{2,4}(?:/[a-z]{2,4}){0,4})$")
_BEHIND_SENTENCE = re.compile(r"(?<=[.!?\"”»])\s+")
_END_OF_ITEM = re.compile(r"\s*\./\.$")
#: APA's number and time, below its sign-off.
_STAMP = re.compile(r"[A-Z]{3}\d{4}\s{1,9}\d{4}-\d\d-\d\d/\d\d:\d\d")
#: What stands before the agency's name; looking for it first is quick.
_BEFORE_MARK = re.compile(r"[.!?\"”»(]")
_MARK = re.compile(r"(?:(?<=[.!?\"”»])\s*|(?<=[\w.!?\"”»])\s*(?=\())\(?(?P<mark>[^\W\d_][\w-]{1,14})\)?\.?$")


def split_signoff(draft: Draft, blocks: list[str], profile: Profile | None, profiles: Profiles) -> list[str]:
    """Take the desk's sign-off; names of companies that some agencies list behind it become keywords."""
    stated = draft.signoff
    kept = _own(draft, blocks, profile)
    taken: list[str] = []
    while len(taken) < _MOST_LINES and kept:
        *before, last = kept[-1].split("\n")
        if (len(kept) < 2 and not before) or not is_signoff(last, profiles):
            break
        taken.insert(0, last.strip())
        rest = "\n".join(before).strip()
        kept[-1:] = [rest] if rest else []
    kept, mark = _closing_mark(kept, profile)
    taken = taken or mark
    signed = [line for line in taken if not _END_MARK.fullmatch(line)] or [line for line in taken if line != "NNNN"]
    if taken and signed and draft.signoff and draft.signoff != stated:  # initials above the agency's name
        draft.signoff = " ".join((*signed, draft.signoff))
    draft.put("signoff", " ".join(signed), "last line of the text")
    return kept


def _closing_mark(blocks: list[str], profile: Profile | None) -> tuple[list[str], list[str]]:
    """Take the agency's own name, or who reported and edited, from the end of the last sentence."""
    last = blocks[-1] if blocks else ""
    if last.endswith("./."):
        return [*blocks[:-1], *filter(None, [_END_OF_ITEM.sub("", last)])], []
    slashed = _SLASHED.search(last, max(0, len(last) - _LONGEST_MARK)) if last[-1:].islower() else None
    if slashed:
        return [*blocks[:-1], last[: slashed.start()]], [slashed["mark"]]
    names = _CREDITS.search(last, max(0, last.rfind("(") - 2)) if last.endswith(")") else None
    if names and names.start():
        return [*blocks[:-1], blocks[-1][: names.start()]], [names[1]]
    start = max(0, len(last) - _LONGEST_MARK)
    parted = profile is not None and _BEFORE_MARK.search(last, max(0, start - 1), max(0, len(last) - 2))
    match = _MARK.search(last, start) if parted else None
    if profile is None or match is None or match["mark"].casefold() not in {each.casefold() for each in profile.datelines}:
        return blocks, []
    return [*blocks[:-1], blocks[-1][: match.start()].rstrip()], [match.group().strip()]


def is_signoff(line: str, profiles: Profiles) -> bool:
    """Whether a line that ends a text is a desk's mark, whatever the agency.

    >>> from pipeline.stages.parse.profile import load_profiles
    >>> known = load_profiles()
    >>> all(is_signoff(line, known) for line in ("abc/def", "(END)", "--30--", "mfa/ob", "(AFP)", "AFP sn", "/ritzau/"))
    True
    """
    line = line.strip()
    if not line or len(line) > _LONGEST:
        return False
    if _END_MARK.fullmatch(line) or _INITIALS.fullmatch(line):
        return True
    return agency_of_signoff(line, profiles) is not None


def agency_of_signoff(line: str, profiles: Profiles) -> Profile | None:
    """The agency that signs off, as in ``(AFP)``, ``AFP sn``, ``===Kyodo``; None where it is none that is known."""
    line = line.strip()
    if (capitals := _CAPITALS.fullmatch(line)) is not None:
        return profiles.by_dateline(capitals["name"])
    credit = _CREDIT.fullmatch(line)
    if credit is None or (not credit["open"] and not credit["initials"] and credit["name"] != credit["name"].upper()):
        return None
    return profiles.by_dateline(credit["name"])


def _own(draft: Draft, blocks: list[str], profile: Profile | None) -> list[str]:
    """Take the sign-off that the agency's profile describes."""
    pattern = None if profile is None else profile.signoff_pattern
    if blocks and _STAMP.fullmatch(blocks[-1]):
        blocks = blocks[:-1]
    if pattern is None:
        return list(blocks)
    for index in range(len(blocks) - 1, max(-1, len(blocks) - 1 - _LINES_AFTER_SIGNOFF), -1):
        *before, last = blocks[index].split("\n")
        if pattern.fullmatch(last.strip()):
            draft.put("signoff", last, "last line of the text")
            draft.keywords.extend(blocks[index + 1 :])
            rest = "\n".join(before).strip()
            return [*blocks[:index], rest] if rest else blocks[:index]
        if len(blocks[index]) > _LONGEST_NAME or blocks[index].endswith((".", "!", "?", '"', "”", "»")):
            break
    last = blocks[-1] if blocks else ""
    for gap in _BEHIND_SENTENCE.finditer(last, max(0, len(last) - _LONGEST_MARK)):
        if pattern.fullmatch(last, gap.end()):
            draft.put("signoff", last[gap.end() :], "end of the text")
            return [*blocks[:-1], last[: gap.start()]]
    return list(blocks)
