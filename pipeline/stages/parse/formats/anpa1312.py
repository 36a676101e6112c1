"""ANPA 1312, the teleprinter format of AP and Kyodo.

Layout (ANPA special report 1312 as AP sends it): ``[05 selector] 16 16 01`` service letter, story number, ``1F`` selector; a line
with priority, category, ``13|14`` and ``11`` (text) or ``12`` (table), keyword, version, month-day, words; ``02``; header lines
``^…<``; paragraphs that begin with a tab; ``03`` and a trailer with the time; ``0C``; ``04``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise, takewhile

from pipeline.messages import Link, LinkRelation, Signal
from pipeline.stages.parse.draft import Broken, Draft
from pipeline.stages.parse.encoding import decode, repair
from pipeline.stages.parse.formats.dateline import split_dateline
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.typography import typographic
from pipeline.stages.parse.formats.wrapped import align, unwrap, width_of
from pipeline.stages.parse.profile import Profiles

_START = re.compile(rb"\x01 ?([A-Za-z0-9])(\d{3,4})([A-Za-z]{0,12})\x1f([^\r\n\x02]{0,64})\r?\n")
_SECOND = re.compile(r"\s*([A-Za-z]) +([A-Za-z0-9]{1,3}) *([\x13\x14]?)([\x11\x12]?) *(.*)", re.DOTALL)
_KEYWORD = re.compile(r"(.*?)\s+(\d{2}-\d{2})(?:\s+(\d*))?\s*")
_CYCLE = re.compile(r"^(?:AM|PM|BC|AP|BN|AS|SN)-")
_VERSION = re.compile(
    r"\s+((?:\d+(?:st|nd|rd|th)?\s?-?)?(?:Ld|Lead|Add|Insert|Sub|Writethru|Update|Correctn?|Correction|Corrective|Kill|Urgent|Bulletin|Advisory"
    r"|Adv|Take|HFR|Hold)\d*\b.*)$",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"^(?:The )?(?:AP|Associated Press|Kyodo)\b|\b(?:Writer|Editor|Correspondent|Reporter|Columnist|Analyst|Press|Staff)s?\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:By|BY|Por|POR|Par|PAR) ")
#: A by-line that its end does not tell from a headline: names, and what joins them.
_NAMES = re.compile(r"[A-Z][A-Za-z]{1,2}(?: (?:[A-Z][\w.'’-]{0,24},?|and|y|et|de|van|von|der|al)){2,9}")
#: Characters of "Associated Press Writer" and its like.
_LONGEST_OFFICE = 40
#: A place in capitals that opens a text without an agency behind it, as The Canadian Press sends it.
_PLACE = re.compile(r"(?P<place>[A-Z][A-Z .'’-]{2,30}(?:, [A-Z][\w. ]{1,20})?) [—_] (?=\S)")
#: A number of the transmitter's before the keyword line.
_CODE = re.compile(r"\*?\d{0,6}<?\s*")
_CONTROLS = re.compile(r"[\x00-\x1f]+")
_SPACES = re.compile(" {2,}")
#: White space that is longer than any between columns, and that searching would take the square of its length for.
_LONG_GAP = re.compile(r"\s{9,}")
_SOMETHING = re.compile(r"[^\W_]")
_SEPARATORS = re.compile(r"\s*(?:[\x1e\x1f]\s*)+")
#: Lines that a header line may wrap to.
_LONGEST_HEADER = 20
_WORDS_AT_END = re.compile(r",\s{0,9}\d{0,5}\s{0,9}$")
_NOTE = re.compile(
    r"\(?(?:Eds?|Editors?)\b[.:]|\W*(?i:adv)\.?\s?\d{1,2}\b|"
    r"(?i:for release|embargo|hold for release)\b|EDITOR['’]?S?['’]? NOTE|"
    r"AP (?:Photo|Video|Graphic|Audio|Interactive)|AP ?NewsNow\.|With AP |Photos? |Graphics? "
)
_TAG = re.compile(
    r"(?:FLASH|BULLETIN|URGENTE?|ALERTE?|ALERTA|ADVISORY|AP ?NewsAlert|(?:\w+ )?(?:KILL|WITHHOLD|CORRECTION|CORRECTIVE))[\s:.!-]*",
    re.IGNORECASE,
)
_TRAILER = re.compile(r"([A-Za-z]{2,8})-(?:[A-Za-z]{1,4}-)?(\d{2})-(\d{2})-(\d{2})\s+(\d{2}):?(\d{2})\s*([A-Z]{3})?")
#: Kyodo's: service, time in Tokyo, day, month, year.
_KYODO_TRAILER = re.compile(r"\b[A-Z]{2,4}-(\d{2}):(\d{2})-(\d{2})-(\d{2})-(\d{2})\b")
_END_MARK = re.compile(r"\(?(?:END|MORE|ENDIT|\d*add)\)?|={2,}\s?Kyodo|End Adv\b.{0,60}", re.IGNORECASE)
#: Letters that an end mark may end in; looking at one is quick.
_LAST_OF_MARK = tuple("dDeEtToO)")
_URGENCY = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 5, "a": 8, "s": 8, "w": 8}
_ZONES = {
    "GMT": 0, "UTC": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9,
}  # fmt: skip
#: Words of keyword, version and headers by which a transmission refers to earlier ones under its keyword, strongest first.
_RELATIONS = (
    (re.compile(r"\bKILL\b|\b(?:Story|Bulletin|Mandatory|Advisory) Kill\b|\d-Kill\b|\bKill$"), Signal.KILL, LinkRelation.WITHDRAWS),
    (re.compile(r"\bWITHHOLD\b|\bHOLD\b(?! FOR)|\bWithhold\b"), Signal.HOLD, LinkRelation.WITHDRAWS),
    (re.compile(r"\bCorrect(?:ion|ive|n)\b|\bCORRECT(?:ION|IVE)\b"), Signal.CORRECTION, LinkRelation.CORRECTS),
    (re.compile(r"\d(?:st|nd|rd|th)\s?-?L(?:ea)?d\b|Writethru|\bUpdate ?\d", re.IGNORECASE), Signal.UPDATE, LinkRelation.REPLACES),
)


@dataclass
class _Transmission:
    """One message between its start and end of text, cut along the control characters."""

    raw: bytes
    service: str
    number: str
    agency: str = ""
    priority: str = ""
    category: str = ""
    tabular: bool = False
    keyword: str = ""
    version: str = ""
    month_day: str = ""
    headers: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    trailer: str = ""


def claims(content: Content) -> bool:
    """Whether bytes begin as ANPA does."""
    return _START.search(content.data[:1024]) is not None


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Read every transmission of a file."""
    data = content.data
    found = list(_START.finditer(data))
    for start, (begin, end) in zip(found, pairwise([0, *(match.start() for match in found[1:]), len(data)]), strict=True):
        cut = _cut(data[begin:end], data[start.end() : end], start)
        if cut.headers or any(line.strip() for line in cut.body):
            yield _draft(cut, content.profiles)
        else:
            yield Broken(cut.raw, f"ANPA 1312 story {cut.service}{cut.number} is cut off: no text after its header")


