"""Endpoints that misbehave, and what happens each time."""

from __future__ import annotations

import email.utils
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from pipeline.notify.channels.attempt import Attempt, Outcome
from pipeline.notify.channels.network import PrivateAddressError, public_address
from pipeline.notify.channels.signature import sign
from pipeline.notify.endpoints import TOLERATED, Health
from pipeline.notify.operating import redrive
from pipeline.settings import NotifySettings
from pipeline.store import outbox_schema

from .conftest import NOON, SECRET

MINUTE = timedelta(minutes=1)


def rows(store) -> list:
    with store.reading() as connection:
        return connection.execute(select(outbox_schema.outbox).order_by(outbox_schema.outbox.c.seq)).all()


def hang(handler) -> None:
    time.sleep(0.6)
    handler.close_connection = True


def close_early(handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def byte_by_byte(handler) -> None:
    try:
        for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n":
            handler.wfile.write(bytes([byte]))
            time.sleep(0.1)
    except OSError:
        pass
    handler.close_connection = True


def half_a_body(handler) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "100")
    handler.end_headers()
    handler.wfile.write(b"half")
    handler.close_connection = True


def endless(handler) -> None:
    handler.send_response(200)
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
    except OSError:
        handler.close_connection = True


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (204, "delivered", "answered 204"),
        (half_a_body, "delivered", "answered 200"),
        (500, "queued", "answered 500"),
        (429, "queued", "answered 429"),
        (hang, "queued", "no answer within 0.3 seconds"),
        (byte_by_byte, "queued", "no answer within 0.3 seconds"),
        (close_early, "queued", "RemoteProtocolError"),
        (endless, "delivered", "answered 200"),
        (lambda handler: handler.wfile.write(b"\x00\xff nonsense\r\n\r\n"), "queued", "Error"),
        (400, "failed", "answered 400"),
        (410, "failed", "answered 410 Gone"),
        ((302, {"location": "http://169.254.169.254/latest/"}), "failed", "a redirect, which is not followed"),
    ],
)
def test_an_endpoint_answers(desk, wire, receiver, store, *, answer, state, detail) -> None:
    """Delivered, tried again later, or given up: the documented thing happens."""
    house = desk("", NotifySettings(timeout_seconds=0.3))
    receiver.answers = [answer]
    house.hears(wire())
    (row,) = rows(store)
    assert row.state == state and detail in row.detail and row.attempt == 1


def test_retries_follow_their_schedule_and_end(desk, wire, receiver, store) -> None:
    """30 s, 2 min, 10 min, 1 h, 6 h, 24 h, each with up to a fifth of jitter; then the message has failed."""
    house = desk()
    receiver.answers = [503] * 20
    house.plan(wire())
    waits = []
    for _ in range(7):
        report = house.deliver()
        if report.retrying:
            waits.append((rows(store)[0].due_at - house.now).total_seconds())
            house.now = rows(store)[0].due_at
    for wait, nominal in zip(waits, [30, 120, 600, 3600, 21600, 86400], strict=True):
        assert 0.8 * nominal <= wait <= max(1.2 * nominal, 600)
    assert rows(store)[0].state == "failed" and len(receiver.got) == 7
    with store.writing() as connection:
        assert redrive(connection, [], "ines", house.now, failed=True) == 1
    receiver.answers = []
    assert house.deliver().delivered == 1


@pytest.mark.parametrize("seconds", ["300", None])
def test_retry_after_is_kept(desk, wire, receiver, store, seconds) -> None:
    """An endpoint that asks for five minutes, or names a time, is left alone for so long, by every message."""
    house = desk()
    date = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=303), usegmt=True)
    receiver.answers = [(429, {"retry-after": seconds or date})]
    house.hears(wire())
    assert rows(store)[0].due_at >= NOON + 5 * MINUTE
    assert house.hears(wire(item="B1", story="other")) == []
    house.deliver(6 * MINUTE)
    assert [row.state for row in rows(store)] == ["delivered", "delivered"]


def test_410_disables_the_endpoint_until_an_operator_redrives(desk, wire, receiver, store) -> None:
    """Nothing more is sent there; failed messages can be sent again by command."""
    house = desk()
    receiver.answers = [410]
    house.hears(wire())
    assert house.hears(wire(item="B1", story="other")) == []
    assert [row.state for row in rows(store)] == ["failed", "failed"]
    with store.writing() as connection:
        assert redrive(connection, [rows(store)[1].key], "ines", house.now) == 1
    assert house.deliver().delivered == 1


