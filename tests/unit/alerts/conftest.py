"""Rules and events for the tests of this room."""

from __future__ import annotations

from functools import cache

import pytest

from pipeline.messages import Language
from pipeline.stages.alerts.ruleset import RuleSet
from tests.samples import new_dispatch, new_event


@cache
def _shipped() -> RuleSet:
    return RuleSet.load(None)


@pytest.fixture
def shipped():
    return _shipped()


@pytest.fixture
def event():
    def make(text="", headline=None, language="en", detected=None, **dispatch):
        return new_event(
            new_dispatch(headline=headline, language=language, text=text, **dispatch),
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
