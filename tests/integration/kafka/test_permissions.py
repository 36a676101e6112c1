"""A user who may not do everything: what is missing is named, and granting it is enough."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, errors
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

from pipeline.engines.condition import Condition
from pipeline.engines.kafka.connection import Connection
from pipeline.engines.kafka.records import Outgoing
from pipeline.engines.kafka.sending import Sending
from pipeline.settings import KafkaSettings
from pipeline.topology import ENTITIES, TOPICS
from tests.services.broker import Broker
from tests.services.fixtures import libraries
from tests.services.processes import Process, Wirefeed, until
from tests.services.samples import count, write_files

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.xdist_group("own kafka")]

_PASSWORD = "correct horse"
_READERS = ("parse", "deduplicate", "language", "entities", "alerts", "sink", "notifier")


class Grants:
    """What the user `wirefeed` may do, as an administrator gives and takes it."""

    def __init__(self, bootstrap: str) -> None:
        self._admin = KafkaAdminClient(bootstrap_servers=bootstrap)

    def give(self, kind: ResourceType, name: str, *operations: ACLOperation) -> None:
        self._admin.create_acls([self._acl(kind, name, each) for each in operations])

    def take(self, kind: ResourceType, name: str, *operations: ACLOperation) -> None:
        self._admin.delete_acls([self._acl(kind, name, each) for each in operations])

    def close(self) -> None:
        self._admin.close()

    @staticmethod
    def _acl(kind: ResourceType, name: str, operation: ACLOperation) -> ACL:
        return ACL("User:wirefeed", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name))


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[Broker, Grants]]:
    """A broker that asks for a password and gives nobody anything but what is granted."""
    settings = {
        "listeners": "CLIENT://127.0.0.1:{port},INTERNAL://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": "CLIENT://127.0.0.1:{port},INTERNAL://127.0.0.1:{internal}",
        "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "INTERNAL",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.client.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    broker = Broker(tmp_path / "kafka", libraries(), settings)
    broker.format("--add-scram", f"SCRAM-SHA-512=[name=wirefeed,password={_PASSWORD}]")
    broker.start()
    grants = Grants(broker.internal)
    yield broker, grants
    grants.close()
    broker.kill()


def _waits_for(process: Process, words: str) -> bool:
    status, answer = process.health()
    assert process.process.poll() is None, process.output[-3000:]
    return status == 503 and any(words in each for each in answer.get("waiting", {}).values())


@pytest.mark.slow
def test_what_a_user_may_not_do_is_named_and_waited_for(guarded: tuple[Broker, Grants], postgres: str, tmp_path: Path):
    """No permission at all, then for groups, then for one topic: each is named; what waited goes on once it is granted."""
    broker, grants = guarded
    administrator = Wirefeed(tmp_path, broker.internal)
    user = Wirefeed(
        tmp_path,
        broker.bootstrap,
        postgres,
        WIREFEED_KAFKA__SECURITY_PROTOCOL="SASL_PLAINTEXT",
        WIREFEED_KAFKA__SASL_USERNAME="wirefeed",
        WIREFEED_KAFKA__SASL_PASSWORD=_PASSWORD,
    )
    prefix = user.prefix
    administrator.environment["WIREFEED_KAFKA__PREFIX"] = user.environment["WIREFEED_KAFKA__PREFIX"]
    administrator.run("topics", "apply")
    dispatches, enriched = f"{prefix}wire.dispatches", f"{prefix}wire.enriched"
    try:
        for command in (("lag",), ("tail", "raw"), ("ingest", str(write_files(tmp_path / "in", 10)))):
            refused = user.run(*command, code=2).stderr
            assert "no permission" in refused, refused
        worker, sink = user.start("worker"), user.start("sink")
        for process in (worker, sink):
            until(lambda: _waits_for(process, "no permission to see topic"), f"{process.name} names the topic")  # noqa: B023
        lacking = _permissions(user)
        assert f"Describe, Read and Write on topic {prefix}wire.raw" in lacking
        assert f"Read on group {prefix}wirefeed-parse" in lacking

        for topic in TOPICS:
            operations = [ACLOperation.READ, ACLOperation.DESCRIBE, ACLOperation.DESCRIBE_CONFIGS]
            if topic.name != "wire.dispatches":
                operations.append(ACLOperation.WRITE)
            grants.give(ResourceType.TOPIC, prefix + topic.name, *operations)
        for process, group in ((worker, "parse"), (sink, "sink")):
            until(lambda: _waits_for(process, f"no permission for group {prefix}wirefeed-"), f"{group} names the group")  # noqa: B023
            assert process.health("/healthz")[0] == 200

        for reader in _READERS:
            grants.give(ResourceType.GROUP, f"{prefix}wirefeed-{reader}", ACLOperation.READ)
        user.run("ingest", str(tmp_path / "in"))
        until(lambda: _waits_for(worker, f"no permission to write topic {dispatches}; grant Write"), "the worker names the topic")
        assert _permissions(user) == f"wirefeed may not do all that is needed; grant: Write on topic {dispatches}"
        grants.give(ResourceType.TOPIC, dispatches, ACLOperation.WRITE)
        until(lambda: count(postgres, "dispatches") == 10, "all are stored")
        for process in (worker, sink):
            process.wait_ready()

        grants.take(ResourceType.TOPIC, enriched, ACLOperation.READ, ACLOperation.WRITE, ACLOperation.DESCRIBE_CONFIGS)
        user.run("ingest", str(write_files(tmp_path / "more", 10, start=10)))
        until(lambda: _waits_for(worker, f"no permission to write topic {enriched}"), "the worker names the topic")
        until(lambda: _waits_for(sink, f"topic {enriched}"), "the sink names the topic")
        grants.give(ResourceType.TOPIC, enriched, ACLOperation.READ, ACLOperation.WRITE)
        until(lambda: count(postgres, "dispatches") == 20, "the rest is stored")
        assert worker.terminate() == sink.terminate() == 0
    finally:
        user.end()


def test_a_producer_that_will_never_send_again_ends_the_process(guarded: tuple[Broker, Grants], tmp_path: Path):
    """Who may write nothing any more is refused a producer's id, on which aiokafka gives up for good, whatever is granted then."""
    broker, grants = guarded
    administrator = Wirefeed(tmp_path, broker.internal)
    administrator.run("topics", "apply")
    grants.give(ResourceType.TOPIC, administrator.prefix + ENTITIES.name, ACLOperation.DESCRIBE, ACLOperation.WRITE)
    settings = KafkaSettings(
        bootstrap_servers=broker.bootstrap, prefix=administrator.prefix, security_protocol="SASL_PLAINTEXT",
        sasl_username="wirefeed", sasl_password=_PASSWORD,
    )  # fmt: skip

    async def send() -> None:
        connection = Connection(settings)
        producer = await _started(connection)
        sending, record = Sending("entities", connection, Condition()), Outgoing(ENTITIES, None, b"{}", ())
        try:
            await sending.deliver([record], producer)
            grants.take(ResourceType.TOPIC, administrator.prefix + ENTITIES.name, ACLOperation.WRITE)
            while True:  # until the broker has heard of it
                await sending.deliver([record], producer)
        finally:
            with suppress(errors.KafkaError):  # the producer's own task ends with what ended it
                await producer.stop()
            await producer.client.close()

    with pytest.raises(errors.KafkaError) as refusal:
        asyncio.run(asyncio.wait_for(send(), 60))
    gave_up = refusal.value.__cause__
    assert gave_up is not None and isinstance(gave_up.__cause__, errors.ClusterAuthorizationFailedError)


async def _started(connection: Connection) -> AIOKafkaProducer:
    """Begin again until the broker has heard of what was granted: it refuses a producer's id before."""
    while True:
        producer = AIOKafkaProducer(**connection.options(), acks="all", enable_idempotence=True)
        try:
            await producer.start()
        except errors.ClusterAuthorizationFailedError:
            await producer.client.close()
            with suppress(errors.KafkaError):
                await producer.stop()
        else:
            return producer


def _permissions(user: Wirefeed) -> str:
    """What the doctor says about permissions."""
    checks = [json.loads(line) for line in user.run("doctor", code=1).stdout.splitlines()]
    return next(check["detail"] for check in checks if check["check"] == "permissions")
