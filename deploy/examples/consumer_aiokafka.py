"""Follow wire.alerts with aiokafka and print one line for each story, at its highest severity.

Needs nothing of Wirefeed but its JSON: pip install aiokafka. Usage: consumer_aiokafka.py HOST:PORT [--topic T] [--group G]
"""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

from aiokafka import AIOKafkaConsumer


class Stories:
    """Highest severity of each story: a repetition, a copy and a lesser match say nothing new."""

    def __init__(self) -> None:
        self._severity: dict[str, int] = {}

    def take(self, alert: dict[str, Any]) -> str | None:
        """Use an alert; return a line worth reading, or None."""
        story, severity = alert["story"], alert["severity"]
        if not story["current"] or severity <= self._severity.get(story["id"], 0):
            return None
        self._severity[story["id"]] = severity
        titles = ", ".join(rule["title"] for rule in alert["rules"])
        return f"severity {severity} {alert['provider']}: {alert.get('headline') or '(no headline)'} [{titles}]"


async def follow(bootstrap: str, topic: str, group: str, idle_seconds: float | None) -> None:
    """Read until interrupted or idle; offsets are saved after the work."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    stories = Stories()
    await consumer.start()
    try:
        while True:
            try:
                record = await asyncio.wait_for(consumer.getone(), idle_seconds)
            except TimeoutError:
                return
            replayed = any(name == "wirefeed_replay" for name, _ in record.headers)
            line = None if replayed else stories.take(json.loads(record.value))
            if line:
                print(line, flush=True)
            await consumer.commit()
    finally:
        await consumer.stop()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Follow Wirefeed's alerts.")
    parser.add_argument("bootstrap")
    parser.add_argument("--topic", default="wire.alerts")
    parser.add_argument("--group", default="example-alerts")
    parser.add_argument("--idle-seconds", type=float, help="end when nothing has come for so long")
    options = parser.parse_args()
    asyncio.run(follow(options.bootstrap, options.topic, options.group, options.idle_seconds))


if __name__ == "__main__":
    main()
