"""The contracts for downstream consumers, generated from the messages and the topology."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from pipeline.messages import PUBLISHED
from pipeline.notify.body import MessageBody
from pipeline.notify.subscribers import subscribers_schema
from pipeline.operate.asyncapi import asyncapi_document


class _Closed(GenerateJsonSchema):
    """Producer schemas are closed: an unknown property is a mistake of the producer's.

    Properties have no titles of their own: type generators make a named type of each that has one.
    """

    def generate(self, schema: Any, mode: Any = "serialization") -> JsonSchemaValue:
        """Generate the schema and close every object that lists its properties."""
        document = super().generate(schema, mode)
        for part in (document, *document.get("$defs", {}).values()):
            if "properties" in part:
                part["additionalProperties"] = False
        document["$schema"] = self.schema_dialect
        return document

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - as it is called
        """Name types, not properties."""
        return False


def message_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of every message on a topic, and of a webhook's body, by its name."""
    models: dict[str, type[BaseModel]] = {**PUBLISHED, "webhook": MessageBody}
    return {name: _schema(model) for name, model in models.items()}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(mode="serialization", schema_generator=_Closed)


def contract_files() -> dict[str, str]:
    """Every generated file of ``schemas/``, by its path there."""
    files = {
        f"{name}.schema.json": json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        for name, schema in message_schemas().items()
    }
    subscribers = json.dumps(subscribers_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    return {**files, "subscribers.schema.json": subscribers, "asyncapi.yaml": asyncapi_document()}
