"""Staying a member of a consumer group, whatever its coordinator answers.

aiokafka 0.14 does not know FENCED_INSTANCE_ID, the answer to a static member of whom the coordinator has a later request:
after a broker's pause it answers requests that the member has long given up, and the last of them gives the member's name to
an id that nobody holds. aiokafka asks with the old id for ever. Who joins without an id gets the name back.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from aiokafka import errors

log = structlog.get_logger(__name__)

#: Answers of a broker that only an administrator changes.
REFUSALS = (errors.TopicAuthorizationFailedError, errors.GroupAuthorizationFailedError)
#: A member that joined long enough ago begins to count anew; one that is refused for so long ends for another to try.
_CALM_SECONDS, _PATIENCE_SECONDS = 30.0, 120.0


class Membership:
    """What a consumer does about errors of its group's coordinator."""

    def __init__(self) -> None:
        self._first = self._last = float("-inf")

    def join_anew(self, consumer: Any, error: errors.KafkaError) -> None:
        """Let a consumer (aiokafka's) forget its id and join its group as if for the first time.

        Raises the error where that does not help: it is one of REFUSALS, the consumer's own task has ended, or the coordinator
        has answered nothing else for two minutes.
        """
        coordinator = consumer._coordinator  # noqa: SLF001
        now = time.monotonic()
        if now - self._last > _CALM_SECONDS:
            self._first = now
        self._last = now
        if isinstance(error, REFUSALS) or coordinator._coordination_task.done() or now - self._first > _PATIENCE_SECONDS:  # noqa: SLF001
            raise error
        if self._first == now:
            log.warning("the group's coordinator refuses this member, it joins anew", group=coordinator.group_id, answer=str(error))
        coordinator.reset_generation()
