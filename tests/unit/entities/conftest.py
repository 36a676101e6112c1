from collections.abc import Callable

import pytest

from pipeline.messages import Entity, Event, Language
from pipeline.settings import EntitiesSettings
from pipeline.stages.entities.stage import EntitiesStage
from tests.samples import new_dispatch, new_event


def make_event(text: str, headline: str | None = None, language: str = "en", dateline: str | None = None) -> Event:
    dispatch = new_dispatch(headline=headline, dateline=dateline, text=text)
    return new_event(dispatch, language=Language(tag=language, confidence=1))


@pytest.fixture(scope="session")
def stage() -> EntitiesStage:
    return EntitiesStage(EntitiesSettings())


@pytest.fixture(scope="session")
def tag(stage: EntitiesStage) -> Callable[..., dict[str, Entity]]:
    """Entities of a text by name."""

    def run(text: str, headline: str | None = None, language: str = "en", dateline: str | None = None) -> dict[str, Entity]:
        (event,) = stage.process([make_event(text, headline, language, dateline)])
        assert event.entities is not None
        return {entity.name: entity for entity in event.entities}

    return run
