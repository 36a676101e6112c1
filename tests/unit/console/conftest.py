from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pipeline.console.app import create_app
from pipeline.console.roles import Role
from pipeline.console.tokens import add_token
from pipeline.messages import DeadLetter, Event, Language, RawItem, Relation, Signal, Status
from pipeline.settings import RulesSettings, Settings, StoreSettings
from pipeline.store.database import Store
from pipeline.store.dead_letters import write_dead_letters
from pipeline.store.events import write_events
from tests.samples import new_dispatch, new_event, new_match, new_place, new_story

NOW = datetime.now(UTC).replace(microsecond=0)
SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def make_event(
    number: int,
    *,
    headline: str = "Ministers meet",
    text: str = "The ministers met and agreed on nothing.",
    provider: str = "afp",
    story: str = "one",
    severity: int | None = None,
    revision: str = "1",
    item: str | None = None,
    relation: Relation = Relation.NEW,
    embargoed_until: datetime | None = None,
    language: str = "en",
    at: datetime | None = None,
    status: Status = Status.USABLE,
    signal: Signal = Signal.NEW,
    of: Event | None = None,
    current: bool = True,
    reason: str = "nothing like it before",
) -> Event:
    dispatch = new_dispatch(
        provider=provider, item_id=item or str(number), revision=revision, status=status, signal=signal, headline=headline,
        text=text, received_at=at or NOW - timedelta(minutes=90 - number), embargoed_until=embargoed_until,
        feed="wires", position=f"{provider}-{number}",
    )  # fmt: skip
    ministers = ("headline", 0, headline[:9])
    return new_event(
        dispatch,
        new_story(story, relation, of=of, current=current, reason=reason, providers=[provider]),
        language=Language(tag=language, confidence=0.9),
        entities=[new_place("Geneva", "CH", salience=0.5)],
        alerts=[new_match(severity, "Ministers", rule="r-1", words=ministers)] if severity is not None else [],
        processed_at=NOW,
    )


def make_letter(payload: bytes = b"\x00<broken", name: str = "broken.xml") -> DeadLetter:
    item = RawItem(payload=payload, feed="wires", name=name, position=name, received_at=NOW)
    return item.dead_letter("parse", "no format fits these bytes", "FormatError")


@dataclass
class Console:
    """An application with a store that has something in it, and a token of each role."""

    app: Any
    store: Store
    tokens: dict[str, str]
    folder: Path

    def client(self, role: str | None = None, **options: Any) -> TestClient:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        return TestClient(self.app, headers=headers, follow_redirects=False, **options)

    def write(self, *events: Event) -> None:
        with self.store.writing() as connection:
            write_events(connection, events)


@pytest.fixture
def sample() -> list[Event]:
    return [
        make_event(1, severity=4),
        make_event(2, item="1", revision="2", relation=Relation.UPDATE, headline="Ministers meet again", text="The ministers met."),
        make_event(3, provider="reuters", story="two", headline=SCRIPT, text=SCRIPT, severity=2, language="de"),
        make_event(4, provider="ap", story="three", headline="Under embargo", embargoed_until=NOW + timedelta(hours=5)),
    ]


@pytest.fixture
def newsroom() -> list[Event]:
    """A kill, a hold, a correction and embargoes, each with what it concerns; the newest last."""
    harbour = make_event(21, story="harbour", headline="Explosion at the harbour of Port Alma", severity=5)
    copy = make_event(
        22,
        story="harbour",
        provider="ap",
        headline="Explosion at the harbour of Port Alma",
        relation=Relation.DUPLICATE,
        of=harbour,
    )
    strike = make_event(23, story="strike", headline="Dockers vote to strike, 300 join", severity=3, text="300 dockers joined.")
    other = make_event(
        24, story="strike", provider="reuters", headline="Dock workers to walk out", relation=Relation.UPDATE, of=strike
    )
    bank = make_event(25, story="bank", headline="Central bank to cut its rate", severity=2)
    quake = make_event(26, story="quake", headline="Quake of magnitude 7.1 off the coast", severity=4)
    return [
        harbour,
        copy,
        strike,
        other,
        bank,
        quake,
        make_event(
            27, item="21", revision="2", story="harbour", headline="KILL: Explosion at the harbour", text="", of=harbour,
            relation=Relation.WITHDRAWAL, status=Status.CANCELED, signal=Signal.KILL, reason="withdrawn by its agency",
        ),
        make_event(
            28, item="23", revision="2", story="strike", headline="CORRECTED: Dockers vote to strike, 30 join", severity=3, of=strike,
            text="30 dockers joined.", relation=Relation.CORRECTION, signal=Signal.CORRECTION, reason="its agency corrects it",
        ),
        make_event(
            29, item="88", story="bank", headline="HOLD the rate story", relation=Relation.WITHDRAWAL, text="", of=bank,
            status=Status.WITHHELD, signal=Signal.HOLD, reason="held back: names item 25",
        ),
        make_event(30, provider="ap", story="talks", headline="Talks end in agreement", embargoed_until=NOW + timedelta(hours=5)),
        make_event(
            31, provider="dpa", story="study", headline="Study finds water on a moon", status=Status.WITHHELD, severity=2,
            relation=Relation.WITHDRAWAL, reason="held back; what it withdraws has not been seen",
        ),
    ]  # fmt: skip


@pytest.fixture
def letter() -> DeadLetter:
    return make_letter()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database; every test of the console runs over both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'console.db'}"
    return str(request.getfixturevalue("postgres"))


@pytest.fixture
def build(tmp_path: Path, store_url: str) -> Iterator[Callable[..., Console]]:
    opened: list[Store] = []

    def make(events: list[Event], letters: list[DeadLetter], *, open_to_all: bool = False) -> Console:
        settings = Settings(store=StoreSettings(url=store_url), rules=RulesSettings(shipped=False, directory=tmp_path))
        app = create_app(settings, open_to_all=open_to_all)
        store: Store = app.state.store
        opened.append(store)
        tokens = {}
        with store.writing() as connection:
            write_events(connection, events)
            write_dead_letters(connection, letters)
            for role in Role:
                tokens[role.value] = add_token(connection, role.value, role, NOW)[1]
            tokens["afp"] = add_token(connection, "afp only", Role.OPERATOR, NOW, providers=["AFP"])[1]
        return Console(app, store, tokens, tmp_path)

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def console(build: Callable[..., Console], sample: list[Event], letter: DeadLetter) -> Console:
    return build(sample, [letter])