def fail_five_times(house, wire, receiver) -> None:
    """Let five attempts fail, each after the failure before it was noted."""
    receiver.answers = [500] * 5
    for number in range(5):
        house.hears(wire(item=f"B{number}", story=f"b{number}"))
        house.now += timedelta(seconds=1)


def test_a_failing_endpoint_rests_and_is_tried_with_one_message(desk, wire, receiver, store) -> None:
    """After five failures in a row the circuit opens; then one attempt decides."""
    house = desk()
    fail_five_times(house, wire, receiver)
    assert len(receiver.got) == 5
    assert house.hears(wire(item="C", story="c")) == []
    assert "rests until" in rows(store)[-1].detail
    receiver.answers = [500]
    house.deliver(MINUTE)
    assert len(receiver.got) == 6
    house.deliver(15 * MINUTE)
    assert {row.state for row in rows(store)} == {"delivered"}


def test_a_retraction_goes_out_though_the_endpoint_rests(desk, wire, receiver) -> None:
    """Alerts wait for the end of the rest; what was wrong is taken back at once, if the endpoint takes it."""
    house, event = desk(), wire()
    house.hears(event)
    fail_five_times(house, wire, receiver)
    assert house.hears(wire(item="C", story="c"), wire.kill(event)) == ["retracted"]
    assert house.hears(wire(item="D", story="d")) == ["first"]


def test_a_retraction_too_waits_where_the_endpoint_asks_for_it(desk, wire, receiver) -> None:
    """``Retry-After`` is an answer, not a failure of the endpoint: it counts for every message."""
    house, event = desk(), wire()
    house.hears(event)
    receiver.answers = [(503, {"retry-after": "60"})]
    house.hears(wire(item="B1", story="other"))
    assert house.hears(wire.kill(event)) == []
    house.deliver(MINUTE)
    assert sorted(receiver.reasons[-2:]) == ["first", "retracted"]


def test_messages_that_time_out_together_are_one_failure(desk, wire, receiver, store) -> None:
    """Eight attempts hang in one slow moment: the endpoint does not rest, and takes the next alert at once."""
    house = desk("", NotifySettings(timeout_seconds=2.0, max_age_hours=10**6))
    receiver.answers = [hang] * 8
    house.plan(*(wire(item=f"B{number}", story=f"b{number}") for number in range(8)))
    assert house.notifier.deliver_due().retrying == 8
    with store.reading() as connection:
        (health,) = connection.execute(select(outbox_schema.endpoints)).all()
    assert (health.failures, health.closed_until) == (1, None)
    house.plan(wire(item="C", story="c"))
    assert house.notifier.deliver_due().delivered == 1


def test_an_endpoint_that_failed_gets_one_message_at_a_time(desk, wire, receiver, store) -> None:
    """Until it answers; then everything that waits goes out."""
    house = desk("", NotifySettings(timeout_seconds=2.0, max_age_hours=10**6))
    receiver.answers = [500]
    house.plan(wire())
    house.notifier.deliver_due()
    receiver.answers = [hang]
    house.plan(*(wire(item=f"B{number}", story=f"b{number}") for number in range(12)))
    report = house.notifier.deliver_due()
    assert (report.retrying, report.delivered) == (1, 11)
    with store.reading() as connection:
        assert connection.execute(select(outbox_schema.endpoints.c.failures)).scalar() == 0


def test_health_counts_only_failures_in_a_row() -> None:
    """An answer, even a refusal, shows that the endpoint lives; what began before the last failure counts with it."""
    state, retry, second = Health("e"), Attempt(Outcome.RETRY, "500"), timedelta(seconds=1)
    for number in range(TOLERATED - 1):
        began = NOON + 10 * number * second
        state = state.after(retry, began, began + 5 * second)
        state = state.after(retry, began + second, began + 6 * second)
    assert (state.failures, state.closed_until) == (TOLERATED - 1, None)
    assert state.after(Attempt(Outcome.REFUSED, "400"), NOON + MINUTE, NOON + MINUTE).failures == 0
    assert state.after(retry, NOON + MINUTE, NOON + MINUTE).closed_until == NOON + MINUTE + timedelta(seconds=30)


