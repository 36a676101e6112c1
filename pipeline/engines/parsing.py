"""What is parsed, with what deduplication compares: the same for every engine."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.messages import DeadLetter, ParsedDispatch, RawItem
from pipeline.stages.deduplicate.fingerprint import fingerprint
from pipeline.stages.parse.stage import ParseStage


def parse_items(stage: ParseStage, items: Sequence[RawItem]) -> tuple[list[ParsedDispatch], list[DeadLetter]]:
    """Parse raw items and add the fingerprints that deduplication compares."""
    dispatches: list[ParsedDispatch] = []
    letters: list[DeadLetter] = []
    for item in items:
        parsed = stage.parse(item)
        letters += parsed.dead_letters
        dispatches += [each.model_copy(update={"fingerprint": fingerprint(each.dispatch)}) for each in parsed.dispatches]
    return dispatches, letters
