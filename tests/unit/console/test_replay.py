"""A replay that the console asks for is done by the engine, once, and honestly."""

from __future__ import annotations

import json

import pytest

from pipeline.console.acts import Actor, request_replay
from pipeline.engines.chain import Chain
from pipeline.engines.embedded import EmbeddedEngine
from pipeline.settings import RulesSettings, Settings, StoreSettings
from pipeline.store.database import Store
from pipeline.store.dead_letters import read_dead_letters, write_dead_letters
from tests.unit.console.conftest import NOW, make_letter

GOOD = {
    "uri": "urn:one",
    "version": "1",
    "provider": "Example",
    "headline": "Readable now",
    "body_text": "Text.",
    "pubstatus": "usable",
}


@pytest.mark.parametrize(("payload", "usable", "state"), [(json.dumps(GOOD).encode(), 1, "replayed"), (bytes(100), 0, "open")])
def test_a_requested_replay_is_done_once_and_what_still_fails_is_open_again(
    store_url: str, payload: bytes, usable: int, state: str
) -> None:
    settings = Settings(store=StoreSettings(url=store_url), rules=RulesSettings(shipped=False))
    store = Store.open(settings.store)
    letter = make_letter(payload)
    with store.writing() as connection:
        write_dead_letters(connection, [letter])
    engine = EmbeddedEngine(settings, Chain(settings), store)
    assert engine.replay() == 0  # nobody has asked
    with store.writing() as connection:
        request_replay(connection, str(letter.id), Actor("desk", ""), NOW)
    assert engine.replay() == usable
    assert engine.replay() == 0
    assert engine.summary.dispatches == usable
    with store.reading() as connection:
        (kept,) = read_dead_letters(connection, state=state)
    assert kept.attempt == 2
    assert kept.payload == payload
    store.close()
