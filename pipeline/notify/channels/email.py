"""E-mail: text and HTML, over TLS, one thread a story."""

from __future__ import annotations

import hashlib
import html
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from threading import Timer
from typing import Any

from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.subscribers import EmailChannel

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def compose(channel: EmailChannel, body: dict[str, Any], title: str, text: str) -> EmailMessage:
    """Write the message; the same message has the same Message-ID on every attempt."""
    domain = channel.sender.rpartition("@")[2]
    message = EmailMessage()
    message["From"], message["To"] = channel.sender, ", ".join(channel.to)
    message["Subject"] = " ".join(title.split())[:200]
    message["Date"] = format_datetime(datetime.fromisoformat(body["planned_at"]))
    message["Message-ID"] = f"<{body['id']}@{domain}>"
    story = (body.get("story") or {}).get("id")
    if story:
        root = hashlib.sha256(f"{story} {body['subscriber']}".encode()).hexdigest()[:32]
        message["In-Reply-To"] = message["References"] = f"<story-{root}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Wirefeed-Reason"] = body["reason"]
    message.set_content(text)
    shown = html.escape(text.removeprefix(title).lstrip("\n")).replace("\n", "<br>\n")
    message.add_alternative(f"<html><body><h3>{html.escape(title)}</h3><p>{shown}</p></body></html>", subtype="html")
    return message


def send_email(channel: EmailChannel, message: EmailMessage, seconds: float) -> Attempt:
    """Make one attempt; never raises on what a server or the network does."""
    try:
        password = channel.secret()
    except ValueError as error:  # a file that is being replaced, as when a password changes
        return Attempt(Outcome.RETRY, f"cannot log in: {error}")
    try:
        with _connected(channel, seconds) as server:
            if channel.username is not None:
                server.login(channel.username, password)
            refused = server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(error.recipients, all(code >= 500 for code, _ in error.recipients.values()))
    except smtplib.SMTPAuthenticationError as error:
        return Attempt(Outcome.RETRY, f"{channel.host} refuses the user or password ({error.smtp_code}); correct them")
    except smtplib.SMTPResponseException as error:
        outcome = Outcome.REFUSED if 500 <= error.smtp_code < 600 else Outcome.RETRY
        return Attempt(outcome, f"{channel.host} answered {error.smtp_code} {_words(error.smtp_error)}")
    except TimeoutError:
        return Attempt(Outcome.RETRY, f"{channel.host} did not answer within {seconds:g} seconds")
    except (smtplib.SMTPException, OSError) as error:
        return Attempt(Outcome.RETRY, f"{channel.host}: {type(error).__name__}: {error}")
    if refused:
        return Attempt(Outcome.DELIVERED, f"accepted, but not for {', '.join(sorted(refused))}")
    return Attempt(Outcome.DELIVERED, "accepted")


@contextmanager
def _connected(channel: EmailChannel, seconds: float) -> Iterator[smtplib.SMTP]:
    """Connect; ``seconds`` limit each answer, and three times as many the whole attempt, however slowly the server speaks."""
    context = ssl.create_default_context(cafile=str(channel.ca_file) if channel.ca_file else None)
    server = smtplib.SMTP_SSL(timeout=seconds, context=context) if channel.security == "tls" else smtplib.SMTP(timeout=seconds)
    server._host = channel.host  # type: ignore[attr-defined] # noqa: SLF001 - else only a constructor that connects sets it
    end = Timer(3 * seconds, _hang_up, (server,))
    end.daemon = True
    end.start()
    try:
        server.connect(channel.host, channel.port or _PORTS[channel.security])
        if channel.security == "starttls":
            server.starttls(context=context)
        yield server
        with suppress(smtplib.SMTPException, OSError):  # what it has accepted it has accepted
            server.quit()
    finally:
        end.cancel()
        server.close()


def _hang_up(server: smtplib.SMTP) -> None:
    with suppress(OSError, AttributeError):
        server.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _refused(recipients: dict[str, tuple[int, bytes]], final: bool) -> Attempt:
    told = "; ".join(f"{address}: {code} {_words(words)}" for address, (code, words) in sorted(recipients.items()))
    return Attempt(Outcome.REFUSED if final else Outcome.RETRY, f"recipients refused: {told}")


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]
