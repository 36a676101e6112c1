"""Rules and events for the tests of this room."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from uuid import uuid4

import pytest

from pipeline.messages import Dispatch, Event, Language, Source
from pipeline.stages.alerts.ruleset import RuleSet


@cache
def _shipped() -> RuleSet:
    return RuleSet.load(None)


@pytest.fixture
def shipped():
    return _shipped()


@pytest.fixture
def event():
    def make(text="", headline=None, language="en", detected=None, **dispatch):
        return Event(
            receipt=uuid4(),
            dispatch=Dispatch(
                id=uuid4(),
                provider=dispatch.pop("provider", "afp"),
                item_id="1",
                received_at=datetime(2026, 3, 1, tzinfo=UTC),
                format="test",
                source=Source(feed="test", name="test", position="0"),
                raw_sha256="0" * 64,
                headline=headline,
                language=language,
                text=text,
                **dispatch,
            ),
            language=detected if detected is None else Language(tag=detected, confidence=0.9),
        )

    return make


@pytest.fixture
def load(tmp_path):
    def write(**files):
        for name, content in files.items():
            (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
        return RuleSet.load(tmp_path, shipped=False)

    return write
