"""Deduplication: quality, cost and memory, beside datasketch's MinHashLSH and an exact hash in the same run.

Usage: ``python benchmarks/bench_dedup.py [--sizes 10000,100000,1000000] [--report FILE]``. The development sets are read from
``$WIREFEED_CORPORA/data/dedup``; they are for research and no part of Wirefeed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from datasketch import MinHash, MinHashLSH

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.dedup_pool import Pool
from pipeline.messages import NAMESPACE, Dispatch, ParsedDispatch, Source
from pipeline.settings import DeduplicateSettings
from pipeline.stages.deduplicate.fingerprint import fingerprint
from pipeline.stages.deduplicate.index import Index
from pipeline.stages.deduplicate.record import Record
from pipeline.stages.deduplicate.stage import Deduplicator

SETS = ("natural", "natural_apr", "synth", "wikinews")
START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = timedelta(hours=72)
SAMPLE = 2000
Doc = dict[str, Any]
Prediction = dict[str, Any]


def main() -> None:
    """Run everything and write the report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="10000,100000,1000000", help="documents in the window")
    options.add_argument("--baseline", type=int, default=100_000, help="documents in datasketch's index")
    options.add_argument("--quality", default="0", help="sizes of the window in which quality is measured")
    options.add_argument("--report", type=Path)
    chosen = options.parse_args()
    corpora = Path(os.environ.get("WIREFEED_CORPORA", "")) / "data" / "dedup"
    if not corpora.is_dir():
        sys.exit(f"development sets not found in {corpora}: set WIREFEED_CORPORA to the folder that holds data/dedup")
    docs = {name: [json.loads(line) for line in (corpora / f"{name}.docs.jsonl").open(encoding="utf-8")] for name in SETS}
    lines = [
        f"Machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "",
    ]

    def say(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    score = _scorer(corpora)
    say("| set | method | story F1 | drop F1 | lost versions / distinct |\n|---|---|---|---|---|")
    for name in SETS:
        for method, predict in (("wirefeed", wirefeed), ("exact hash", exact), ("MinHashLSH .8", minhash)):
            say(_row(name, method, score(corpora / f"{name}.gold.jsonl", predict(docs[name]))))
    for size in filter(None, map(int, chosen.quality.split(","))):
        stage = crowded(docs, size)
        for number, name in enumerate(SETS):
            found = verdicts(stage, docs[name], crowd=size, days=100 * number)
            say(_row(name, f"wirefeed, {size:,} unrelated in the window", score(corpora / f"{name}.gold.jsonl", found)))
        del stage
    say("")
    costs(docs, [int(size) for size in chosen.sizes.split(",")], chosen.baseline, say)
    if chosen.report:
        chosen.report.write_text("# Deduplication\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


def background(docs: dict[str, list[Doc]]) -> Pool:
    """Unrelated records made from the words of all sets."""
    return Pool([(doc["headline"], doc["text"]) for name in SETS for doc in docs[name]], 7)


# ---- quality


def wirefeed(docs: list[Doc]) -> list[Prediction]:
    """Verdicts with the window otherwise empty."""
    return verdicts(Deduplicator(DeduplicateSettings(max_documents=32_768)), docs)


def crowded(docs: dict[str, list[Doc]], size: int) -> Deduplicator:
    """Make a stage with that many unrelated documents in its window."""
    stage = Deduplicator(DeduplicateSettings(max_documents=size + 32_768))
    index: Index = stage._known.texts  # noqa: SLF001
    for record, dispatch in zip(background(docs).records(size), _ids(), strict=False):
        index.insert(record, dispatch, dispatch, START, opens=True)
    return stage


def verdicts(stage: Deduplicator, docs: list[Doc], crowd: int = 0, days: int = 0) -> list[Prediction]:
    """Verdicts of a stage; the crowd's received time moves along with the stream, so that it never leaves the window."""
    times = stage._known.texts._window.times  # noqa: SLF001
    ids = {_id(doc): doc["id"] for doc in docs}
    found = []
    for number, doc in enumerate(docs):
        parsed = _parsed(doc, days)
        if crowd and number % 100 == 0:
            times[1 : crowd + 1] = parsed.dispatch.received_at.timestamp() / 60
        (verdict,) = stage.decide([parsed])
        link = {"duplicate": "duplicate_of", "update": "version_of"}.get(verdict.story.relation)
        found.append({"id": doc["id"], **({link: ids.get(verdict.story.of, "background")} if link else {})})
    return found


def exact(docs: list[Doc]) -> list[Prediction]:
    """Copies by the hash of their words."""
    seen: dict[bytes, tuple[str, float]] = {}
    found = []
    for doc in docs:
        key = hashlib.sha256(" ".join(_words(doc["text"])).encode()).digest()
        first = seen.get(key)
        live = first is not None and doc["minutes"] - first[1] <= WINDOW.total_seconds() / 60
        found.append({"id": doc["id"], **({"duplicate_of": first[0]} if first and live else {})})
        seen[key] = (first[0] if first and live else doc["id"], doc["minutes"])
    return found


def minhash(docs: list[Doc]) -> list[Prediction]:
    """Copies by datasketch with its own bands for a similarity of .8; it has no versions and no window."""
    lsh = MinHashLSH(threshold=0.8, num_perm=128)
    order = {doc["id"]: (number, doc["minutes"]) for number, doc in enumerate(docs)}
    found = []
    for doc in docs:
        sketch = _sketch(doc)
        near = [key for key in lsh.query(sketch) if doc["minutes"] - order[key][1] <= WINDOW.total_seconds() / 60]
        found.append({"id": doc["id"], **({"duplicate_of": max(near, key=lambda key: order[key][0])} if near else {})})
        lsh.insert(doc["id"], sketch)
    return found


def _scorer(corpora: Path) -> Callable[[Path, list[Prediction]], dict[str, float]]:
    spec = importlib.util.spec_from_file_location("evaluation", corpora / "eval.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda gold, found: module.score(module.load(gold), found)[0]


def _row(name: str, method: str, score: dict[str, float]) -> str:
    figures = f"{score['story_f1']:.3f} | {score['drop_f1']:.3f} | {score['lost_version']} / {score['lost_distinct']}"
    return f"| {name} | {method} | {figures} |"


# ---- cost


def costs(docs: dict[str, list[Doc]], sizes: list[int], baseline: int, say: Callable[[str], None]) -> None:
    """Time and memory with a window of each size, and datasketch's."""
    texts = [doc for doc in docs["natural"] if 190 <= len(doc["text"].split()) <= 210][:SAMPLE]
    say(
        f"fingerprint of 200 words: {_each(lambda doc: fingerprint(_parsed(doc).dispatch), texts):.0f} µs (with making the message)"
    )
    pool = background(docs)
    say("\n| documents | decision and insert µs | decisions/s | bytes a document | start-up s |\n|---|---|---|---|---|")
    for size in sizes:
        before = _resident()
        index = Index(WINDOW, size + SAMPLE + 16)
        spent = 0.0
        for record, dispatch in zip(pool.records(size), _ids(), strict=False):
            _ = record.keys
            started = time.process_time()
            index.insert(record, dispatch, dispatch, START, opens=True)
            spent += time.process_time() - started
        held = (_resident() - before) / size
        fresh = list(pool.records(SAMPLE))
        taken = []
        for record, dispatch in zip(fresh, _ids(size), strict=False):
            started = time.process_time()
            index.compare(record, START, lambda _: True)
            index.insert(record, dispatch, dispatch, START, opens=True)
            taken.append(time.process_time() - started)
        mean = statistics.fmean(taken) * 1e6
        say(f"| {size:,} | {mean:.0f} | {1e6 / mean:,.0f} | {held:,.0f} | {spent:.0f} |")
        del index
    _datasketch(pool, baseline, say)
    _stage(docs["natural"][:SAMPLE], say)


def _datasketch(pool: Pool, size: int, say: Callable[[str], None]) -> None:
    before = _resident()
    lsh = MinHashLSH(threshold=0.8, num_perm=128)
    for number, record in enumerate(pool.records(size)):
        lsh.insert(number, _of_record(record), check_duplication=False)
    held = (_resident() - before) / size
    taken = []
    for number, record in enumerate(pool.records(SAMPLE)):
        sketch = _of_record(record)
        started = time.process_time()
        lsh.query(sketch)
        lsh.insert(size + number, sketch, check_duplication=False)
        taken.append(time.process_time() - started)
    say(f"| {size:,} (datasketch MinHashLSH) | {statistics.fmean(taken) * 1e6:.0f} | – | {held:,.0f} | – |")


def _stage(docs: list[Doc], say: Callable[[str], None]) -> None:
    stage = Deduplicator(DeduplicateSettings(max_documents=32_768))
    parsed = [_parsed(doc) for doc in docs]
    for one in parsed:
        one.fingerprint = fingerprint(one.dispatch)
    spent = _each(lambda one: stage.decide([one]), parsed)
    say(f"\nwhole stage on real dispatches, verdict and log record included: {spent:.0f} µs")


def _each(work: Callable[[Any], object], inputs: list[Any]) -> float:
    started = time.process_time()
    for one in inputs:
        work(one)
    return (time.process_time() - started) / len(inputs) * 1e6


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _sketch(doc: Doc) -> MinHash:
    words = _words(doc["text"])
    sketch = MinHash(num_perm=128)
    sketch.update_batch([" ".join(words[place : place + 3]).encode() for place in range(max(1, len(words) - 2))])
    return sketch


def _of_record(record: Record) -> MinHash:
    sketch = MinHash(num_perm=128)
    sketch.update_batch([int(key).to_bytes(8, "little") for key in record.shingles])
    return sketch


def _words(text: str) -> list[str]:
    return "".join(sign.lower() if sign.isalnum() else " " for sign in text).split()


def _ids(start: int = 0) -> Iterator[UUID]:
    values = np.random.default_rng(start)
    while True:
        yield UUID(bytes=values.bytes(16))


def _id(doc: Doc) -> UUID:
    return uuid5(NAMESPACE, doc["id"])


def _parsed(doc: Doc, days: int = 0) -> ParsedDispatch:
    dispatch = Dispatch(
        id=_id(doc),
        provider=doc["agency"].lower(),
        item_id=doc["id"],
        headline=doc["headline"],
        slugline=doc["slug"],
        text=doc["text"],
        received_at=START + timedelta(days=days, minutes=doc["minutes"]),
        format="benchmark",
        source=Source(feed="benchmark", name="benchmark", position=doc["id"]),
        raw_sha256="",
    )
    return ParsedDispatch(receipt=uuid5(NAMESPACE, "receipt" + doc["id"]), dispatch=dispatch)


if __name__ == "__main__":
    main()
