"""How quickly pages answer over many events, and how late alerts reach many open streams, and a screen, from one core.

python -m benchmarks.bench_console [--events 100000] [--streams 200] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pipeline.messages import (  # noqa: E402
    Dispatch,
    Event,
    Kind,
    Language,
    Match,
    Relation,
    RuleMatch,
    Source,
    Story,
    deterministic_id,
    receipt_id,
)
from pipeline.settings import StoreSettings  # noqa: E402
from pipeline.store.database import Store  # noqa: E402
from pipeline.store.events import write_events  # noqa: E402
from pipeline.store.search import index_pending  # noqa: E402

SENTENCE = "The ministers of both countries met in the capital on Tuesday and agreed to go on talking after nine hours. "
RESULTS = ROOT / "benchmarks" / "results" / "console.md"
TRIES = 150


def event(number: int, now: datetime) -> Event:
    """Make an event; every fifth belongs to a story of several versions, every tenth raises an alert, some correct or kill."""
    story = f"story-{number - number % 5 if number % 25 < 5 else number}"
    headline = f"Ministers meet for the {number}th time"
    alerts = []
    if number % 10 == 0:
        match = Match(field="headline", start=0, end=9, text="Ministers")
        alerts = [
            RuleMatch(rule=f"rule-{number % 7}", rule_sha256="0" * 64, severity=1 + number % 5, kind=Kind.ESCALATION,
                      title="Ministers", matches=[match])
        ]  # fmt: skip
    dispatch = Dispatch(
        id=deterministic_id("bench", number), provider=("afp", "reuters", "ap")[number % 3], item_id=str(number), revision="1",
        headline=headline, text=f"{headline}. " + SENTENCE * 14 + str(number), received_at=now - timedelta(seconds=3 * number),
        format="ninjs", source=Source(feed=f"feed-{number % 4}", name="n", position=str(number)), raw_sha256="0" * 64,
    )  # fmt: skip
    # The newest of a story of five versions (numbers fall as time passes) corrects it, or in one story of four kills it.
    relation = Relation.NEW
    if number % 25 == 0:
        relation = Relation.WITHDRAWAL if number % 100 == 0 else Relation.CORRECTION
    verdict = Story(
        id=deterministic_id("story", story), relation=relation,
        of=deterministic_id("bench", number + 1) if number % 25 < 4 else None, reason="a reason", providers=[dispatch.provider],
    )  # fmt: skip
    language = Language(tag=("en", "de", "fr")[number % 3], confidence=0.9)
    return Event(receipt=receipt_id("b", str(number), 0), dispatch=dispatch, story=verdict, language=language, alerts=alerts)


def fill(store: Store, number: int) -> None:
    """Store events, the newest last, and index them."""
    now = datetime.now(UTC)
    for start in range(number, 0, -1000):
        with store.writing() as connection:
            write_events(connection, [event(each, now) for each in range(start, max(0, start - 1000), -1)])
    index_pending(store)


def percentile(values: list[float], share: float) -> float:
    """Milliseconds below which a share of the values (in seconds) lies."""
    return 1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))]


def pages(url: str, story: str) -> list[tuple[str, float, float]]:
    """Measure pages one after another: path, p50 and p99 in milliseconds."""
    rows = []
    with httpx.Client(base_url=url, timeout=30) as client:
        for path in (
            "/healthz",
            "/",
            f"/stories/{story}",
            "/alerts",
            "/stories",
            "/rules",
            "/?q=nine+hours",
            "/feeds",
            "/charts",
            "/charts?hours=168",
            "/api/dispatches",
        ):
            client.get(path).raise_for_status()
            times = []
            for _ in range(TRIES):
                started = time.perf_counter()
                client.get(path).raise_for_status()
                times.append(time.perf_counter() - started)
            name = path.replace(story, "{id}")
            rows.append((name, 1000 * statistics.median(times), percentile(times, 0.99)))
    return rows


async def streams(url: str, store: Store, number: int, events: int) -> tuple[list[float], list[float]]:
    """Open streams, store events one by one, and measure from commit to arrival in every stream and on a screen, in seconds."""
    committed: dict[str, float] = {}
    late: list[float] = []
    ready = asyncio.Semaphore(0)
    at = urlsplit(url)
    host, port = str(at.hostname), at.port

    async def listen() -> None:
        # A bare socket: a library's client would take longer to read than the server to write.
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET /api/alerts/stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        got = 0
        while got < events:
            line = await reader.readline()
            if line.startswith(b": beat"):
                ready.release()
            if line.startswith(b"data: "):
                late.append(time.perf_counter() - committed[json.loads(line[6:])["dispatch_id"]])
                got += 1
        writer.close()

    seen: dict[str, float] = {}
    screen = asyncio.create_task(watch(url, events, seen, shown := asyncio.Event()))
    tasks = [asyncio.create_task(listen()) for _ in range(number)]
    for _ in range(number):
        await asyncio.wait_for(ready.acquire(), 60)
    await asyncio.wait_for(shown.wait(), 60)
    clock = {}
    for _ in range(events):
        fresh, identifier = event(10, datetime.now(UTC)), uuid4()
        fresh = fresh.model_copy(update={"receipt": uuid4(), "dispatch": fresh.dispatch.model_copy(update={"id": identifier})})
        with store.writing() as connection:
            write_events(connection, [fresh])
        committed[str(identifier)], clock[str(identifier)] = time.perf_counter(), time.time()
        await asyncio.sleep(0.5)
    await asyncio.gather(*tasks)
    await screen
    return late, [seen[identifier] - at for identifier, at in clock.items() if identifier in seen]


_OBSERVE = """() => {
  window.seen = {};
  const note = () => {
    for (const row of document.querySelectorAll("#rows > li.fresh")) window.seen[row.dataset.dispatch] ??= Date.now();
  };
  new MutationObserver(() => requestAnimationFrame(note)).observe(document.getElementById("rows"), { childList: true });
}"""


async def watch(url: str, events: int, seen: dict[str, float], shown: asyncio.Event) -> None:
    """Look at the page of alerts in Chromium and note when the frame with each new one was drawn; nothing without Chromium."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        shown.set()
        return
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(bypass_csp=True)
        await page.goto(f"{url}alerts")
        await page.locator("#live", has_text="Live.").wait_for()
        await page.evaluate(_OBSERVE)
        shown.set()
        await page.wait_for_function(f"Object.values(window.seen).length >= {events}", timeout=60_000)
        seen.update({name: at / 1000 for name, at in (await page.evaluate("window.seen")).items()})
        await browser.close()


