"""Dispatches a second on one core, format by format, beside feedparser and newsmlg2 on the same files.

``WIREFEED_CORPORA=… python -m benchmarks.bench_parse [--seconds 3]`` prints a Markdown report; committed ones stand in
``benchmarks/results/parse.md``.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pipeline.messages import RawItem
from pipeline.settings import ParseSettings
from pipeline.stages.parse.stage import ParseStage

RECEIVED = datetime(2026, 3, 1, tzinfo=UTC)


def machine() -> str:
    """Processor, cores and Python of this machine."""
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "?")
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def rate(work: Callable[[], int], seconds: float) -> float:
    """Units of work a second of processor time, the best of three rounds."""
    best = 0.0
    for _ in range(3):
        done, started = 0, time.process_time()
        while (spent := time.process_time() - started) < seconds / 3:
            done += work()
        best = max(best, done / spent)
    return best


def ours(stage: ParseStage, items: list[RawItem]) -> Callable[[], int]:
    """Parse every item once; count its dispatches."""
    return lambda: sum(len(stage.parse(item).dispatches) for item in items)


def feedparser_on(items: list[RawItem]) -> Callable[[], int] | None:
    """The entries that feedparser reads from the same feeds."""
    try:
        import feedparser
    except ImportError:
        return None
    return lambda: sum(len(feedparser.parse(item.payload).entries) for item in items)


def newsmlg2_on(items: list[RawItem]) -> Callable[[], int] | None:
    """The items that newsmlg2 reads from the same messages."""
    try:
        import NewsMLG2
    except ImportError:
        return None

    def work() -> int:
        with contextlib.redirect_stdout(io.StringIO()):  # it warns of every remote catalogue
            return sum(NewsMLG2.NewsMLG2Document(item.payload).item is not None for item in items)

    return work


def main() -> None:
    """Measure and report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=3, help="processor seconds a line")
    seconds = options.parse_args().seconds
    root = Path(os.environ["WIREFEED_CORPORA"]) / "fixtures"
    folders = {
        folder.name: [
            RawItem(payload=path.read_bytes(), feed="f", name=path.name, position="0", received_at=RECEIVED)
            for path in sorted(folder.iterdir())
        ]
        for folder in sorted(root.iterdir())
        if folder.is_dir()
    }
    stage = ParseStage(ParseSettings())
    print(f"{datetime.now(UTC):%Y-%m-%d} on {machine()}\n")
    print("| format | files | kB a dispatch | dispatches/s |\n|---|---|---|---|")
    every = [item for items in folders.values() for item in items]
    for name, items in [*folders.items(), ("**all fixtures**", every)]:
        work = ours(stage, items)
        count = max(work(), 1)
        size = sum(len(item.payload) for item in items) / count / 1000
        print(f"| {name} | {len(items)} | {size:.1f} | {rate(work, seconds):,.0f} |")
    print("\n| beside, on the same files | theirs/s | ours/s |\n|---|---|---|")
    for folder, library, baseline in (
        ("rss_atom_proprietary", "feedparser", feedparser_on),
        ("newsml_g2", "newsmlg2", newsmlg2_on),
    ):
        theirs = baseline(folders[folder])
        if theirs is None:
            print(f"| {library} | not measured | |")
        else:
            print(f"| {library} on {folder} | {rate(theirs, seconds):,.0f} | {rate(ours(stage, folders[folder]), seconds):,.0f} |")


if __name__ == "__main__":
    main()
