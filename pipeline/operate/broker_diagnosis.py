"""What can be wrong with a cluster, checked one by one for `wirefeed doctor`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pipeline.engines.kafka.connection import Connection
from pipeline.operate.cluster import administering
from pipeline.operate.diagnosis import Check
from pipeline.operate.topics import plan
from pipeline.settings import Settings
from pipeline.topology import TOPICS

_NEEDED = {"READ", "WRITE", "DESCRIBE"}


class _FailedCheckError(Exception):
    """A finding that is not good; the message is its detail."""


def broker_checks(settings: Settings) -> Iterator[Check]:
    """Yield the findings about the cluster; none stops the next, but without a broker there is only one."""
    connection = Connection(settings.kafka)
    examined: list[tuple[str, Callable[[], str]]] = [
        ("broker", lambda: _reachable(connection)),
        ("topics", lambda: _topics(connection)),
        ("permissions", lambda: _permissions(connection)),
        ("message sizes", lambda: _sizes(settings)),
    ]
    for name, examine in examined:
        try:
            yield Check(name, good=True, detail=examine())
        except Exception as error:
            yield Check(name, good=False, detail=str(error) or type(error).__name__)
            if name == "broker":
                return


def _reachable(connection: Connection) -> str:
    with administering(connection) as admin:
        cluster = admin.describe_cluster()
    brokers: list[Any] = cluster["brokers"]
    replication = connection.settings.replication
    if len(brokers) < replication:
        raise _FailedCheckError(f"{len(brokers)} brokers are fewer than kafka.replication = {replication}; start the missing ones")
    return f"cluster {cluster['cluster_id']}, {len(brokers)} brokers"


def _topics(connection: Connection) -> str:
    wrong = [str(change) for change in plan(connection) if change.action != "keep" or change.warning]
    if wrong:
        raise _FailedCheckError("; ".join(wrong) + "; `wirefeed topics apply` mends what can be mended")
    return f"{len(TOPICS)} topics as they should be"


def _permissions(connection: Connection) -> str:
    with administering(connection) as admin:
        described = admin.describe_topics([connection.topic(topic) for topic in TOPICS])
    missing = []
    for each in described:
        allowed = set(each["authorized_operations"] or _NEEDED)
        if each["error_code"] == 0 and not allowed >= _NEEDED:
            missing.append(f"{each['name']}: {', '.join(sorted(_NEEDED - allowed))}")
    if missing:
        raise _FailedCheckError("no permission for " + "; ".join(missing))
    return "read, write and describe on every topic"


def _sizes(settings: Settings) -> str:
    item, message = settings.parse.max_item_bytes, settings.kafka.max_message_bytes
    if message < item * 5 // 4:
        raise _FailedCheckError(
            f"kafka.max_message_bytes ({message:,}) leaves no room for items of parse.max_item_bytes ({item:,}) as JSON; "
            f"set it to {item * 3 // 2:,} and run `wirefeed topics apply`"
        )
    return f"items up to {item:,} bytes, records up to {message:,}"
