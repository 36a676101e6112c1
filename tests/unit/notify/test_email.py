"""E-mail, through a real SMTP server."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

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
        return AuthResult(success=(login.login, login.password) == (b"wirefeed", b"geheim"), handled=False)

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
    assert first.get_body(("plain",)) is not None
    page = first.get_body(("html",)).get_content()
    assert "&lt;b&gt;" in page and page.count("[FIRST 4 high]") == 1
    assert first["References"] == second["References"] and first["Message-ID"] != second["Message-ID"]
    assert second["Subject"].startswith("[RETRACTED")


def test_what_a_server_accepted_is_delivered_though_it_does_not_say_goodbye(house, wire, mailbox, server) -> None:
    """A connection that breaks after the message was taken does not make it come twice."""

    async def vanish(_smtp, _argument) -> None:
        raise ConnectionResetError

    server.handler.handle_QUIT = lambda *_: vanish(None, None)
    house.plan(wire())
    assert house.deliver().delivered == 1 and len(mailbox.got) == 1


@pytest.mark.parametrize(("answer", "state"), [("451 later", "retrying"), ("554 never", "failed")])
def test_a_server_that_refuses_for_now_is_asked_again(house, wire, mailbox, answer, state) -> None:
    """4xx is tried again, 5xx is not."""
    mailbox.answer = answer
    house.plan(wire())
    assert getattr(house.deliver(), state) == 1


@pytest.fixture
def answer_of(store, subscribe, receiver, wire):
    """Detail of the attempt to send one message to a server at a port."""

    def send(port: int, more: str) -> str:
        channel = f"{{type: email, to: [desk@example.org], sender: wire@example.org, host: localhost, port: {port}, {more}}}"
        house = Desk(store, subscribe(f"subscribers: [{{name: desk, channels: [{channel}]}}]"), receiver)
        house.plan(wire())
        (line,) = house.deliver().failures
        house.notifier.close()
        return line

    return send


def test_a_wrong_password_is_tried_again_until_somebody_corrects_it(answer_of, server, certificate) -> None:
    """The message is not lost for it, and the detail does not repeat the password."""
    line = answer_of(server.port, f"ca_file: {certificate / 'cert.pem'}, username: wirefeed, password: falsch")
    assert "refuses the user or password" in line and "next attempt" in line and "falsch" not in line


def test_a_certificate_that_nobody_vouches_for_ends_the_attempt(answer_of, server, mailbox) -> None:
    """Nothing is said to a server that cannot prove its name, least of all the password."""
    line = answer_of(server.port, "username: wirefeed, password: geheim")
    assert "CERTIFICATE_VERIFY_FAILED" in line and "next attempt" in line and mailbox.got == []


def hang(_peer: socket.socket) -> None:
    time.sleep(0.5)


def drip(peer: socket.socket) -> None:
    """Greet without an end, a byte at a time, each within the timeout."""
    with suppress(OSError):
        while True:
            peer.sendall(b"2")
            time.sleep(0.1)


@pytest.mark.parametrize(
    "answer", [hang, drip, lambda peer: peer.sendall(b"421 come back later\r\n"), lambda peer: peer.sendall(b"\x00\xff\r\n")]
)
def test_a_server_that_hangs_or_hangs_up_is_tried_again(answer_of, answer) -> None:
    """No greeting within the timeout, one without an end, one that sends away, noise."""
    with socket.create_server(("localhost", 0)) as listening:
        listening.settimeout(5)

        def serve() -> None:
            peer, _ = listening.accept()
            answer(peer)
            peer.close()

        thread = Thread(target=serve)
        thread.start()
        begin = time.monotonic()
        line = answer_of(listening.getsockname()[1], "security: none, timeout_seconds: 0.3")
        seconds = time.monotonic() - begin
        thread.join()
    assert "next attempt" in line and seconds < 5
