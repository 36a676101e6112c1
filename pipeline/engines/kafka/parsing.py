"""Parse as the delivery loop runs it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.engines import measures as shared
from pipeline.engines.kafka.agents import Stateless
from pipeline.engines.kafka.records import Outgoing, Record, dead_letter_record, dispatch_record, raw_item
from pipeline.engines.parsing import parse_items
from pipeline.settings import Settings
from pipeline.stages.parse.stage import ParseStage
from pipeline.topology import RAW


class ParseAgent(Stateless):
    """``wire.raw`` → ``wire.dispatches``."""

    name = "parse"
    reads = RAW

    def __init__(self, settings: Settings) -> None:
        self._stage = ParseStage(settings.parse)

    def process(self, records: Sequence[Record]) -> list[list[Outgoing]]:
        """Parse each record's bytes and fingerprint the dispatches in them."""
        out: list[Outgoing] = []
        for record in records:
            dispatches, letters = parse_items(self._stage, [raw_item(record)])
            for letter in letters:
                shared.DEAD_LETTERS.labels(self.name, letter.error or "ParseError").inc()
                out.append(dead_letter_record(letter, record))
            out += [dispatch_record(each, record) for each in dispatches]
        return [out]
