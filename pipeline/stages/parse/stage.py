"""The parse stage: bytes to dispatches, or to a dead letter that says why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import structlog

from pipeline.messages import DeadLetter, Dispatch, ParsedDispatch, RawItem, deterministic_id, receipt_id
from pipeline.settings import ParseSettings
from pipeline.stages.parse.draft import Broken, Draft, ParseError
from pipeline.stages.parse.finish import finish
from pipeline.stages.parse.formats import FORMATS
from pipeline.stages.parse.formats.format import Content, Format
from pipeline.stages.parse.profile import load_profiles
from pipeline.stages.parse.ranges import with_ranges
from pipeline.stages.parse.xmltree import local

log = structlog.get_logger(__name__)

_KEPT_OF_TOO_LARGE = 64 * 1024


@dataclass(frozen=True)
class Parsed:
    """What one raw item became."""

    dispatches: list[ParsedDispatch] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)


@dataclass(frozen=True)
class Explained:
    """A dispatch and, for each field, the path or byte range from which it was read."""

    dispatch: Dispatch
    where: dict[str, str]
    index: int
    """Place of the item in its file, broken ones counted."""
    raw: bytes = b""
    """The item's own bytes."""


class ParseStage:
    """Reads raw items of every wire format."""

    name = "parse"

    def __init__(self, settings: ParseSettings) -> None:
        """Load the provider profiles; raises ProfileError for one that cannot be used."""
        self._limit = settings.max_item_bytes
        self.profiles = load_profiles(settings.profiles)

    def parse(self, item: RawItem) -> Parsed:
        """Read every dispatch of an item. Never raises: what cannot be read becomes a dead letter with its bytes and the reason."""
        explained, letters = self._read(item)
        return Parsed(
            [
                ParsedDispatch(receipt=receipt_id(item.feed, item.position, each.index), dispatch=each.dispatch)
                for each in explained
            ],
            letters,
        )

    def explain(self, item: RawItem) -> tuple[list[Explained], list[DeadLetter]]:
        """Read an item and say from where each field was read: a path, or in the text formats a range of bytes."""
        explained, letters = self._read(item)
        return [replace(each, where=with_ranges(each.where, each.dispatch, each.raw, item.payload)) for each in explained], letters

    def _read(self, item: RawItem) -> tuple[list[Explained], list[DeadLetter]]:
        size = len(item.payload)
        if size > self._limit:
            reason = f"{size} bytes are more than the limit of {self._limit}; raise parse.max_item_bytes if this is wanted"
            return [], [item.dead_letter(self.name, reason, "TooLarge", keep=_KEPT_OF_TOO_LARGE)]
        if not size or item.payload.isspace():
            return [], [item.dead_letter(self.name, "the file is empty" if not size else "nothing but white space", "Empty")]
        explained: list[Explained] = []
        broken: list[Broken] = []
        try:
            content = Content(item, self.profiles)
            for index, product in enumerate(_detect(content).parse(content)):
                settled = self._settled(product, item, index)
                if isinstance(settled, Broken):
                    broken.append(settled)
                else:
                    explained.append(settled)
        except Exception as error:
            broken.append(Broken(item.payload, _reason(error, item)))
        if not explained and not broken:
            broken.append(Broken(item.payload, "the file holds no item"))
        return explained, [self._dead_letter(item, each, index) for index, each in enumerate(broken)]

    def _settled(self, product: Draft | Broken | Dispatch, item: RawItem, index: int) -> Explained | Broken:
        """Finish one item of a file; where that fails, the others are still read."""
        if isinstance(product, Broken):
            return product
        if isinstance(product, Dispatch):
            return Explained(product, {}, index)
        if not (product.item_id or product.headline or product.text):
            return Broken(product.raw, f"{product.format}: an item without identity, headline or text")
        try:
            return Explained(finish(product, item, self.profiles), product.where, index, product.raw)
        except Exception as error:
            return Broken(product.raw, _reason(error, item))

    def _dead_letter(self, item: RawItem, broken: Broken, index: int) -> DeadLetter:
        reason = broken.reason.encode("utf-8", "replace").decode()  # half a surrogate pair can be neither sent nor stored
        letter = item.dead_letter(self.name, reason, "ParseError")
        if broken.raw == item.payload:
            return letter
        whole = item.model_copy(update={"payload": broken.raw})
        identifier = deterministic_id("dead-letter", item.feed, item.position, self.name, index)
        return whole.dead_letter(self.name, reason, "ParseError").model_copy(update={"id": identifier})


def _reason(error: Exception, item: RawItem) -> str:
    """A format module's own words; anything else is a bug of ours and is logged as one."""
    if isinstance(error, ParseError):
        return str(error)
    log.error("parser failed", name=item.name, exc_info=error)
    return f"the parser failed: {type(error).__name__}: {error}"[:500]


def _detect(content: Content) -> Format:
    """Find the format by content; the declared one is asked first, because it is a hint."""
    hint = content.item.declared_format
    hinted = sorted(FORMATS, key=lambda each: each.name != hint) if hint else FORMATS
    problem: ParseError | None = None
    for candidate in hinted:
        try:
            if candidate.claims(content):
                return candidate
        except ParseError as error:
            problem = problem or error
    raise problem or ParseError(_unclaimed(content))


def _unclaimed(content: Content) -> str:
    if content.looks_xml:
        return f"XML, but of no known wire format: its root element is {local(content.xml)}"
    if content.looks_json:
        return "JSON, but of no known wire format"
    if b"\x00" in content.data[:65536]:
        return "binary data: it holds NUL bytes and no wire format claims it"
    return "no wire format claims these bytes"
