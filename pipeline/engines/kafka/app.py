"""The Faust app of one stage: one agent, one consumer group, no tables, no web server."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections import deque
from typing import Any

import structlog

from pipeline.engines.condition import Condition
from pipeline.engines.kafka.connection import REQUEST_TIMEOUT_SECONDS, Connection
from pipeline.engines.kafka.delivery import MOST_BYTES, MOST_RECORDS, Delivery, Stage
from pipeline.engines.kafka.records import Record

log = structlog.get_logger(__name__)

EXIT_BROKEN = 70
#: What is logged of an error that nobody has foreseen.
UNEXPECTED = "unexpected error, the process ends for its supervisor to start it again"
#: A record of this topic may have megabytes, so that fewer are read ahead.
_READ_AHEAD = {"wire.raw": 2048}
#: 4096, Faust's own value, makes its fetcher sleep for a second under load.
_READ_AHEAD_OTHERWISE = 65536
#: A static member is given partitions when it starts and when others come for good: not that often in so many seconds. Two live
#: processes with one instance id take them from each other every second, for ever, without an error from the broker.
_MOST_ASSIGNMENTS, _CHURN_SECONDS = 10, 40.0


class StageApp:
    """Runs one stage."""

    def __init__(self, stage: Stage, connection: Connection, condition: Condition) -> None:
        self.delivery = Delivery(stage, connection, condition)
        self.name = stage.name
        self._instance = connection.settings.instance_id
        self._assignments: deque[float] = deque(maxlen=_MOST_ASSIGNMENTS)
        self._stopping = False
        self._preparing: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self.app = _faust_app(stage, connection)
        from pipeline.engines.kafka import driver

        topic = self.app.topic(connection.topic(stage.reads), schema=driver.Bytes())
        self.app.agent(topic, name=stage.name)(self._consume)
        self.app.on_partitions_assigned.connect(self._assigned, weak=False)

    async def start(self) -> None:
        """Join the group."""
        self.app.finalize()
        await self.app.maybe_start()

    async def stop(self) -> None:
        """Finish the batch in hand, commit it and leave the group, so that the next worker repeats nothing."""
        self._stopping = True
        self.app.consumer.stop_flow()
        await self._idle.wait()
        await self.app.consumer.commit()
        await self.app.stop()

    @property
    def crashed(self) -> BaseException | None:
        """What ended the app; None while it runs."""
        reason: BaseException | None = self.app.crash_reason
        return reason

    def behind(self) -> int:
        """Records that the broker is known to hold and that have not been handed to the stage."""
        thread = self.app.consumer._thread  # noqa: SLF001
        if thread is None or thread._consumer is None:  # noqa: SLF001
            return 0
        behind = 0
        for partition in self.app.consumer.assignment():
            end = self.app.consumer.highwater(partition) or 0
            read = self.app.consumer._committed_offset.get(partition)  # noqa: SLF001
            behind += max(0, end - (read or 0))
        return behind

    async def _assigned(self, _app: Any, assigned: Any, **_: Any) -> None:
        self._look_for_twins()
        self.delivery.unprepared = True
        self.delivery.progress = time.monotonic()
        if assigned:
            self._preparing = asyncio.create_task(self._prepare())

    def _look_for_twins(self) -> None:
        """End the process where another one has its name in the group."""
        now = time.monotonic()
        often = len(self._assignments) == _MOST_ASSIGNMENTS and now - self._assignments[0] < _CHURN_SECONDS
        self._assignments.append(now)
        if self._instance is not None and often:
            log.critical(
                "another live process has the same kafka.instance_id and takes the partitions, again and again; "
                "give each process its own, such as its pod's name",
                stage=self.name,
                instance_id=self._instance,
            )
            sys.stderr.flush()
            os._exit(EXIT_BROKEN)

    async def _prepare(self) -> None:
        """Prepare before the first record comes, so that a restart after a long night is quick when it does."""
        try:
            await self.delivery.prepare()
        except Exception as error:
            _end(self.name, error)

    async def _consume(self, stream: Any) -> None:
        try:
            async for first in stream.noack().events():
                if self._stopping:
                    # Left for the next worker; Faust would wait for its acknowledgement until the grace period is over.
                    self.app.consumer.unacked.discard(first.message)
                    continue
                events = _take_what_is_there(first, stream.channel.queue)
                self._idle.clear()
                await self.delivery.handle([_record(event) for event in events], self.app.producer._producer)  # noqa: SLF001
                for event in events:
                    await stream.ack(event)
                self._idle.set()
                if stream.channel.queue.empty():
                    self.delivery.caught_up()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            # Faust would acknowledge the batch and go on: the records would be lost.
            _end(self.name, error)


def _end(stage: str, error: BaseException) -> None:
    log.critical(UNEXPECTED, stage=stage, exc_info=error)
    sys.stderr.flush()
    os._exit(EXIT_BROKEN)


def _take_what_is_there(first: Any, queue: Any) -> list[Any]:
    events = [first]
    size = len(first.value or b"")
    while len(events) < MOST_RECORDS and size < MOST_BYTES:
        try:
            event = queue.get_nowait()
        except asyncio.QueueEmpty:
            break
        events.append(event)
        size += len(event.value or b"")
    return events


def _record(event: Any) -> Record:
    message = event.message
    headers = message.headers or ()
    pairs = headers.items() if isinstance(headers, dict) else headers
    key = event.key if isinstance(event.key, bytes) else None
    return Record(message.topic, message.partition, message.offset, message.timestamp, key, message.value or b"", tuple(pairs))


def _faust_app(stage: Stage, connection: Connection) -> Any:
    os.environ.setdefault("NO_CYTHON", "1")
    import faust

    from pipeline.engines.kafka import driver

    driver.register()
    settings = connection.settings
    options: dict[str, Any] = {}
    if settings.security_protocol.startswith("SASL"):
        options["broker_credentials"] = faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value() if settings.sasl_password else None,
            mechanism=settings.sasl_mechanism,
            ssl_context=connection.ssl_context,
        )
    elif connection.ssl_context is not None:
        options["broker_credentials"] = faust.SSLCredentials(connection.ssl_context)
    servers = ";".join(f"{driver.SCHEME}://{server}" for server in connection.bootstrap_servers)
    metadata_ms = int(connection.options()["metadata_max_age_ms"])
    return faust.App(
        connection.group(stage.name),
        broker=servers,
        consumer_group_instance_id=settings.instance_id,
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=0,
        key_serializer="raw",
        value_serializer="raw",
        datadir=tempfile.gettempdir(),
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=min(2.0, settings.session_timeout_seconds / 3),
        broker_request_timeout=REQUEST_TIMEOUT_SECONDS,
        broker_commit_interval=1.0,
        broker_max_poll_interval=300.0,
        worker_redirect_stdouts=False,
        stream_buffer_maxsize=_READ_AHEAD.get(stage.reads.name, _READ_AHEAD_OTHERWISE),
        producer_linger=0,
        producer_max_batch_size=262_144,
        producer_max_request_size=settings.max_message_bytes,
        producer_request_timeout=REQUEST_TIMEOUT_SECONDS,
        producer_metadata_max_age_ms=metadata_ms,
        consumer_metadata_max_age_ms=metadata_ms,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 * 1024 * 1024,
        **options,
    )
