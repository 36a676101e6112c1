"""E-mail, through a real SMTP server."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from .conftest import Desk

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd")


class Mailbox:
    def __init__(self) -> None:
        self.got: list[email.message.EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate for localhost that signs itself."""
    path = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", path / "key.pem", "-out", path / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return path


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def free_port() -> int:
    with socket.create_server(("localhost", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture
def server(certificate: Path, mailbox: Mailbox) -> Iterator[Controller]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")

    def authenticate(_server, _session, _envelope, _mechanism, login) -> AuthResult:
        return AuthResult(success=(login.login, login.password) == (b"wirefeed", b"geheim"))

    controller = Controller(
        mailbox, hostname="localhost", port=free_port(), tls_context=context, require_starttls=True, auth_required=True,
        authenticator=authenticate,
    )  # fmt: skip
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def house(store, subscribe, receiver, server, certificate) -> Iterator[Desk]:
    made = Desk(
        store,
        subscribe(
            "subscribers: [{name: desk, channels: [{type: email, to: [desk@example.org], sender: wire@example.org, host: localhost, "
            f"port: {server.port}, ca_file: {certificate / 'cert.pem'}, username: wirefeed, password: geheim}}]}}]"
        ),
        receiver,
    )
    yield made
    made.notifier.close()


def test_an_alert_comes_as_text_and_html_in_the_thread_of_its_story(house, wire, mailbox) -> None:
    """Over STARTTLS, with login; a second message about the story stands in the same thread."""
    event = wire(headline="Sudria <b>crosses</b>\r\nBcc: x@example.org")
    house.hears(event)
    house.hears(wire.kill(event))
    first, second = mailbox.got
    assert first["Subject"].startswith("[FIRST 4 high] Sudria <b>crosses</b> Bcc:") and first["Bcc"] is None
    assert first.get_body(("plain",)) is not None and "&lt;b&gt;" in first.get_body(("html",)).get_content()
    assert first["References"] == second["References"] and first["Message-ID"] != second["Message-ID"]
    assert second["Subject"].startswith("[RETRACTED")


@pytest.mark.parametrize(("answer", "state"), [("451 later", "retrying"), ("554 never", "failed")])
def test_a_server_that_refuses_for_now_is_asked_again(house, wire, mailbox, answer, state) -> None:
    """4xx is tried again, 5xx is not."""
    mailbox.answer = answer
    house.plan(wire())
    assert getattr(house.deliver(), state) == 1
