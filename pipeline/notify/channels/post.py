"""One place that sends to every type of channel."""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.channels.email import compose, send_email
from pipeline.notify.channels.lines import write_console, write_json_line
from pipeline.notify.channels.webhook import WebhookSender
from pipeline.notify.subscribers import AnyChannel, ConsoleChannel, EmailChannel, JsonLinesChannel, Template
from pipeline.notify.templates import worded


class PostOffice:
    """Sends messages; safe for threads."""

    def __init__(self, timeout_seconds: float, console: TextIO | None) -> None:
        self._console = console
        self._timeout = timeout_seconds
        self._webhooks = WebhookSender(timeout_seconds)

    def send(self, channel: AnyChannel, body: dict[str, Any], template: Template | None = None) -> Attempt:
        """Make one attempt; never raises."""
        try:
            title, text = worded(template, body)
            if template is not None:
                body = {**body, "title": title, "text": text}
            encoded = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
            if isinstance(channel, ConsoleChannel):
                return write_console(self._console or sys.stderr, text)
            if isinstance(channel, JsonLinesChannel):
                return write_json_line(channel.path, encoded)
            if isinstance(channel, EmailChannel):
                seconds = channel.timeout_seconds or self._timeout
                return send_email(channel, compose(channel, body, title, text), seconds)
            return self._webhooks.send(channel, body["id"], encoded)
        except Exception as error:  # a message that breaks its channel must not stop the others
            return Attempt(Outcome.REFUSED, f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Close connections."""
        self._webhooks.close()
