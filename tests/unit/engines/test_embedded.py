"""The embedded engine follows sources for months: a pass without news costs next to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from pipeline.engines.chain import Chain
from pipeline.engines.embedded import EmbeddedEngine
from pipeline.settings import RulesSettings, Settings, StoreSettings
from pipeline.sources.open import open_source
from pipeline.store.database import Store

LIMIT = 10_000


def test_saved_positions_are_read_from_the_store_once(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """However many files a followed folder holds, the passes after the first ask for the new ones alone."""
    folder = tmp_path / "wires"
    folder.mkdir()
    settings = Settings(store=StoreSettings(url=f"sqlite:///{tmp_path / 'x.db'}"), rules=RulesSettings(shipped=False))
    store = Store.open(settings.store)
    request.addfinalizer(store.close)
    engine = EmbeddedEngine(settings, Chain(settings), store)
    source = open_source(str(folder), max_item_bytes=LIMIT)
    reads = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT") and "FROM positions" in statement:
            reads.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    request.addfinalizer(lambda: event.remove(Engine, "before_cursor_execute", note))
    engine.restore()
    for number in range(3):
        (folder / f"{number}.txt").write_text(
            f"PORTMOUTH (AFP) - The harbour closed for the {number}th time this year, officials said."
        )
        assert engine.read([source]) == 1
    assert engine.read([source]) == 0
    assert len(reads) == 1
    (folder / "1.txt").write_text("PORTMOUTH (AFP) - The harbour is open again after a week of repairs, its master said.")
    assert engine.read([source]) == 1
