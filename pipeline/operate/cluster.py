"""Talking to the cluster as an operator does: one admin client, and errors that say what to do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kafka import KafkaAdminClient
from kafka import errors as kafka_errors

from pipeline.engines.kafka.connection import Connection, refusal_of
from pipeline.failure import OperatorError

T = TypeVar("T")

#: A cluster that no group has used yet makes its topic of offsets at the first question, and says "not yet" meanwhile.
_NOT_YET = (
    kafka_errors.CoordinatorNotAvailableError,
    kafka_errors.CoordinatorLoadInProgressError,
    kafka_errors.NotCoordinatorError,
)


class ClusterError(OperatorError):
    """The cluster cannot be used; the message names it and the remedy."""


def quiet_client() -> None:
    """Keep the client's own records out of the log: its errors come as exceptions, too."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)


@contextmanager
def administering(connection: Connection) -> Iterator[Any]:
    """An admin client within the block; raises ClusterError for what the broker refuses or cannot be reached for."""
    with explained(connection):
        admin = KafkaAdminClient(**connection.options(), request_timeout_ms=10_000, bootstrap_timeout_ms=5_000)
        try:
            yield admin
        finally:
            admin.close()


@contextmanager
def explained(connection: Connection) -> Iterator[None]:
    """Turn errors of the client into words for an operator."""
    quiet_client()
    where = connection.settings.bootstrap_servers
    try:
        yield
    except kafka_errors.SaslAuthenticationFailedError as error:
        raise ClusterError(
            f"broker {where} refuses the user or password; check kafka.sasl_username and its password ({error})"
        ) from error
    except (
        kafka_errors.TopicAuthorizationFailedError,
        kafka_errors.ClusterAuthorizationFailedError,
        kafka_errors.GroupAuthorizationFailedError,
    ) as error:
        raise ClusterError(
            f"broker {where}: no permission; grant it to user {connection.settings.sasl_username} ({error})"
        ) from error
    except (kafka_errors.KafkaConnectionError, kafka_errors.KafkaTimeoutError, kafka_errors.NodeNotReadyError, OSError) as error:
        raise ClusterError(
            f"broker {where} does not answer{refusal_of(connection)}; check that it runs and kafka.bootstrap_servers ({error})"
        ) from error
    except kafka_errors.KafkaError as error:
        raise ClusterError(f"broker {where}: {type(error).__name__}: {error}") from error


def patiently(ask: Callable[[], T], seconds: float = 15.0) -> T:
    """Ask about groups, again while the cluster only now gets ready for them."""
    end = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except _NOT_YET:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