def _cut(raw: bytes, rest: bytes, start: re.Match[bytes]) -> _Transmission:
    cut = _Transmission(raw, start[1].decode(), start[2].decode(), start[3].decode())
    before, _, text = rest.partition(b"\x02")
    content, _, after = text.partition(b"\x03")
    cut.trailer = after.decode("latin-1").partition("\x04")[0]
    if (second := _SECOND.match(_text(before))) is not None:
        cut.priority, cut.category = second[1].lower(), second[2].lower()
        cut.tabular = second[4] == "\x12"
        _read_keyword(cut, second[5].strip())
    _split_headers(cut, _text(content))
    return cut


def _text(data: bytes) -> str:
    return repair(decode(data))


def _read_keyword(cut: _Transmission, line: str) -> None:
    line = _LONG_GAP.sub(" " * 8, _CONTROLS.sub(" ", line))
    if (dated := _KEYWORD.fullmatch(line)) is not None:
        line, cut.month_day = dated[1], dated[2]
    if (version := _VERSION.search(line)) is not None:
        line, cut.version = line[: version.start()], version[1].strip()
    cut.keyword = line.strip(" ,")


def _split_headers(cut: _Transmission, content: str) -> None:
    """Header lines begin with ``^``, may wrap, and end with ``<`` or ``=``; the first other line begins the body."""
    lines = content.replace("\r", "").split("\n")
    at = 0
    while at < len(lines) and (lines[at].startswith("^") or not (cut.headers or lines[at].strip())):
        header = lines[at].rstrip()
        last = min(at + _LONGEST_HEADER, len(lines) - 1)
        while header and not header.endswith(("<", "=")) and at < last and _continues(lines[at + 1]):
            at += 1
            header = f"{header} {lines[at].strip()}"
        cut.headers += [
            part for each in re.split(r"(?<=<) *(?=\^)", header) if (part := each.removeprefix("^")) and not _CODE.fullmatch(part)
        ]
        at += 1
    if not cut.headers and at < len(lines) and _same_start(lines[at], cut.keyword):  # Kyodo's: flush lines without a mark
        end = next((each for each in range(at, min(at + _LONGEST_HEADER, len(lines))) if not _continues(lines[each])), at)
        titles = [line.strip() for line in lines[at + 1 : end]]
        tags = list(takewhile(_TAG.fullmatch, titles))
        cut.headers = [lines[at].strip(), *tags, *filter(None, [" ".join(titles[len(tags) :]).rstrip("+ ")])]
        at = max(end, at + 1)
    cut.body = lines[at:]


