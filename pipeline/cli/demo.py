"""`wirefeed demo`: an invented crisis, and what became of each of its dispatches."""

from __future__ import annotations

import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.engines.chain import Outcome
    from pipeline.messages import DeadLetter, Event

_WIDTH = 100


def demo(
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Keep dispatches and database here; else in a temporary folder.")
    ] = None,
) -> None:
    """Play an invented crisis in three formats and two languages, and show what becomes of each dispatch, and why.

    Example: wirefeed demo --folder /tmp/crisis
    """
    from importlib.resources import as_file, files

    from pipeline.demo.play import lay_out
    from pipeline.engines.chain import Chain
    from pipeline.engines.embedded import EmbeddedEngine
    from pipeline.notify.notifier import Notifier
    from pipeline.notify.subscribers import load_subscribers
    from pipeline.operate.logging import configure_logging
    from pipeline.settings import Settings
    from pipeline.sources.open import open_source
    from pipeline.store.database import Store

    place = folder or Path(tempfile.mkdtemp(prefix="wirefeed-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    wires = lay_out(place)
    with as_file(files("pipeline.demo") / "profiles") as profiles:
        settings = Settings.model_validate(
            {"store": {"url": f"sqlite:///{place / 'wirefeed.db'}"}, "parse": {"profiles": profiles}, "logging": {"level": "error"}}
        )
        configure_logging(settings.logging)
        print(_styled("bold", "An invented crisis, as two agencies send it: what becomes of each dispatch, and who is told.\n"))
        store = Store.open(settings.store)
        notifier = Notifier(store, load_subscribers(place / "subscribers.yaml"), settings.notify, console=sys.stdout)
        engine = EmbeddedEngine(settings, Chain(settings), store, notifier, _show)
        engine.restore()
        for wire in sorted(wires.iterdir()):  # one by one, as they would come in over an hour
            engine.read([open_source(str(wire), max_item_bytes=settings.parse.max_item_bytes)])
            notifier.deliver_due()
            print()
    summary = engine.summary
    kept = summary.dispatches - summary.copies
    print(
        f"\n{summary.items} files: {kept} dispatches kept, {summary.copies} copy kept out of the way, "
        f"{summary.dead_letters} unreadable and kept with its bytes. One item waits for its embargo."
    )
    url = f"sqlite:///{place / 'wirefeed.db'}"
    print(f"\nLook closer:  wirefeed search --store {url} Harrow\n              wirefeed console --no-auth --store {url}")
    store.close()


def _show(outcome: Outcome) -> None:
    shown: list[tuple[str, list[str]]] = [(event.dispatch.source.name, _lines(event)) for event in outcome.events]
    shown += [(letter.name, _unreadable(letter)) for letter in outcome.dead_letters]
    for name, lines in sorted(shown):
        print(_styled("bold", name))
        for line in lines:
            print(textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="      "))


def _lines(event: Event) -> list[str]:
    dispatch, story = event.dispatch, event.story
    lines = [
        f"{dispatch.provider}, {dispatch.format}, urgency {dispatch.urgency or 'not stated'}: {dispatch.headline or 'no headline'}"
    ]
    if story is not None:
        lines.append(_styled("cyan", story.relation.value) + f": {story.reason}")
    if event.language is not None:
        places = ", ".join(entity.name for entity in (event.entities or [])[:5])
        lines.append(f"language {event.language.tag}" + (f"; names {places}" if places else ""))
    for alert in event.alerts or []:
        words = ", ".join(dict.fromkeys(f"“{match.text}”" for match in alert.matches))
        lines.append(
            _styled("red", f"severity {alert.severity}") + f" {alert.title}{' (unconfirmed)' if alert.unconfirmed else ''}: {words}"
        )
    if dispatch.embargoed_until is not None:
        lines.append(_styled("yellow", f"embargoed until {dispatch.embargoed_until:%H:%M} UTC: nobody is told before"))
    return lines


def _unreadable(letter: DeadLetter) -> list[str]:
    return [_styled("yellow", "dead letter") + f": {letter.reason}; its {letter.size} bytes are kept"]


def _styled(style: str, text: str) -> str:
    return typer.style(text, bold=style == "bold", fg=None if style == "bold" else style) if sys.stdout.isatty() else text
