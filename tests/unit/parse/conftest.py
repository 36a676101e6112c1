from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipeline.messages import RawItem
from pipeline.settings import ParseSettings
from pipeline.stages.parse.stage import Parsed, ParseStage

RECEIVED = datetime(2026, 3, 1, 13, tzinfo=UTC)


@pytest.fixture(scope="session")
def stage() -> ParseStage:
    return ParseStage(ParseSettings())


@pytest.fixture(scope="session")
def read(stage: ParseStage) -> Callable[..., Parsed]:
    """Parse bytes or text as one raw item."""

    def _read(data: str | bytes, **declared: str) -> Parsed:
        payload = data.encode() if isinstance(data, str) else data
        return stage.parse(RawItem(payload=payload, feed="f", name="n", position="p", received_at=RECEIVED, **declared))

    return _read
