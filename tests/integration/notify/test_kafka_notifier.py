"""`wirefeed notifier` as operators run it: a real broker, a real PostgreSQL, a real receiver, and SIGKILL in the middle."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.services.fixtures import Kafka
from tests.services.processes import Process, Wirefeed, until
from tests.services.samples import dispatch, rows

from .test_crashes import Receiver

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

COUNT = 120
KILLS = 4


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    made = Receiver(failing_every=0)
    made.clock = tmp_path / "clock"
    made.clock.write_text(datetime.now(UTC).isoformat())
    yield made
    made.close()


@pytest.fixture
def wirefeed(kafka: Kafka, postgres: str, tmp_path: Path, receiver: Receiver) -> Iterator[Wirefeed]:
    subscribers = tmp_path / "subscribers.yaml"
    subscribers.write_text(
        f"subscribers: [{{name: desk, confirmations: 1, channels: [{{type: webhook, url: '{receiver.url}', "
        "secret: MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, allow_private_network: true}]}]"
    )
    installation = Wirefeed(
        tmp_path, kafka.bootstrap, postgres, WIREFEED_SUBSCRIBERS__FILE=str(subscribers), WIREFEED_NOTIFY__TIMEOUT_SECONDS="0.5",
        WIREFEED_NOTIFY__MAX_AGE_HOURS="1000000",
    )  # fmt: skip
    installation.run("topics", "apply")
    yield installation
    installation.end()


def hand_in(wirefeed: Wirefeed, name: str, *dispatches: dict[str, object]) -> None:
    path = wirefeed.folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in dispatches))
    wirefeed.run("ingest", str(path))


def heard(receiver: Receiver, reason: str) -> set[str]:
    return {body["dispatch"]["item_id"] for _, body in list(receiver.got) if body["reason"] == reason}


def killed_in_the_middle(wirefeed: Wirefeed, receiver: Receiver, notifier: Process) -> Process:
    """Kill the notifier again and again while it delivers, each time after some more messages."""
    for number in range(1, KILLS + 1):
        until(lambda enough=number * COUNT // (KILLS + 3): len(receiver.got) >= enough, f"messages before kill {number}")
        notifier.kill()
        notifier = wirefeed.start("notifier")
    return notifier


@pytest.mark.slow
@pytest.mark.parametrize("companions", [0, 1])
def test_every_alert_arrives_under_one_id_though_the_notifier_is_killed(
    wirefeed: Wirefeed, receiver: Receiver, companions: int
) -> None:
    """Alone or beside another one on the same database: alerts, a corroboration by copy and a kill reach the webhook.

    Repeats have equal ids; the audit is on its topic.
    """
    worker = wirefeed.start("worker")
    worker.wait_ready()
    others = [wirefeed.start("notifier") for _ in range(companions)]
    for other in others:
        other.wait_ready()
    notifier = wirefeed.start("notifier")
    notifier.wait_ready()
    hand_in(wirefeed, "news", *(dispatch(number) for number in range(COUNT)))
    notifier = killed_in_the_middle(wirefeed, receiver, notifier)
    items = {f"item-{number}" for number in range(COUNT)}
    until(lambda: heard(receiver, "first") >= items, "every alert has arrived")
    # What a killed notifier had delivered and not settled would be withdrawn in doubt by the kill below, and not be delivered again.
    until(lambda: not waiting(wirefeed), "every alert is settled")

    withdrawal = {"revision": "2", "status": "canceled", "signal": "kill", "text": "", "headline": "KILL KILL KILL"}
    copy = {**dispatch(5), "provider": "otherwire", "item_id": "copy-of-5"}
    hand_in(wirefeed, "later", dispatch(7, **withdrawal), copy)
    until(lambda: heard(receiver, "retracted") == {"item-7"}, "the kill is told")
    until(lambda: heard(receiver, "confirmed"), "the copy confirms")
    until(lambda: not waiting(wirefeed), "nothing waits")
    for process in (notifier, *others):
        assert process.terminate() == 0, process.output

    ids = defaultdict(set)
    for _, body in receiver.got:
        ids[body["story"]["id"], body["reason"]].add(body["id"])
    assert {len(each) for each in ids.values()} == {1}
    assert Counter(reason for _, reason in ids) == {"first": COUNT, "retracted": 1, "confirmed": 1}
    published = wirefeed.records("notifications")
    stored = rows(wirefeed.environment["WIREFEED_STORE__URL"], "select count(*) from notification_audit")[0][0]
    assert len({each["headers"]["ce_id"] for each in published}) == stored
    delivered = {each["value"]["id"] for each in published if each["value"]["state"] == "delivered"}
    assert delivered == set().union(*ids.values())


def waiting(wirefeed: Wirefeed) -> int:
    query = "select count(*) from outbox where state in ('queued', 'sending', 'held')"
    return int(rows(wirefeed.environment["WIREFEED_STORE__URL"], query)[0][0])
