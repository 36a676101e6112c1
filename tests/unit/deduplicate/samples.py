"""Invented dispatches for the deduplication tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pipeline.messages import ParsedDispatch, deterministic_id, receipt_id
from pipeline.settings import DeduplicateSettings
from pipeline.stages.deduplicate.stage import Deduplicator
from tests.samples import START, new_dispatch

TEXT = (
    "The foreign minister of Norland said on Sunday that talks with Sudria over the Kelder strait had failed after nine days.\n\n"
    "Envoys left the lakeside hotel shortly before dawn. A spokeswoman for the mediators spoke of serious consequences for "
    "shipping, and 14 vessels turned back before noon, the port authority said.\n\n"
    "Norland closed the strait in January after a patrol boat was shot at. Sudria denies that its navy was involved and has "
    "asked the regional council for an inquiry, which is to meet on Thursday."
)
OTHER = (
    "Harvest in the eastern valleys will fall short by a fifth this year, the growers' union said, blaming hail in May.\n\n"
    "Cider makers expect higher prices from autumn. The union asked the province to bring forward 40 million crowns of aid, "
    "and said smaller orchards could close before the winter without it."
)


def make(text: str = TEXT, *, at: float = 0, number: int | None = None, **fields: Any) -> ParsedDispatch:
    """Make a parsed dispatch received ``at`` minutes after noon; each call with another ``number`` is another reception."""
    provider, item, revision = fields.pop("provider", "afp"), fields.pop("item_id", None), fields.pop("revision", "")
    place = number if number is not None else make.count  # type: ignore[attr-defined]
    make.count += 1  # type: ignore[attr-defined]
    item = f"item-{place}" if item is None else item
    raw = str(deterministic_id(text, str(fields.get("headline")), str(sorted(fields.items(), key=str))))
    dispatch = new_dispatch(
        provider=provider, item_id=item, revision=revision, text=text, received_at=START + timedelta(minutes=at), position=place,
        raw_sha256=raw, **fields,
    )  # fmt: skip
    return ParsedDispatch(receipt=receipt_id("test", str(place), 0), dispatch=dispatch)


make.count = 1_000_000  # type: ignore[attr-defined]


@pytest.fixture
def stage() -> Deduplicator:
    return new_stage()


def new_stage() -> Deduplicator:
    return Deduplicator(DeduplicateSettings(max_documents=4096))
