"""Invented events, subscribers and a receiver that answers as it is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from pipeline.messages import Event, Relation, RuleMatch
from pipeline.notify.notifier import Notifier
from pipeline.notify.subscribers import Subscribers, load_subscribers
from pipeline.operate.contracts import message_schemas
from pipeline.settings import NotifySettings, StoreSettings
from pipeline.store.database import Store
from tests.samples import new_dispatch, new_event, new_match, new_story

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_VALIDATOR = Draft202012Validator(message_schemas()["webhook"], format_checker=FormatChecker())
TEXT = "Sudrian troops crossed the border at dawn, the ministry said."
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def match(severity: int = 4, title: str = "Invasion", text: str = "crossed the border") -> RuleMatch:
    return new_match(severity, title, tags=["plover:ASSAULT"], words=("text", 14, text))


class Wire:
    """Makes events as they leave the stages, each a new reception."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(
        self,
        *,
        item: str = "A1",
        provider: str = "afp",
        revision: str = "1",
        story: str = "kelder",
        relation: Relation | str = Relation.NEW,
        alerts: Sequence[RuleMatch] | None = None,
        providers: Sequence[str] | None = None,
        at: datetime = NOON,
        of: Event | None = None,
        current: bool = True,
        withdrawn: bool = False,
        changes: Any = None,
        **fields: Any,
    ) -> Event:
        self.count += 1
        dispatch = new_dispatch(
            provider=provider, item_id=item, revision=revision, received_at=at, raw_sha256=f"{item} {revision}", position=self.count,
            **{"published_at": at, "headline": "Sudria crosses the Kelder", "text": TEXT, **fields},
        )  # fmt: skip
        verdict = new_story(
            story, relation, of=of, current=current, providers=list(providers or [provider]), withdrawn=withdrawn, changes=changes
        )
        return new_event(dispatch, verdict, alerts=[match()] if alerts is None else list(alerts))

    def kill(self, event: Event, *, withdrawn: bool = True, **fields: Any) -> Event:
        fields = {"status": "canceled", "signal": "kill", "headline": "KILL KILL KILL", "revision": "9", **fields}
        return self(
            item=event.dispatch.item_id, provider=event.dispatch.provider, relation="withdrawal", alerts=[], of=event,
            withdrawn=withdrawn, providers=event.story.providers, **fields,
        )  # fmt: skip


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("store") / "wirefeed.db"
    Store.open(StoreSettings(url=f"sqlite:///{path}")).close()
    return path


@pytest.fixture
def store(tmp_path: Path, migrated: Path) -> Iterator[Store]:
    shutil.copy(migrated, tmp_path / "wirefeed.db")
    opened = Store.open(StoreSettings(url=f"sqlite:///{tmp_path / 'wirefeed.db'}"))
    yield opened
    opened.close()


class Receiver:
    """A webhook endpoint: keeps what it gets, answers from a list, then 200."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int | tuple[int, dict[str, str]] | Callable[[BaseHTTPRequestHandler], None]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((dict(self.headers), body))
                answer = receiver.answers.pop(0) if receiver.answers else 200
                if callable(answer):
                    answer(self)
                    return
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    @property
    def reasons(self) -> list[str]:
        return [body["reason"] for body in self.bodies]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Whatever a test lets out fits the published schema."""
    made = Receiver()
    yield made
    made.close()
    for body in made.bodies:
        assert [error.message for error in _VALIDATOR.iter_errors(body)] == []


@pytest.fixture
def subscribe(tmp_path: Path) -> Callable[[str], Subscribers]:
    def load(text: str) -> Subscribers:
        path = tmp_path / "subscribers.yaml"
        path.write_text(text, encoding="utf-8")
        return load_subscribers(path)

    return load


class Desk:
    """A notifier with one subscriber, ``desk``, whose webhook is the receiver; its clock is set by hand."""

    def __init__(self, store: Store, subscribers: Subscribers, receiver: Receiver, settings: NotifySettings | None = None) -> None:
        self.store, self.receiver = store, receiver
        self.notifier = Notifier(store, subscribers, settings or NotifySettings())
        self.now = NOON

    def plan(self, *events: Event) -> int:
        with self.store.writing() as connection:
            return self.notifier.plan(connection, events, self.now)

    def deliver(self, after: timedelta = timedelta(0)) -> Any:
        self.now += after
        return self.notifier.deliver_due(self.now)

    def hears(self, *events: Event) -> list[str]:
        """Plan and deliver; give the reasons of the messages that arrived."""
        before = len(self.receiver.got)
        self.plan(*events)
        self.deliver()
        return self.receiver.reasons[before:]


@pytest.fixture
def desk(store: Store, subscribe: Callable[[str], Subscribers], receiver: Receiver) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(options: str = "", settings: NotifySettings | None = None) -> Desk:
        subscribers = subscribe(
            "subscribers:\n  - name: desk\n"
            f"    channels: [{{type: webhook, url: '{receiver.url}', secret: {SECRET}, allow_private_network: true}}]\n"
            + "".join(f"    {line}\n" for line in options.splitlines())
        )
        made.append(Desk(store, subscribers, receiver, settings))
        return made[-1]

    yield make
    for each in made:
        each.notifier.close()
