"""Both engines measure what their alarms ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from pipeline.engines import measures
from pipeline.engines.chain import Chain
from pipeline.engines.embedded import EmbeddedEngine
from pipeline.messages import StageError
from pipeline.operate.store import open_patiently
from pipeline.settings import Settings, StoreSettings
from pipeline.sources.open import open_source
from pipeline.store.database import Store, StoreUnavailableError
from tests.samples import new_dispatch, new_event


def measured(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_the_embedded_engine_counts_its_dead_letters(tmp_path: Path) -> None:
    """As the stages on Kafka do."""
    (tmp_path / "bad.bin").write_bytes(bytes(100))
    settings = Settings(store=StoreSettings(url=f"sqlite:///{tmp_path}/x.db"))
    store = Store.open(settings.store)
    engine = EmbeddedEngine(settings, Chain(settings), store)
    before = measured("wirefeed_dead_letters_total", stage="parse", error="ParseError")
    engine.read([open_source(str(tmp_path / "bad.bin"), max_item_bytes=settings.parse.max_item_bytes)])
    store.close()
    assert measured("wirefeed_dead_letters_total", stage="parse", error="ParseError") == before + 1


def test_a_stage_that_failed_on_an_event_is_counted() -> None:
    """One for each event that goes on without its section."""
    before = measured("wirefeed_stage_failures_total", stage="alerts")
    measures.failed([], [new_event(new_dispatch(), errors=[StageError(stage="alerts", reason="a bug")]), new_event(new_dispatch())])
    assert measured("wirefeed_stage_failures_total", stage="alerts") == before + 1


def test_a_store_that_is_away_at_the_start_is_measured_as_waited_for() -> None:
    """The alarm goes off for a process that has never come up, too."""
    try:
        with pytest.raises(StoreUnavailableError):
            open_patiently(StoreSettings(url="postgresql://nobody@127.0.0.1:1/none"), patience_seconds=0.01)
        assert measured("wirefeed_waiting", part="store") == 1
    finally:
        measures.WAITING.labels("store").set(0)
