"""The AsyncAPI document speaks of every topic, and its references lead somewhere."""

from __future__ import annotations

import re

import yaml

from pipeline.operate.contracts import contract_files
from pipeline.topology import TOPICS

FILES = contract_files()
DOCUMENT = yaml.safe_load(FILES["asyncapi.yaml"])


def test_every_topic_is_a_channel() -> None:
    """With its retention, as `wirefeed topics apply` sets it."""
    channels = {channel["address"]: channel for channel in DOCUMENT["channels"].values()}
    assert set(channels) == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        kafka = channels[topic.name]["bindings"]["kafka"]
        assert kafka["topicConfiguration"]["cleanup.policy"] == ["compact" if topic.compacted else "delete"]
        assert topic.partitions in {None, kafka["partitions"]}


def test_every_topic_is_written() -> None:
    """And read where a stage of ours reads it."""
    for topic in TOPICS:
        key = topic.name.removeprefix("wire.")
        assert DOCUMENT["operations"][f"send-{key}"]["channel"] == {"$ref": f"#/channels/{key}"}
    assert "receive-enriched" in DOCUMENT["operations"]
    assert "receive-alerts" not in DOCUMENT["operations"]


def test_references_lead_somewhere() -> None:
    """To a channel, a message, or a schema beside the document."""
    for reference in re.findall(r"\$ref: ['\"]?([^'\"\s]+)", FILES["asyncapi.yaml"]):
        if reference.startswith("./"):
            assert reference.removeprefix("./") in FILES
            continue
        place = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
