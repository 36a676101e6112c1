"""One place that sends to every type of channel."""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.channels.lines import write_console, write_json_line
from pipeline.notify.channels.webhook import WebhookSender
from pipeline.notify.subscribers import AnyChannel, ConsoleChannel, JsonLinesChannel


class PostOffice:
    """Sends messages; safe for threads."""

    def __init__(self, timeout_seconds: float, console: TextIO | None) -> None:
        self._console = console
        self._webhooks = WebhookSender(timeout_seconds)

    def send(self, channel: AnyChannel, body: dict[str, Any]) -> Attempt:
        """Make one attempt; never raises."""
        try:
            encoded = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
            if isinstance(channel, ConsoleChannel):
                return write_console(self._console or sys.stderr, body)
            if isinstance(channel, JsonLinesChannel):
                return write_json_line(channel.path, encoded)
            return self._webhooks.send(channel, body["id"], encoded)
        except Exception as error:  # a message that breaks its channel must not stop the others
            return Attempt(Outcome.REFUSED, f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Close connections."""
        self._webhooks.close()
