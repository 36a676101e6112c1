"""Follow wire.enriched with kafka-python and print what counts.

Needs nothing of Wirefeed but its JSON: pip install kafka-python. Usage: consumer_kafka_python.py HOST:PORT [--topic T] [--group G]
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer


class Desk:
    """What a consumer has to remember, kept by keys that make a repetition harmless.

    A real one keeps this in its database, in one transaction with its offsets.
    """

    def __init__(self) -> None:
        self.current: dict[str, dict[str, Any]] = {}
        """Newest dispatch of each item, by provider and item id."""

    def take(self, event: dict[str, Any], now: datetime) -> str | None:
        """Use an event; return a line worth reading, or None where it says nothing new or may not be shown yet.

        Properties that are not known here are passed over: they may be added at any time.
        """
        dispatch, story = event["dispatch"], event["story"]
        item = f"{dispatch['provider']} {dispatch['item_id']}"
        known = self.current.get(item)
        if known is not None and known["receipt"] == event["receipt"]:
            return None  # the broker has handed it out again
        if not story["current"]:
            return None  # an older version that came late: never over a newer one
        self.current[item] = event
        if story["relation"] == "withdrawal" or dispatch["status"] == "canceled":
            return f"WITHDRAWN {item}: take down whatever was published of it"
        embargo = dispatch.get("embargoed_until")
        if dispatch["status"] == "withheld" or (embargo and datetime.fromisoformat(embargo) > now):
            return None  # kept, to be shown when the embargo ends or a usable version comes
        severity = max((alert["severity"] for alert in event.get("alerts") or []), default=0)
        language = (event.get("language") or {}).get("tag", "und")
        return f"{story['relation']:<10} severity {severity} {language:<5} {item}: {dispatch.get('headline') or '(no headline)'}"


def main() -> None:
    """Read until interrupted; offsets are saved after the work, so that a crash repeats and loses nothing."""
    parser = argparse.ArgumentParser(description="Follow Wirefeed's finished events.")
    parser.add_argument("bootstrap")
    parser.add_argument("--topic", default="wire.enriched")
    parser.add_argument("--group", default="example-desk")
    parser.add_argument("--idle-seconds", type=float, help="end when nothing has come for so long")
    options = parser.parse_args()
    consumer = KafkaConsumer(
        options.topic,
        bootstrap_servers=options.bootstrap,
        group_id=options.group,
        auto_offset_reset="earliest",  # a new group starts with all that the topic keeps
        enable_auto_commit=False,
        consumer_timeout_ms=int(options.idle_seconds * 1000) if options.idle_seconds else float("inf"),
    )
    desk = Desk()
    try:
        for record in consumer:
            line = desk.take(json.loads(record.value), datetime.now(UTC))
            if line:
                print(line, flush=True)
            consumer.commit()
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
