"""What can be wrong with a cluster, checked one by one for `wirefeed doctor`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka import errors as kafka_errors
from kafka.admin import ConfigResource, ConfigResourceType

from pipeline.engines.kafka.connection import Connection
from pipeline.operate.cluster import administering, explained, patiently
from pipeline.operate.diagnosis import Check
from pipeline.operate.lag import READERS
from pipeline.operate.topics import plan
from pipeline.settings import Settings
from pipeline.topology import TOPICS

#: The engine leans on internals of these (pyproject.toml pins them).
BUILT_ON = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0"}
#: Topic ids, by which the store keeps its offsets, came with KIP-516 in 3.1.
OLDEST_BROKER = (3, 1)
#: More than this, and the ages that `lag` and the metrics show mislead; the broker itself only refuses an hour.
MOST_SKEW_SECONDS = 2.0

_NEEDED = {"READ", "WRITE", "DESCRIBE"}


class _FailedCheckError(Exception):
    """A finding that is not good; the message is its detail."""


def broker_checks(settings: Settings) -> Iterator[Check]:
    """Yield the findings about the cluster; none stops the next, but without a broker there is only one."""
    connection = Connection(settings.kafka)
    examined: list[tuple[str, Callable[[], str]]] = [
        ("broker", lambda: _reachable(connection)),
        ("versions", lambda: _versions(connection)),
        ("permissions", lambda: _permissions(connection)),
        ("topics", lambda: _topics(connection)),
        ("message sizes", lambda: _sizes(settings, connection)),
        ("clock", lambda: _clock(connection)),
        ("record times", lambda: _record_times(connection)),
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
        raise _FailedCheckError(
            f"{len(brokers)} brokers are fewer than kafka.replication = {replication}; start the missing ones, or lower it"
        )
    return f"{connection.settings.bootstrap_servers} answers: cluster {cluster['cluster_id']}, {len(brokers)} brokers"


def _versions(connection: Connection) -> str:
    with administering(connection) as admin:
        brokers = admin.describe_cluster()["brokers"]
        found = {each["broker_id"]: admin.get_broker_version_data(each["broker_id"]).broker_version for each in brokers}
    old = [f"broker {number} speaks Kafka {'.'.join(map(str, each))}" for number, each in found.items() if each < OLDEST_BROKER]
    if old:
        raise _FailedCheckError(f"{', '.join(old)}; upgrade to {'.'.join(map(str, OLDEST_BROKER))} or newer")
    other = [f"{name} {version(name)} is installed, not {pinned}" for name, pinned in BUILT_ON.items() if version(name) != pinned]
    if other:
        raise _FailedCheckError(f"{', '.join(other)}; install what requirements/runtime.txt names")
    spoken = sorted({".".join(map(str, each)) for each in found.values()})
    clients = ", ".join(f"{name} {pinned}" for name, pinned in BUILT_ON.items())
    return f"Kafka {', '.join(spoken)}; {clients}, kafka-python {version('kafka-python')}"


def _permissions(connection: Connection) -> str:
    user = connection.settings.sasl_username or "this user"
    missing = []
    with administering(connection) as admin:
        for each in admin.describe_topics([connection.topic(topic) for topic in TOPICS]):
            if each["error_code"] == kafka_errors.TopicAuthorizationFailedError.errno:
                missing.append(f"Describe, Read and Write on topic {each['name']}")
                continue
            lacking = _NEEDED - set(each["authorized_operations"] or _NEEDED)
            if each["error_code"] == 0 and lacking:
                missing.append(f"{', '.join(sorted(name.title() for name in lacking))} on topic {each['name']}")
        for group in (connection.group(reader) for reader, _ in READERS):
            try:
                patiently(lambda: admin.describe_groups([group]))  # noqa: B023 # called at once
            except kafka_errors.GroupAuthorizationFailedError:
                missing.append(f"Read on group {group}")
            except kafka_errors.GroupIdNotFoundError:
                continue
    if missing:
        raise _FailedCheckError(f"{user} may not do all that is needed; grant: {'; '.join(missing)}")
    return "read, write and describe on every topic, every group"


def _topics(connection: Connection) -> str:
    wrong = [change for change in plan(connection) if change.action != "keep" or change.warning]
    absent = [change.topic for change in wrong if change.action == "create"]
    found = [str(change) for change in wrong if change.action != "create"]
    if len(absent) == len(TOPICS):
        raise _FailedCheckError("no topic is there yet; `wirefeed topics apply` creates them")
    if absent:
        found.insert(0, f"missing: {', '.join(absent)}")
    if found:
        raise _FailedCheckError("; ".join(found) + "; `wirefeed topics apply` mends what can be mended")
    return f"{len(TOPICS)} topics as they should be"


def _sizes(settings: Settings, connection: Connection) -> str:
    item, message = settings.parse.max_item_bytes, settings.kafka.max_message_bytes
    if message < item * 5 // 4:
        raise _FailedCheckError(
            f"kafka.max_message_bytes ({message:,}) leaves no room for items of parse.max_item_bytes ({item:,}) as JSON; "
            f"set it to {item * 3 // 2:,} and run `wirefeed topics apply`"
        )
    for number, limit in _request_limits(connection).items():
        if limit < message:
            raise _FailedCheckError(
                f"broker {number} takes requests of {limit:,} bytes, kafka.max_message_bytes is {message:,}; "
                f"raise socket.request.max.bytes there or lower kafka.max_message_bytes"
            )
    return f"items up to {item:,} bytes, records up to {message:,}"


def _request_limits(connection: Connection) -> dict[int, int]:
    """Largest request of each broker in bytes; empty where this user may not see it."""
    with administering(connection) as admin:
        brokers = [each["broker_id"] for each in admin.describe_cluster()["brokers"]]
        try:
            answer = admin.describe_configs(
                [ConfigResource(ConfigResourceType.BROKER, str(each)) for each in brokers], config_filter="all"
            )
        except kafka_errors.ClusterAuthorizationFailedError:
            return {}
    return {
        int(name): int(configs["socket.request.max.bytes"]["value"])
        for by_name in answer.values()
        for name, configs in by_name.items()
        if "socket.request.max.bytes" in configs
    }


def _clock(connection: Connection) -> str:
    """Compare this machine's clock with that of the cluster's controller, which stands in what it says of its own log."""
    with administering(connection) as admin:
        before = time.time()
        try:
            quorum = admin.describe_metadata_quorum()
        except (kafka_errors.ClusterAuthorizationFailedError, kafka_errors.IncompatibleBrokerVersion):
            return "not compared: this user may not describe the cluster, or it has no KRaft quorum"
        after = time.time()
    partition = quorum["topics"][0]["partitions"][0]
    theirs = next(each for each in partition["current_voters"] if each["replica_id"] == partition["leader_id"])
    stamp = theirs["last_caught_up_timestamp"] / 1000
    skew = 0.0 if before - 0.001 <= stamp <= after else stamp - (after if stamp > after else before)
    if stamp > 0 and abs(skew) > MOST_SKEW_SECONDS:
        raise _FailedCheckError(
            f"the controller's clock is {abs(skew):,.1f} s {'ahead of' if skew > 0 else 'behind'} this machine's; "
            "let NTP set both (chrony, systemd-timesyncd)"
        )
    return f"this machine and the controller agree within {max(0.1, abs(skew), after - before):.1f} s"


def _record_times(connection: Connection) -> str:
    """Look for records from the future: their writer's clock is wrong."""
    with explained(connection):
        consumer = KafkaConsumer(**connection.options(), enable_auto_commit=False, bootstrap_timeout_ms=5_000)
        try:
            partitions = [
                TopicPartition(name, number)
                for name in map(connection.topic, TOPICS)
                for number in sorted(consumer.partitions_for_topic(name) or ())
            ]
            soon = int((time.time() + MOST_SKEW_SECONDS) * 1000)
            found = consumer.offsets_for_times(dict.fromkeys(partitions, soon)) if partitions else {}
        finally:
            consumer.close()
    ahead = {tp.topic: (stamp.timestamp / 1000 - time.time()) for tp, stamp in found.items() if stamp is not None}
    if ahead:
        named = ", ".join(f"{name} ({seconds:,.0f} s)" for name, seconds in sorted(ahead.items()))
        raise _FailedCheckError(f"records from the future in {named}: let NTP set the clocks of the machines that write there")
    return "no record is from the future"
