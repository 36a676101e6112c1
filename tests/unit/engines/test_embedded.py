"""The embedded engine follows sources for months: a pass without news costs next to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update

from pipeline.engines.chain import Chain, Outcome
from pipeline.engines.embedded import EmbeddedEngine
from pipeline.messages import RawItem
from pipeline.settings import RulesSettings, Settings, SourceSettings, StoreSettings
from pipeline.sources.open import open_source
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.dead_letters import read_dead_letters

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


class Poisoned(Chain):
    """A chain that breaks on one item, as a bug of a stage would."""

    def process(self, items: Sequence[RawItem]) -> Outcome:
        outcome = super().process(items)
        if any(b"poison" in item.payload for item in items):
            raise ZeroDivisionError("a bug")
        return outcome


def test_an_item_that_breaks_a_stage_stops_no_other(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """It becomes a dead letter, and so it stays when it is replayed; the others of its batch are decided as without it."""
    folder = tmp_path / "wires"
    folder.mkdir()
    text = "PORTMOUTH (AFP) - The harbour closed on Tuesday after a collision between two ferries, officials said."
    for name, body in (("1", text), ("2", f"{text} poison"), ("3", text)):
        (folder / f"{name}.txt").write_text(body)
    settings = Settings(store=StoreSettings(url=f"sqlite:///{tmp_path / 'x.db'}"), rules=RulesSettings(shipped=False))
    store = Store.open(settings.store)
    request.addfinalizer(store.close)
    engine = EmbeddedEngine(settings, Poisoned(settings), store)
    engine.restore()
    assert engine.read([open_source(str(folder), max_item_bytes=LIMIT)]) == 3
    assert (engine.summary.dispatches, engine.summary.copies, engine.summary.dead_letters) == (2, 1, 1)
    with store.reading() as connection:
        (letter,) = read_dead_letters(connection)
    assert (letter.reason, letter.payload.endswith(b"poison")) == ("ZeroDivisionError: a bug", True)
    with store.writing() as connection:
        connection.execute(update(schema.dead_letters).values(state="requested"))
    assert engine.replay() == 0
    with store.reading() as connection:
        assert [each.reason for each in read_dead_letters(connection, state="open")] == ["ZeroDivisionError: a bug"]


def test_a_replay_knows_what_the_source_declared(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Else the item would be another agency's, under another id, and its kill would not find it."""
    folder = tmp_path / "wires"
    folder.mkdir()
    (folder / "1.txt").write_text("The harbour closed on Tuesday after a collision between two ferries, officials said. poison")
    settings = Settings(store=StoreSettings(url=f"sqlite:///{tmp_path / 'x.db'}"), rules=RulesSettings(shipped=False))
    store = Store.open(settings.store)
    request.addfinalizer(store.close)
    broken = EmbeddedEngine(settings, Poisoned(settings), store)
    broken.restore()
    wires = SourceSettings(name="wires", location=str(folder), provider="reuters", language="fr")
    broken.read([open_source(wires, max_item_bytes=LIMIT)])
    with store.writing() as connection:
        connection.execute(update(schema.dead_letters).values(state="requested"))
    mended = EmbeddedEngine(settings, Chain(settings), store)
    mended.restore()
    assert mended.replay() == 1
    with store.reading() as connection:
        table = schema.dispatches
        assert connection.execute(select(table.c.provider, table.c.feed)).all() == [("reuters", "wires")]
