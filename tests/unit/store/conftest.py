from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from pipeline.messages import Event, Relation, Status
from pipeline.settings import StoreSettings
from pipeline.store.database import Store
from tests.samples import START, new_dispatch, new_event, new_story


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(StoreSettings(url=f"sqlite:///{tmp_path / 'store.db'}"))
    yield opened
    opened.close()


def make_event(
    number: int = 1,
    *,
    revision: str = "1",
    relation: Relation = Relation.NEW,
    status: Status = Status.USABLE,
    story: str = "one",
    provider: str = "afp",
    minute: int = 0,
    reception: int = 0,
    of: UUID | None = None,
    headline: str = "A headline",
) -> Event:
    dispatch = new_dispatch(
        provider=provider, item_id=str(number), revision=revision, status=status, headline=headline, text="Text of the dispatch.",
        received_at=START + timedelta(minutes=minute), position=f"{provider}-{number}-{revision}-{reception}",
    )  # fmt: skip
    return new_event(dispatch, new_story(story, relation, of=of, providers=[provider]))


@pytest.fixture
def event() -> Callable[..., Event]:
    return make_event