def main() -> None:
    """Run, print, and keep the results where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        store = Store.open(StoreSettings(url=url))
        fill(store, options.events)
        command = [sys.executable, "-m", "pipeline", "console", "--no-auth", "--port", "0", "--store", url]
        server = subprocess.Popen(
            command, cwd=folder, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        os.sched_setaffinity(server.pid, {0})
        try:
            assert server.stderr is not None
            address = next(line.split()[1] for line in server.stderr if line.startswith("console:"))
            found = pages(address, str(event(27, datetime.now(UTC)).story.id))  # type: ignore[union-attr]
            late, screen = asyncio.run(streams(address, store, options.streams, 10))
        finally:
            server.terminate()
            server.wait(20)
            store.close()
    lines = [
        "# Console",
        "",
        (
            f"`python -m benchmarks.bench_console`: {options.events} events in SQLite, the server held to one core of a "
            f"{os.cpu_count()}-core {platform.machine()} machine with a load of {load:.1f} before, "
            f"Python {platform.python_version()}. "
            "`/healthz` is the baseline: an answer that does nothing."
        ),
        "",
        "| page | p50, ms | p99, ms |",
        "|---|---|---|",
        *(f"| `{name}` | {middle:.1f} | {high:.1f} |" for name, middle, high in found),
        "",
        (
            f"{options.streams} open alert streams, 10 events: from commit to arrival p50 {percentile(late, 0.5):.0f} ms, "
            f"p99 {percentile(late, 0.99):.0f} ms, latest {1000 * max(late):.0f} ms; {len(late)} of {10 * options.streams} arrived."
        ),
        (
            f"Beside them Chromium showed the page of alerts: from commit to the frame with the alert at most "
            f"{1000 * max(screen):.0f} ms, {len(screen)} of 10 shown."
            if screen
            else "Chromium is not installed: what the screen shows was not measured."
        ),
        "",
    ]
    print("\n".join(lines))
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