def _continues(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("^", "\t", "   ", "\x08"))


def _draft(cut: _Transmission, profiles: Profiles) -> Draft:
    draft = Draft("anpa1312", cut.raw)
    draft.put("service", cut.service, "first line")
    draft.put("sequence", cut.number, "first line")
    draft.put("urgency", _URGENCY.get(cut.priority), "second line")
    draft.put("subjects", [cut.category] if cut.category else [], "second line")
    draft.put("keywords", [_CYCLE.sub("", cut.keyword)] if cut.keyword else [], "second line")
    headings, summary = _read_headers(cut, draft)
    draft.put("slugline", " ".join(filter(None, (cut.keyword, cut.version))), "second line")
    paragraphs = [*headings, *_paragraphs(cut)] or summary
    credit = None
    if paragraphs:
        dateline, credit, paragraphs[0] = split_dateline(paragraphs[0], profiles)
        if dateline is None and (placed := _PLACE.match(paragraphs[0])) is not None:
            dateline, paragraphs[0] = placed["place"], paragraphs[0][placed.end() :]
        draft.put("dateline", dateline, "first paragraph")
    draft.put("text", "\n\n".join(filter(None, paragraphs)), "paragraphs between 02 and 03")
    trailer = _TRAILER.search(cut.trailer)
    draft.put("provider", trailer[1] if trailer else cut.agency, "trailer" if trailer else "first line")
    draft.put("provider", (credit or "").partition("/")[0], "dateline")
    draft.put("published_at", _time(trailer) if trailer else _kyodo_time(cut.trailer), "trailer")
    day = f"{draft.published_at:%Y-%m-%d}" if draft.published_at else cut.month_day
    draft.put("item_id", f"{cut.service}{cut.number}/{day}/{cut.keyword}", "first line, time and keyword")
    _read_relations(cut, draft)
    return draft


def _read_headers(cut: _Transmission, draft: Draft) -> tuple[list[str], list[str]]:
    """Sort header lines into slugline, byline, notes and headline.

    Return headings of the text, and a summary that the text repeats.
    """
    in_byline = False
    headings: list[str] = []
    summary: list[str] = []
    for header in cut.headers:
        text = header.rstrip("<= \t").strip()
        credited = header.rstrip().endswith("=")
        if cut.keyword and draft.slugline is None and _same_start(text, cut.keyword):
            draft.put("slugline", _WORDS_AT_END.sub("", text).rstrip(", "), "keyword line")
        elif _BYLINE.match(text) and (credited or (draft.headline and _NAMES.fullmatch(text))):
            draft.put("byline", text, "header line")
            in_byline = True
        elif in_byline and (credited or len(text) <= _LONGEST_OFFICE) and _OFFICE.search(text):
            continue  # "AP Sports Writer", "Associated Press"
        elif _NOTE.match(text) or _TAG.fullmatch(text):
            draft.note(typographic(text), "header line")
        elif draft.headline is None:
            draft.put("headline", typographic(text), "header line")
        else:
            (headings if credited else summary).append(typographic(text))
    return headings, summary