@pytest.mark.parametrize("count", [1, 200])
def test_a_hanging_endpoint_does_not_keep_others_waiting(store, subscribe, receiver, wire, count) -> None:
    """While one endpoint hangs, messages to another go out, also those planned meanwhile and behind many others."""
    from threading import Event, Thread

    from .conftest import Desk, Receiver

    slow, go = Receiver(), Event()

    def wait(handler) -> None:
        go.wait(60)
        handler.close_connection = True

    slow.answers = [wait] * 16
    channel = "{{type: webhook, url: '{}', secret: " + SECRET + ", allow_private_network: true}}"
    house = Desk(
        store,
        subscribe(
            f"subscribers: [{{name: slow, channels: [{channel.format(slow.url)}], filter: {{providers: [afp]}}}}, "
            f"{{name: quick, channels: [{channel.format(receiver.url)}], filter: {{providers: [dpa]}}}}]"
        ),
        receiver,
    )
    house.plan(*(wire(item=f"S{number}", story=f"s{number}") for number in range(count)))
    delivering = Thread(target=house.notifier.deliver_due, args=(NOON,))
    delivering.start()
    until = time.monotonic() + 60
    while not slow.got and time.monotonic() < until:
        time.sleep(0.005)
    house.plan(wire(provider="dpa", item="D1", story="other"))
    while not receiver.got and time.monotonic() < until:
        time.sleep(0.005)
    assert receiver.reasons == ["first"] and delivering.is_alive()
    go.set()
    delivering.join()
    house.notifier.close()
    slow.close()


def test_private_addresses_are_refused(store, subscribe, receiver, wire) -> None:
    """A webhook into the private network is not sent unless the file allows it, whatever its name resolves to."""
    from .conftest import Desk

    for host in ("127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254"):
        with pytest.raises(PrivateAddressError, match="allow_private_network"):
            public_address(host, 80)
    house = Desk(
        store,
        subscribe(f"subscribers: [{{name: desk, channels: [{{type: webhook, url: '{receiver.url}', secret: {SECRET}}}]}}]"),
        receiver,
    )
    assert house.hears(wire()) == []
    assert rows(store)[0].state == "failed" and "allow_private_network" in rows(store)[0].detail
    house.notifier.close()


def test_an_address_that_nobody_listens_at_is_tried_again(store, subscribe, receiver, wire) -> None:
    """A refused connection says nothing of the message."""
    from .conftest import Desk

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    channel = f"{{type: webhook, url: 'http://127.0.0.1:{port}/', secret: {SECRET}, allow_private_network: true}}"
    house = Desk(store, subscribe(f"subscribers: [{{name: desk, channels: [{channel}]}}]"), receiver)
    house.plan(wire())
    assert house.deliver().retrying == 1 and "ConnectError" in rows(store)[0].detail
    house.notifier.close()


def test_a_secret_file_is_read_for_each_message_and_may_be_away_for_a_while(store, subscribe, receiver, wire, tmp_path) -> None:
    """Rotating a secret needs no restart, loses no message, and never sends one unsigned."""
    from .conftest import Desk

    secret, other = tmp_path / "secret", "whsec_" + "A" * 32
    secret.write_text(SECRET)
    channel = f"{{type: webhook, url: '{receiver.url}', secret_file: '{secret}', allow_private_network: true}}"
    house = Desk(store, subscribe(f"subscribers: [{{name: desk, channels: [{channel}]}}]"), receiver)
    secret.write_text("")
    house.plan(wire())
    assert house.deliver().retrying == 1
    secret.unlink()
    assert house.deliver(MINUTE).retrying == 1 and "cannot sign" in rows(store)[0].detail and receiver.got == []
    secret.write_text(f"{other} {SECRET}")
    assert house.deliver(5 * MINUTE).delivered == 1
    headers, body = receiver.got[0]
    for known in (SECRET, other):
        assert Webhook(known).verify(body, {name.lower(): value for name, value in headers.items()})["reason"] == "first"
    house.notifier.close()


def test_while_a_key_rotates_both_sign() -> None:
    """Receivers that know the old or the new secret both accept."""
    other = "whsec_" + "A" * 32
    headers = sign([other, SECRET], "id-1", datetime.now(UTC), b"{}")
    for secret in (other, SECRET):
        assert Webhook(secret).verify(b"{}", headers) == {}
