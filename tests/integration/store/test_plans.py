"""PostgreSQL keeps no plan that was made for a small table and would read all of a large one."""

from __future__ import annotations

import pytest

from pipeline.settings import StoreSettings
from pipeline.store.database import Store
from pipeline.store.events import write_events
from tests.unit.console.conftest import make_event

pytestmark = pytest.mark.postgres


def test_questions_about_many_ids_are_planned_for_each_batch(postgres: str) -> None:
    store = Store.open(StoreSettings(url=postgres))
    for first in range(0, 40, 4):
        with store.writing() as connection:
            write_events(connection, [make_event(number, story=f"story {number}") for number in range(first, first + 4)])
            asked = "SELECT statement FROM pg_prepared_statements"
            kept = connection.exec_driver_sql(asked).scalars().all()
    store.close()
    assert any("INSERT INTO dispatches" in statement for statement in kept)
    assert not any("ANY (" in statement for statement in kept)