def _same_start(header: str, keyword: str) -> bool:
    plain = [re.sub(r"[^A-Za-z0-9]", "", text).casefold() for text in (header, keyword)]
    return bool(plain[1]) and plain[0].startswith(plain[1][:12])


def _paragraphs(cut: _Transmission) -> list[str]:
    found: list[list[str]] = [[]]
    rows: list[list[str]] = []
    for line in [*cut.body, "\t"]:
        if cut.tabular and (cells := _cells(line)):
            rows.append(cells)
            continue
        text = line.strip().rstrip("<").rstrip()
        if rows:
            found += [[align(rows)], []]
            rows = []
        if not text.isprintable():
            text = _CONTROLS.sub(" ", text)
        text = text.removeprefix("^").rstrip("=" if line.startswith("^") or text.startswith("___") else "").strip()
        marked = text.endswith(_LAST_OF_MARK) or text[:8].casefold() == "end adv "
        if (marked and _END_MARK.fullmatch(text)) or not (text[:1].isalnum() or _SOMETHING.search(text)):
            found.append([])
        elif line.startswith(("\t", "   ", "^")):
            indent = len(line) - len(line.lstrip()) if cut.tabular else 0  # it counts for where a line had to break
            found.append([f"{' ' * indent}{text}"])
        else:
            found[-1].append(text)
    width = width_of(cut.body) if cut.tabular else 0
    return [typographic(unwrap(parts, width) if cut.tabular else " ".join(parts)) for parts in found if parts]


def _cells(line: str) -> list[str]:
    r"""Cells of a table's row, which semicolons or separators of the teleprinter's alphabet part; empty where a line is none.

    >>> _cells("\x08Vale\x10 Bay;7;3{;_<")
    ['Vale Bay', '7', '3½', '—']
    """
    marked = line.startswith("\x08")
    if not marked and ";" not in line:
        return []
    ends = line.rstrip().endswith("<")
    row = line.strip("\x08 \t\r").rstrip("< ")
    if not row.isprintable():
        row = _SEPARATORS.sub(";", row.replace("\x10", " ")).strip().rstrip("<")
    if row.count(";") < (1 if marked else 2) or not (marked or ends):
        return []
    if "  " in row:
        row = _SPACES.sub(" ", row)
    if "{" in row:
        row = row.replace("{", "½")
    cells = list(map(str.strip, row.removeprefix("^").split(";")))
    return ["—" if cell == "_" else cell for cell in cells] if "_" in row else cells


def _time(trailer: re.Match[str]) -> datetime | None:
    year = int(trailer[4])
    year += 2000 if year < 70 else 1900  # POSIX's pivot
    zone = timezone(timedelta(hours=_ZONES.get(trailer[7] or "GMT", 0)))
    try:
        return datetime(year, int(trailer[2]), int(trailer[3]), int(trailer[5]), int(trailer[6]), tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None


def _kyodo_time(trailer: str) -> datetime | None:
    found = _KYODO_TRAILER.search(trailer)
    if found is None:
        return None
    hour, minute, day, month, year = map(int, found.groups())
    try:
        return datetime(2000 + year, month, day, hour, minute)  # noqa: DTZ001 - the profile's zone follows
    except ValueError:
        return None


def _read_relations(cut: _Transmission, draft: Draft) -> None:
    """Link by keyword: it stays the same on every lead of a story, and a kill repeats it."""
    if not cut.keyword:
        return
    stated = [cut.keyword, cut.version, *cut.headers[:4]]
    relation = LinkRelation.FOLLOWS
    for words, signal, meant in reversed(_RELATIONS):
        if any(words.search(text.rstrip("<= ")) for text in stated):
            draft.signal(signal, "keyword and header lines")
            relation = meant
    draft.link(Link(rel=relation, key=_CYCLE.sub("", cut.keyword).casefold()), "keyword")
