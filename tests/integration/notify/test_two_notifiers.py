"""Two notifiers on one PostgreSQL, one of them killed again and again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pipeline.notify.notifier import Notifier
from pipeline.notify.subscribers import load_subscribers
from pipeline.settings import NotifySettings, StoreSettings
from pipeline.store import outbox_schema
from pipeline.store.database import Store

from .crisis import event
from .test_crashes import Receiver

_ROOT = Path(__file__).resolve().parents[3]
_DELIVER = """
import sys, time
from pathlib import Path
from pipeline.notify.notifier import Notifier
from pipeline.notify.subscribers import load_subscribers
from pipeline.settings import NotifySettings, StoreSettings
from pipeline.store.database import Store
store = Store.open(StoreSettings(url=sys.argv[1]))
notifier = Notifier(store, load_subscribers(Path(sys.argv[2])), NotifySettings(timeout_seconds=0.5, max_age_hours=10**6))
with notifier.delivering():
    time.sleep(120)
"""


@pytest.mark.postgres
def test_one_of_two_notifiers_is_killed_again_and_again(postgres: str, tmp_path: Path) -> None:
    """Every alert arrives; repeats have equal ids; a kill planned meanwhile is told after its alert."""
    receiver = Receiver(failing_every=0)
    (tmp_path / "clock").write_text(datetime.now(UTC).isoformat())
    receiver.clock = tmp_path / "clock"
    file = tmp_path / "subscribers.yaml"
    file.write_text(
        f"subscribers: [{{name: desk, channels: [{{type: webhook, url: '{receiver.url}', "
        "secret: MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, allow_private_network: true}]}]"
    )
    store = Store.open(StoreSettings(url=postgres))
    planner = Notifier(store, load_subscribers(file), NotifySettings(max_age_hours=10**6))
    children = [_start(postgres, file), _start(postgres, file)]
    count, kills = 300, 0
    try:
        for number in range(count):
            with store.writing() as connection:
                planner.plan(connection, [event(f"I{number}", number, 4)], datetime.now(UTC))
            if number % 60 == 59:
                children[0].send_signal(signal.SIGKILL)
                children[0].wait()
                children[0], kills = _start(postgres, file), kills + 1
        with store.writing() as connection:
            withdrawal = event("I7", count, 1, "withdrawal", status="canceled", signal="kill")
            planner.plan(connection, [withdrawal], datetime.now(UTC))
        _wait_until_empty(store)
    finally:
        for child in children:
            child.kill()
            child.wait()
        planner.close()
        store.close()
        receiver.close()
    ids = Counter(body["id"] for _, body in receiver.got)
    items = {(body["dispatch"]["item_id"], body["reason"]) for _, body in receiver.got}
    assert kills == 5
    assert {item for item, reason in items if reason == "first"} >= {f"I{number}" for number in range(count)} - {"I7"}
    assert len(ids) == len(items)
    about = [body["reason"] for _, body in receiver.got if body["dispatch"]["item_id"] == "I7"]
    assert about == [] or about[-1] == "retracted"


def _start(url: str, file: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _DELIVER, url, str(file)], env={**os.environ, "PYTHONPATH": str(_ROOT)})


def _wait_until_empty(store: Store) -> None:
    table, until = outbox_schema.outbox, time.monotonic() + 120
    while time.monotonic() < until:
        with store.reading() as connection:
            waiting = connection.execute(select(func.count()).where(table.c.state.in_(["queued", "sending", "held"]))).scalar()
        if not waiting:
            return
        time.sleep(0.1)
    pytest.fail("the outbox is not empty after a minute")
