"""Asking the broker whether it is there and whether it has the topics that a process needs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition, errors
from aiokafka.admin import AIOKafkaAdminClient

from pipeline.engines import measures as shared
from pipeline.engines.condition import Condition
from pipeline.engines.kafka.absence import trouble, unreadable
from pipeline.engines.kafka.connection import Connection, refusal_of
from pipeline.failure import OperatorError
from pipeline.topology import Topic

log = structlog.get_logger(__name__)

#: A look costs some milliseconds, in which no alert leaves.
_EVERY_SECONDS = 5.0
_EVERY_SECONDS_WHILE_WAITING = 1.0
_ANSWER_SECONDS = 5.0


class TopologyError(OperatorError):
    """The cluster's topics cannot be worked with; the message names the topic and the remedy."""


class Probe:
    """Looks every five seconds, every second while it waits; while something is missing the process is alive but not ready."""

    def __init__(
        self, connection: Connection, topics: Sequence[Topic], condition: Condition, readers: Mapping[str, Sequence[Topic]]
    ) -> None:
        self._connection = connection
        self._topics = topics
        self._condition = condition
        self._readers = readers
        self._allowed = False
        self._client: AIOKafkaAdminClient | None = None

    async def until_there(self, stop: asyncio.Event) -> None:
        """Wait until broker and topics are there; raises TopologyError where waiting does not help."""
        while not stop.is_set():
            if not self._note(await self._missing()):
                return
            await _sleep(stop, 0.5)

    async def keep_looking(self, stop: asyncio.Event) -> None:
        """Look again and again; raises TopologyError where a topic changes so that work must end."""
        while not stop.is_set():
            await _sleep(stop, _EVERY_SECONDS_WHILE_WAITING if self._condition.waits("broker") else _EVERY_SECONDS)
            self._note(await self._missing())

    async def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            # A client whose own time runs out while it is closed waits for itself, until it is told once more.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(client.close(), _ANSWER_SECONDS)

    def _note(self, missing: str | None) -> bool:
        if missing is None:
            if self._condition.go_on("broker"):
                shared.WAITING.labels("broker").set(0)
                log.info("going on", part="broker")
            return False
        if self._condition.wait("broker", missing):
            shared.WAITING.labels("broker").set(1)
            log.warning("waiting", waiting_for=missing)
        return True

    async def _missing(self) -> str | None:
        try:
            described = await asyncio.wait_for(self._describe(), _ANSWER_SECONDS)
        except (errors.AuthenticationFailedError, errors.SaslAuthenticationFailed) as error:
            await self.close()
            return f"broker {self._where} refuses the user or password ({error}); check kafka.sasl_username and its password"
        except (errors.KafkaError, OSError, TimeoutError) as error:
            await self.close()
            doubt = refusal_of(self._connection)
            return (
                f"broker {self._where} does not answer{doubt} ({type(error).__name__}); is it up, is kafka.bootstrap_servers right?"
            )
        found = {each["topic"]: each for each in described}
        for topic in self._topics:
            problem = self._problem(topic, found.get(self._connection.topic(topic)))
            if problem:
                return problem
        if not self._allowed:
            try:
                problem = await asyncio.wait_for(self._refused(), 4 * _ANSWER_SECONDS)
            except (errors.KafkaError, OSError, TimeoutError) as error:
                return f"broker {self._where} does not say what this user may do ({type(error).__name__})"
            self._allowed = problem is None
            return problem
        return None

    async def _refused(self) -> str | None:
        """What this user may not do, before the work begins: Kafka's clients would end with an error, or wait in silence."""
        client = self._client
        for group in (self._connection.group(reader) for reader in self._readers):
            try:
                answers = await client.describe_consumer_groups([group]) if client else []
            except errors.GroupAuthorizationFailedError:
                refused = True
            except (errors.CoordinatorNotAvailableError, errors.CoordinatorLoadInProgressError):
                continue  # a cluster that no group has used yet
            else:
                refused = any(each[0] == errors.GroupAuthorizationFailedError.errno for each in answers[0].groups)
            if refused:
                return f"no permission for group {group}; grant Read to this user"
        if self._connection.settings.security_protocol == "PLAINTEXT":
            return None  # nobody has a name to whom a right could be given
        return await self._unreadable()

    async def _unreadable(self) -> str | None:
        consumer = AIOKafkaConsumer(**self._connection.options(), enable_auto_commit=False, fetch_max_wait_ms=50)
        try:
            await consumer.start()
            partitions = [TopicPartition(self._connection.topic(topic), 0) for topics in self._readers.values() for topic in topics]
            consumer.assign(partitions)
            await consumer.seek_to_end(*partitions)
            await consumer.getmany(timeout_ms=300)
        except errors.TopicAuthorizationFailedError as error:
            return unreadable(error)
        finally:
            await consumer.stop()
        return None

    @property
    def _where(self) -> str:
        return self._connection.settings.bootstrap_servers

    def _problem(self, topic: Topic, found: dict[str, Any] | None) -> str | None:
        name = self._connection.topic(topic)
        code = found["error_code"] if found else errors.UnknownTopicOrPartitionError.errno
        if code or not found:
            return trouble(name, code)
        count = len(found["partitions"])
        if topic.partitions is not None and count != topic.partitions:
            raise TopologyError(
                f"topic {name} has {count} partitions, it must have {topic.partitions}: its records have one order; "
                f"stop the workers, delete the topic and create it again with `wirefeed topics apply`"
            )
        return None

    async def _describe(self) -> list[dict[str, Any]]:
        if self._client is None:
            client = AIOKafkaAdminClient(**self._connection.options(), request_timeout_ms=int(_ANSWER_SECONDS * 1000))
            await client.start()
            self._client = client
        described: list[dict[str, Any]] = await self._client.describe_topics(
            [self._connection.topic(each) for each in self._topics]
        )
        return described


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
