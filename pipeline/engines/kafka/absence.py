"""Why a topic cannot be used, in an operator's words: the same ones from every process and command."""

from __future__ import annotations

from aiokafka import errors

from pipeline.engines.kafka.connection import Connection


def trouble(name: str, code: int) -> str | None:
    """What the broker's answer about a topic means, and the remedy; None where it can be used."""
    if code == errors.TopicAuthorizationFailedError.errno:
        return f"no permission to see topic {name}; grant Describe, Read and Write to this user"
    if code == errors.UnknownTopicOrPartitionError.errno:
        return f"topic {name} is missing; create it with `wirefeed topics apply`"
    if code:
        return f"topic {name} is not ready ({errors.for_code(code).__name__})"
    return None


def unreadable(error: Exception, what: str = "topic") -> str:
    """What a refusal to read means, and the remedy; clients put the name of what they may not read into the error."""
    return f"no permission to read {what} {error.args[0] if error.args else ''}; grant Read to this user"


def why_absent(connection: Connection, name: str) -> str:
    """Ask why a client does not see a topic; raises KafkaError where the broker does not answer."""
    from kafka import KafkaAdminClient  # which takes as long to import as all else that a worker needs

    admin = KafkaAdminClient(**connection.options(), request_timeout_ms=10_000)
    try:
        described = {each["name"]: each["error_code"] for each in admin.describe_topics([name])}
    finally:
        admin.close()
    unknown = int(errors.UnknownTopicOrPartitionError.errno)
    return trouble(name, described.get(name) or unknown) or ""
