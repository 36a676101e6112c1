from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from pipeline.messages import Dispatch, Event, Relation, Source, Status, Story, deterministic_id, dispatch_id, receipt_id
from pipeline.settings import StoreSettings
from pipeline.store.database import Store

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


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
    identifier = dispatch_id(provider, str(number), revision, "0" * 64)
    position = f"{provider}-{number}-{revision}-{reception}"
    dispatch = Dispatch(
        id=identifier, provider=provider, item_id=str(number), revision=revision, status=status, headline=headline,
        received_at=START + timedelta(minutes=minute), text="Text of the dispatch.", format="ninjs",
        source=Source(feed="f", name="n", position=position), raw_sha256="0" * 64,
    )  # fmt: skip
    verdict = Story(id=deterministic_id("story", story), relation=relation, of=of, reason="a reason", providers=[provider])
    return Event(receipt=receipt_id("f", position, 0), dispatch=dispatch, story=verdict)


@pytest.fixture
def event() -> Callable[..., Event]:
    return make_event
