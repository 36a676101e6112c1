"""Make a cluster's topics those of ``topology.py``: say what would change, then change it. Nothing is ever shrunk or deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType

from pipeline.engines.kafka.absence import trouble
from pipeline.engines.kafka.connection import Connection
from pipeline.operate.cluster import ClusterError, administering
from pipeline.topology import TOPICS, Topic

_UNKNOWN_TOPIC = 3


@dataclass(frozen=True)
class Change:
    """What one topic needs. ``settings`` maps each differing setting to its value there and the wanted one."""

    topic: str
    action: str
    partitions: int
    partitions_now: int | None = None
    settings: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    warning: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        document = asdict(self)
        document["settings"] = {key: {"now": now, "wanted": wanted} for key, (now, wanted) in self.settings.items()}
        return document

    def __str__(self) -> str:
        parts = [f"{self.topic}: {self.action}"]
        if self.action == "create":
            parts.append(f"{self.partitions} partitions")
        elif self.partitions_now != self.partitions:
            parts.append(f"{self.partitions_now} → {self.partitions} partitions")
        parts += [f"{key} {now} → {wanted}" for key, (now, wanted) in self.settings.items() if self.action != "create"]
        if self.warning:
            parts.append(f"WARNING: {self.warning}")
        return "; ".join(parts)


def plan(connection: Connection) -> list[Change]:
    """Compare the cluster with the topology; raises ClusterError where it cannot be reached."""
    with administering(connection) as admin:
        return _plan(admin, connection)


def apply(connection: Connection) -> list[Change]:
    """Create what is missing, grow and set what differs; return what was done.

    Raises ClusterError where the cluster refuses.
    """
    with administering(connection) as admin:
        changes = _plan(admin, connection)
        replication = connection.settings.replication
        create = {
            each.topic: {
                "num_partitions": each.partitions,
                "replication_factor": replication,
                "configs": {key: wanted for key, (_, wanted) in each.settings.items()},
            }
            for each in changes
            if each.action == "create"
        }
        if create:
            admin.create_topics(create, timeout_ms=30_000, wait_for_metadata=True)
        grow = {each.topic: each.partitions for each in changes if each.action == "change" and _grows(each)}
        if grow:
            admin.create_partitions(grow, timeout_ms=30_000)
        altered = [
            ConfigResource(ConfigResourceType.TOPIC, each.topic, {key: wanted for key, (_, wanted) in each.settings.items()})
            for each in changes
            if each.action == "change" and each.settings
        ]
        if altered:
            admin.alter_configs(altered)
        return changes


def _grows(change: Change) -> bool:
    return change.partitions_now is not None and change.partitions_now < change.partitions


def _plan(admin: Any, connection: Connection) -> list[Change]:
    names = {topic: connection.topic(topic) for topic in TOPICS}
    described = {each["name"]: each for each in admin.describe_topics(list(names.values()))}
    there = [name for name, each in described.items() if each["error_code"] == 0]
    settings = _settings(admin, there) if there else {}
    return [_change(topic, name, described.get(name), settings.get(name, {}), connection) for topic, name in names.items()]


def _settings(admin: Any, names: Sequence[str]) -> dict[str, dict[str, str | None]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    answer = admin.describe_configs(resources, config_filter="all")
    return {
        name: {key: data["value"] for key, data in configs.items()}
        for by_name in answer.values()
        for name, configs in by_name.items()
    }


def _change(topic: Topic, name: str, found: dict[str, Any] | None, now: dict[str, str | None], connection: Connection) -> Change:
    settings = connection.settings
    wanted = topic.config(replication=settings.replication, max_message_bytes=settings.max_message_bytes)
    partitions = topic.partitions or settings.partitions
    code = found["error_code"] if found else _UNKNOWN_TOPIC
    if code == _UNKNOWN_TOPIC:
        return Change(name, "create", partitions, None, {key: (None, value) for key, value in wanted.items()})
    if code or found is None:
        raise ClusterError(trouble(name, code) or f"topic {name} cannot be described")
    count = len(found["partitions"])
    differing = {key: (now.get(key), value) for key, value in wanted.items() if now.get(key) != value}
    warning = None
    if topic.partitions is not None and count != topic.partitions:
        warning = f"must have {topic.partitions} partition; delete it while the workers are stopped, then apply again"
        partitions = count
    elif count > partitions:
        warning = f"has {count} partitions, more than kafka.partitions = {partitions}; partitions are never taken away"
        partitions = count
    elif count < partitions:
        warning = "with more partitions, keys move: events of one story may overtake each other until what is queued is done"
    return Change(name, "change" if differing or count < partitions else "keep", partitions, count, differing, warning)
