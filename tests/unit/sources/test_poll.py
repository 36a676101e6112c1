"""RSS and Atom by polling, against a real server."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.settings import SourceSettings
from pipeline.sources.intake import Intake
from pipeline.sources.open import open_source
from pipeline.sources.poll import PollSource
from pipeline.sources.source import SourceError
from tests.unit.sources.reading import read

FEED = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


class Server(ThreadingHTTPServer):
    """Plays a list of answers (status, headers, body) and remembers the requests' headers."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.requests = [], []
        self.url = f"http://127.0.0.1:{self.server_port}/feed"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append({name.lower(): value for name, value in self.headers.items()})
        status, headers, body = self.server.answers.pop(0)
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Stay quiet."""


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def source(server, clock):
    source = PollSource(server.url, Intake("feed", 1000), interval_seconds=60, token="s3cret", clock=clock)
    yield source
    source.close()


def test_a_changed_document_is_one_item_and_an_unchanged_one_none(server, clock, source):
    """The second request is conditional; the document's hash is its position."""
    server.answers = [(200, {"etag": '"1"', "last-modified": "Sun, 01 Mar 2026 12:00:00 GMT"}, FEED), (304, {}, b"")]
    (item,), problems, saved = read(source)
    assert (item.payload, item.name, problems) == (FEED, server.url, [])
    assert item.position.startswith(f"{server.url}#")
    clock.now += 60
    assert read(source, saved)[:2] == ([], [])
    assert server.requests[1]["if-none-match"] == '"1"'
    assert server.requests[1]["if-modified-since"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert server.requests[1]["authorization"] == "Bearer s3cret"


def test_the_same_document_under_a_new_etag_is_not_received_again(server, clock, source):
    """A server that renews its validators without need costs one download and no item."""
    server.answers = [(200, {"etag": '"1"'}, FEED), (200, {"etag": '"2"'}, FEED), (304, {}, b"")]
    saved = read(source)[2]
    clock.now += 60
    assert read(source, saved)[:2] == ([], [])
    clock.now += 60
    read(source, saved)
    assert server.requests[2]["if-none-match"] == '"2"'


def test_a_poll_that_was_not_saved_is_received_again(server, clock, source):
    """An engine that could not commit gets the document again: nothing is asked conditionally."""
    server.answers = [(200, {"etag": '"1"'}, FEED), (200, {"etag": '"1"'}, FEED)]
    read(source)
    clock.now += 60
    (item,), _, _ = read(source, {})
    assert item.payload == FEED
    assert "if-none-match" not in server.requests[1]


def test_a_failing_server_is_asked_less_and_less_often(server, clock, source):
    """Waits double; one success makes them short again."""
    server.answers = [(500, {}, b""), (500, {}, b""), (200, {}, FEED)]
    assert "HTTP 500" in read(source)[1][0].reason
    clock.now += 67
    assert len(read(source)[1]) == 1
    clock.now += 67
    assert read(source)[:2] == ([], [])
    clock.now += 67
    assert len(read(source)[0]) == 1


@pytest.mark.parametrize("after", ["7200", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_retry_after_is_honoured(server, clock, source, after):
    """Seconds or a date, and never more than a day."""
    server.answers = [(429, {"retry-after": after}, b""), (200, {}, FEED)]
    read(source)
    clock.now += 7100
    assert read(source)[:2] == ([], [])
    clock.now += 86_400
    assert len(read(source)[0]) == 1


def test_a_document_above_the_limit_is_refused(server, source):
    """An endless document costs no memory."""
    server.answers = [(200, {}, b"x" * 5000)]
    _, problems, _ = read(source)
    assert "more than 1,000 bytes" in problems[0].reason


def test_a_redirect_into_the_private_network_is_not_followed(server, source):
    """A stranger's feed cannot make us read our own services."""
    server.answers = [(302, {"location": "http://127.0.0.1:9/admin"}, b"")]
    _, problems, _ = read(source)
    assert "private address 127.0.0.1" in problems[0].reason


def test_a_permitted_redirect_does_not_carry_the_token_elsewhere(server, clock):
    """Credentials stay with the host they were given for."""
    source = PollSource(server.url, Intake("feed", 1000), token="s3cret", allow_private_network=True, clock=clock)
    server.answers = [(301, {"location": f"http://localhost:{server.server_port}/x"}, b""), (200, {}, FEED)]
    assert len(read(source)[0]) == 1
    assert "authorization" not in server.requests[1]
    source.close()


def test_a_server_that_is_down_is_a_problem_not_an_end():
    """The run goes on, and says when it will ask again."""
    source = open_source("http://127.0.0.1:9/feed", max_item_bytes=10)
    _, problems, _ = read(source)
    assert "asked again in" in problems[0].reason
    assert source.feed == "http://127.0.0.1:9/feed"
    source.close()


def test_a_location_that_is_no_url_is_an_error():
    """Could not start: names the source and the value."""
    with pytest.raises(SourceError, match=r"'feed\.xml' is no http"):
        open_source(SourceSettings(name="f", type="rss", location="feed.xml"), max_item_bytes=10)
