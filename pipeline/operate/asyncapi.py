"""The AsyncAPI 3 document of the topics, generated from the topology."""

from __future__ import annotations

from typing import Any

import yaml

from pipeline import __version__
from pipeline.messages import PUBLISHED, DeadLetter, Message, RawItem
from pipeline.settings import KafkaSettings
from pipeline.topology import ERROR_PREFIX, OWN_PREFIX, REPLAY, TOPICS, Topic


def _text(description: str, **more: str) -> dict[str, str]:
    return {"type": "string", **more, "description": description}


#: CloudEvents 1.0, Kafka protocol binding, binary mode.
_ENVELOPE: dict[str, Any] = {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_id": _text("Deterministic: a repetition carries the same one."),
    "ce_type": _text("Kind of message: wirefeed.event, wirefeed.alert…"),
    "ce_source": _text("Always /wirefeed."),
    "ce_time": _text("When the record was made, UTC.", format="date-time"),
    "content-type": _text("application/json, or application/octet-stream for bytes as received."),
    "traceparent": _text("W3C Trace Context: one trace from reception to the last topic."),
    "embargoed_until": _text("Present where an embargo is set: nothing may be published before, UTC.", format="date-time"),
    REPLAY: _text("Present on what `wirefeed replay` has handed in again, with the name of the replay: alert nobody to it."),
}
_RAW_HEADERS: dict[str, Any] = {
    "feed": _text("The configured source."),
    "name": _text("Path or URL of the file, message or entry."),
    "position": _text("Place in the feed; with the feed it names a reception."),
    "received_at": _text("When the bytes came in, UTC.", format="date-time"),
    "declared_format": _text("Wire format that the source is configured to have."),
    "declared_provider": _text("Agency that the source is configured to have."),
    "declared_language": _text("Language that the source is configured to have, BCP-47."),
}
#: Names of KIP-1034, and our own beside them; the headers of the original record stay as they were.
_DEAD_LETTER_HEADERS: dict[str, Any] = {
    f"{ERROR_PREFIX}exception": _text("Class of the error."),
    f"{ERROR_PREFIX}message": _text("Why, for a person."),
    f"{ERROR_PREFIX}topic": _text("Topic of the original record."),
    f"{ERROR_PREFIX}partition": _text("Partition of the original record."),
    f"{ERROR_PREFIX}offset": _text("Offset of the original record."),
    f"{OWN_PREFIX}cut": _text("Present where only the first 64 KiB of the payload are kept."),
    **{
        f"{OWN_PREFIX}{name}": _text(DeadLetter.model_fields[name].description or "")
        for name in ("id", "stage", "feed", "name", "position", "received_at", "size", "sha256", "attempt")
    },
}


def asyncapi_document() -> str:
    """Write the document as YAML."""
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Wirefeed topics",
            "version": __version__,
            "description": "Dispatches of news wires on their way through Wirefeed. Delivery is at least once: see "
            "docs/consumers.md. Consumers must pass over properties that they do not know.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_key(topic): _channel(topic) for topic in TOPICS},
        "operations": dict(operation for topic in TOPICS for operation in _operations(topic)),
        "components": {"messages": {_message_key(model): _message(model) for model in dict.fromkeys(t.holds for t in TOPICS)}},
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=130)


def _key(topic: Topic) -> str:
    return topic.name.removeprefix("wire.")


def _channel(topic: Topic) -> dict[str, Any]:
    settings = KafkaSettings()
    config = topic.config(replication=3, max_message_bytes=settings.max_message_bytes)
    key = f"Key: {topic.key}." if topic.key else "Records have no key."
    return {
        "address": topic.name,
        "title": topic.about,
        "description": f"{key} Written by {', '.join(topic.written_by)}; read by {', '.join(topic.read_by)}.",
        "messages": {_message_key(topic.holds): {"$ref": f"#/components/messages/{_message_key(topic.holds)}"}},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions or settings.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [config["cleanup.policy"]],
                    "retention.ms": int(config["retention.ms"]),
                    "max.message.bytes": int(config["max.message.bytes"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    """What Wirefeed does with a topic: the document describes it, not its consumers."""
    channel = {"$ref": f"#/channels/{_key(topic)}"}
    own = [reader for reader in topic.read_by if reader not in {"downstream consumers", "operators", "audit"}]
    sends = (f"send-{_key(topic)}", {"action": "send", "channel": channel, "summary": topic.about})
    receives = (f"receive-{_key(topic)}", {"action": "receive", "channel": channel, "summary": f"Read by {', '.join(own)}."})
    return [sends, receives] if own else [sends]


def _message_key(model: type[Message]) -> str:
    return next((name for name, published in PUBLISHED.items() if published is model), "raw-item")


def _message(model: type[Message]) -> dict[str, Any]:
    name = _message_key(model)
    summary = (model.__doc__ or "").strip().splitlines()[0]
    if model is RawItem or model is DeadLetter:
        headers = {**_ENVELOPE, **_RAW_HEADERS} if model is RawItem else _DEAD_LETTER_HEADERS
        return {
            "name": name, "summary": summary, "contentType": "application/octet-stream",
            "headers": {"type": "object", "properties": headers}, "payload": {"type": "string", "format": "binary"},
        }  # fmt: skip
    return {
        "name": name,
        "summary": summary,
        "headers": {"type": "object", "required": ["ce_specversion", "ce_id", "ce_type", "ce_source"], "properties": _ENVELOPE},
        "payload": {"$ref": f"./{name}.schema.json"},
    }
