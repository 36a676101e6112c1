"""What is said differently to PostgreSQL than to SQLite: isolation, pruning, purging, summaries and reminders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from pipeline.notify.audit import read_audit
from pipeline.notify.notifier import Notifier
from pipeline.notify.subscribers import load_subscribers
from pipeline.settings import NotifySettings, StoreSettings
from pipeline.store import outbox_schema as schema
from pipeline.store.database import Store
from pipeline.store.dead_letters import read_dead_letters
from pipeline.store.removal import purge_item

from .crisis import START, event
from .test_crashes import Receiver

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)
KILL = {"status": "canceled", "signal": "kill"}


class Desk:
    """A notifier on PostgreSQL; its clock is set by hand."""

    def __init__(self, url: str, folder: Path) -> None:
        self.receiver = Receiver(failing_every=0)
        self.receiver.clock = folder / "clock"
        self.receiver.clock.write_text(START.isoformat())
        file = folder / "subscribers.yaml"
        channel = (
            f"{{type: webhook, url: '{self.receiver.url}', secret: MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, allow_private_network: true}}"
        )
        file.write_text(
            f"subscribers: [{{name: desk, operator: true, rate_limit: {{per_minute: 3}}, channels: [{channel}], "
            "escalation: {after_minutes: 30, min_severity: 5}}]"
        )
        self.store = Store.open(StoreSettings(url=url))
        self.notifier = Notifier(self.store, load_subscribers(file), NotifySettings())

    def hears(self, now: datetime, *events) -> list[str]:
        before = len(self.receiver.got)
        with self.store.writing() as connection:
            self.notifier.plan(connection, events, now)
        self.notifier.deliver_due(now)
        return sorted(body["reason"] for _, body in self.receiver.got[before:])

    def count(self, table, *conditions) -> int:
        with self.store.reading() as connection:
            return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


@pytest.fixture
def desk(postgres: str, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(postgres, tmp_path)
    yield made
    made.notifier.close()
    made.store.close()
    made.receiver.close()


def test_an_odd_event_and_an_unreadable_message_stop_nothing(desk: Desk) -> None:
    """A statement that fails does not take the transaction with it."""
    odd = event("odd", 1, 4)
    odd.dispatch.provider = None
    assert desk.hears(START, event("A", 0, 5), odd, event("B", 2, 4)) == ["first", "first", "operator"]
    with desk.store.reading() as connection:
        assert [letter.stage for letter in read_dead_letters(connection)] == ["notifier"]
    assert desk.hears(START, *(event(f"S{number}", 10 + number, 4) for number in range(5))) == ["first"]
    table = schema.outbox
    with desk.store.writing() as connection:
        held = connection.execute(select(func.min(table.c.seq)).where(table.c.state == "held")).scalar()
        connection.execute(update(table).where(table.c.seq == held).values(content="{"))
    assert desk.hears(START + timedelta(minutes=2)) == ["summary"]
    assert desk.hears(START + timedelta(minutes=31)) == ["reminder"]


def test_pruning_and_purging(desk: Desk) -> None:
    """Words go, then rows; a kill reaches who was told for as long as it is known."""
    desk.hears(START, event("A", 0, 4), event("B", 1, 4))
    with desk.store.writing() as connection:
        assert purge_item(connection, "afp:B").notifications == 1
    assert desk.count(schema.outbox, schema.outbox.c.content == "{}") == 1
    desk.hears(START + 91 * DAY)
    assert desk.count(schema.outbox, schema.outbox.c.content == "{}") == 2 and desk.count(schema.audit) == 1
    assert desk.hears(START + 92 * DAY, event("A", 2, 1, "withdrawal", **KILL)) == ["retracted"]
    desk.hears(START + 493 * DAY)
    assert [desk.count(table) for table in (schema.outbox, schema.noticed)] == [0, 0]
    desk.hears(START + 494 * DAY)
    assert desk.count(schema.told) == 0
    with desk.store.reading() as connection:
        assert len(list(read_audit(connection))) == 1
