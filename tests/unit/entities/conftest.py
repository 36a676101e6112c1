from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from pipeline.messages import Dispatch, Entity, Event, Language, Source
from pipeline.settings import EntitiesSettings
from pipeline.stages.entities.stage import EntitiesStage


def make_event(text: str, headline: str | None = None, language: str = "en", dateline: str | None = None) -> Event:
    dispatch = Dispatch(
        id=UUID(int=1),
        provider="afp",
        item_id="1",
        headline=headline,
        dateline=dateline,
        text=text,
        received_at=datetime(2026, 3, 1, tzinfo=UTC),
        format="plain",
        source=Source(feed="f", name="n", position="0"),
        raw_sha256="0" * 64,
    )
    return Event(receipt=UUID(int=2), dispatch=dispatch, language=Language(tag=language, confidence=1))


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
