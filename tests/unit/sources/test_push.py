"""HTTP push, through a real socket."""

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from standardwebhooks import Webhook

from pipeline.settings import SourceSettings
from pipeline.sources import push
from pipeline.sources.open import open_source
from pipeline.sources.source import SourceError


@pytest.fixture
def opened():
    """Open push sources on free ports and close them in the end."""
    sources = []

    def open_push(**settings):
        location = settings.pop("location", "127.0.0.1:0")
        source = open_source(SourceSettings(name="push", type="http", location=location, **settings), max_item_bytes=1000)
        sources.append(source)
        return source

    yield open_push
    for source in sources:
        source.close()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def arrived(source, count=1):
    """Wait until as many items have arrived."""
    while len(readings := list(source.read({}))) < count:
        pass
    return readings


def post(source, body=b"FLASH", **headers):
    return httpx.post(source.address, content=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_sender_is_answered_only_when_its_item_is_safe(opened, pool):
    """202 means durable: before the position is saved there is no answer."""
    source = opened()
    answer = pool.submit(post, source)
    (reading,) = arrived(source)
    assert reading.item.payload == b"FLASH"
    assert not answer.done()
    source.confirm(reading.position)
    assert answer.result().status_code == 202
    assert list(source.read({})) == []


def test_an_unconfirmed_item_is_handed_out_again(opened, pool):
    """An engine whose transaction failed reads the same item under the same position."""
    source = opened()
    answer = pool.submit(post, source)
    assert arrived(source) == arrived(source)
    source.confirm(arrived(source)[0].position)
    assert answer.result().status_code == 202


def test_a_saved_position_covers_what_arrived_before_it(opened, pool):
    """Engines save the last position of a batch."""
    source = opened()
    answers = [pool.submit(post, source, body=bytes([number])) for number in range(1, 5)]
    source.confirm(arrived(source, 4)[-1].position)
    assert {answer.result().status_code for answer in answers} == {202}


def test_a_key_names_a_reception(opened, pool):
    """The same body under two keys is two receptions; sent again under one key it is one."""
    source = opened()
    answers = [pool.submit(post, source, idempotency_key=key) for key in ("a", "b", "b")]
    readings = arrived(source, 2)
    assert len({reading.position.position for reading in readings}) == 2
    while not all(answer.done() for answer in answers):
        for reading in source.read({}):
            source.confirm(reading.position)


def test_closing_promises_nothing(opened, pool):
    """Who waits at the end is told to send again."""
    source = opened()
    answer = pool.submit(post, source)
    arrived(source)
    source.close()
    assert answer.result().status_code == 503
    assert answer.result().headers["retry-after"]


def test_a_body_above_the_limit_is_refused(opened):
    """413, declared or streamed."""
    source = opened()
    assert post(source, b"x" * 1001).status_code == 413
    assert httpx.post(source.address, content=iter([b"x" * 600] * 2)).status_code == 413
    assert post(source, b"").status_code == 400


def test_pressure_is_answered_with_429(opened, pool, monkeypatch):
    """What cannot be held is not taken; the sender learns when to come back."""
    monkeypatch.setattr(push, "LARGEST_QUEUE", 1)
    source = opened()
    answer = pool.submit(post, source)
    (reading,) = arrived(source)
    refused = post(source, b"another")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    source.confirm(reading.position)
    assert answer.result().status_code == 202


def accepted(source, pool, **how):
    answer = pool.submit(post, source, **how)
    while not answer.done():
        for reading in source.read({}):
            source.confirm(reading.position)
    return answer.result().status_code


def test_a_token_is_demanded_where_one_is_set(opened, pool, tmp_path):
    """Secrets come from a file."""
    (tmp_path / "token").write_text("s3cret\n")
    source = opened(token_file=tmp_path / "token")
    assert post(source).status_code == 401
    assert post(source, authorization="Bearer wrong").status_code == 401
    assert accepted(source, pool, authorization="Bearer s3cret") == 202


def test_a_signature_over_the_body_is_demanded_where_a_secret_is_set(opened, pool):
    """WebSub's header or Standard Webhooks; a changed body is refused."""
    source = opened(signing_secret="key")
    signature = "sha256=" + hmac.new(b"key", b"FLASH", hashlib.sha256).hexdigest()
    assert post(source, b"flash", x_hub_signature_256=signature).status_code == 401
    assert accepted(source, pool, x_hub_signature_256=signature) == 202


def test_standard_webhooks_signatures_are_understood(opened, pool):
    """Checked against the reference library."""
    import datetime as dt

    secret = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0"
    source = opened(signing_secret=secret)
    now = dt.datetime.now(dt.UTC)
    signature = Webhook(secret).sign("msg_1", now, "FLASH")
    headers = {"webhook_id": "msg_1", "webhook_timestamp": str(int(now.timestamp())), "webhook_signature": signature}
    assert accepted(source, pool, **headers) == 202
    assert post(source, b"other", **headers).status_code == 401


def test_only_loopback_goes_without_authentication():
    """A port that others can reach demands a secret; the message says which."""
    with pytest.raises(SourceError, match="token_file"):
        open_source(SourceSettings(name="push", type="http", location="0.0.0.0:0"), max_item_bytes=10)


def test_a_port_in_use_is_an_error_that_names_it(opened):
    """Could not start."""
    taken = opened().address.rpartition(":")[2]
    with pytest.raises(SourceError, match=taken):
        opened(location=f"127.0.0.1:{taken}")
