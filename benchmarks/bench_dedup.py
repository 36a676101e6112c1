"""Deduplication: quality, cost and memory, beside datasketch's MinHashLSH and an exact hash in the same run.

Usage: ``python -m benchmarks.bench_dedup [--sizes 10000,100000,1000000] [--write]``. Everything is measured as processor time.
``--write`` keeps the figures in ``results/dedup.md``, above what was written there by hand.

The development sets are read from ``$WIREFEED_CORPORA/data/dedup``, texts of many languages from
``$WIREFEED_CORPORA/data/language/dev.jsonl``; they are for research and no part of Wirefeed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import random
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
from pipeline.messages import NAMESPACE, Dispatch, ParsedDispatch, Relation, Source, Verdict
from pipeline.settings import DeduplicateSettings
from pipeline.stages.deduplicate.candidates import ranked
from pipeline.stages.deduplicate.fingerprint import fingerprint
from pipeline.stages.deduplicate.index import Index
from pipeline.stages.deduplicate.record import Record
from pipeline.stages.deduplicate.stage import Deduplicator
from tests.unit.deduplicate import wires
from tests.unit.deduplicate.languages import figures, stream
from tests.unit.deduplicate.samples import make

RESULTS = Path(__file__).with_name("results") / "dedup.md"
READING = "## Reading the figures"
"""What stands below is written by hand."""
SETS = ("natural", "natural_apr", "synth", "wikinews")
START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = timedelta(hours=72)
SAMPLE = 2000
TABLE = "| set | method | story F1 | drop F1 | lost versions / distinct |\n|---|---|---|---|---|"
MOST_SENT = 24_000
"""More than the development sets hold together."""
LEAST_TEXTS = 8
"""Texts without which a language is not measured."""
Doc = dict[str, Any]
Prediction = dict[str, Any]


def main() -> None:
    """Run everything and write the report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="10000,100000,1000000", help="documents in the window; quality is measured in the last")
    options.add_argument("--baseline", type=int, default=100_000, help="documents in datasketch's index")
    options.add_argument("--write", action="store_true", help="keep the figures in results/dedup.md")
    chosen = options.parse_args()
    corpora = Path(os.environ.get("WIREFEED_CORPORA", "")) / "data"
    if not (corpora / "dedup").is_dir():
        sys.exit(f"development sets not found in {corpora}: set WIREFEED_CORPORA to the folder that holds data/dedup")
    docs = {name: [json.loads(line) for line in (corpora / f"dedup/{name}.docs.jsonl").open(encoding="utf-8")] for name in SETS}
    lines: list[str] = []

    def say(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    say("# Deduplication: quality and cost\n\n`make bench-dedup OPTIONS=--write`; times are processor time.\n")
    machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    say(f"{machine}, {datetime.now(UTC):%Y-%m-%d}, load average {os.getloadavg()[0]:.1f} at the start.\n")
    score = _scorer(corpora / "dedup")
    say(f"## Quality\n\n{TABLE}")
    lost = []
    for name in SETS:
        for method, predict in (("wirefeed", wirefeed), ("exact hash", exact), ("MinHashLSH .8", minhash)):
            figures, _, gone = score(corpora / f"dedup/{name}.gold.jsonl", predict(docs[name]))
            say(_row(name, method, figures))
            lost += gone if method == "wirefeed" else []
    say(f"\nLost by wirefeed: {', '.join(f'{one} (copy of {other})' for one, other in lost) or 'nothing'}.\n")
    silent_edits(say)
    restarts(docs["synth"], say)
    languages(corpora / "language" / "dev.jsonl", say)
    stage = costs(docs, [int(size) for size in chosen.sizes.split(",")], chosen.baseline, say)
    size = int(chosen.sizes.split(",")[-1])
    say(f"\n## Quality with {size:,} unrelated documents in the window\n\n{TABLE}")
    for number, name in enumerate(SETS):
        found = verdicts(stage, docs[name], crowd=size, days=100 * number)
        say(_row(name, "wirefeed", score(corpora / f"dedup/{name}.gold.jsonl", found)[0]))
    if chosen.write:
        _, heading, by_hand = RESULTS.read_text(encoding="utf-8").partition(READING)
        RESULTS.write_text("\n".join(lines) + f"\n\n{heading}{by_hand}", encoding="utf-8")


def background(docs: dict[str, list[Doc]]) -> Pool:
    """Unrelated records made from the words of all sets."""
    return Pool([(doc["headline"], doc["text"]) for name in SETS for doc in docs[name]], 7)


# ---- quality


def wirefeed(docs: list[Doc]) -> list[Prediction]:
    """Verdicts with the window otherwise empty."""
    return verdicts(Deduplicator(DeduplicateSettings(max_documents=32_768)), docs)


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
        key = _exact_key(doc)
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


def _scorer(corpora: Path) -> Callable[[Path, list[Prediction]], tuple[dict[str, float], Any, list[tuple[str, str]]]]:
    spec = importlib.util.spec_from_file_location("evaluation", corpora / "eval.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda gold, found: module.score(module.load(gold), found)


def _row(name: str, method: str, score: dict[str, float]) -> str:
    figures = f"{score['story_f1']:.3f} | {score['drop_f1']:.3f} | {score['lost_version']} / {score['lost_distinct']}"
    return f"| {name} | {method} | {figures} |"


# ---- silent edits, restarts, languages


def silent_edits(say: Callable[[str], None], each: int = 30) -> None:
    """Say how many silent edits of our own texts are kept, and how many changes of form are dropped."""
    say(
        f"## Silent edits of otherwise identical copy: {len(wires.TEXTS)} languages\n\n| edit | wanted | as wanted |\n|---|---|---|"
    )
    for kind in (*wires.SILENT, *wires.HARMLESS):
        wanted = Relation.UPDATE if kind in wires.SILENT else Relation.DUPLICATE
        right = total = 0
        for language in wires.TEXTS:
            for seed in range(each):
                chance = random.Random(f"{language} {kind} {seed}")
                if kind in wires.SILENT:
                    old, new = wires.changed(language, wires.SILENT[kind], chance)
                else:
                    old, _ = wires.render(language, denied=chance.random() < 0.5)
                    new = wires.HARMLESS[kind](language, old, chance)
                headline = None if seed % 2 else "Kelder"
                sent = [make(old, headline=headline), make(new, headline=headline, provider="dpa", at=9)]
                first, second = Deduplicator(DeduplicateSettings(max_documents=1024)).decide(sent)
                right += second.story.relation is wanted and second.story.id == first.story.id
                total += 1
        say(f"| {kind} | {wanted} | {right} of {total} |")


def restarts(docs: list[Doc], say: Callable[[str], None], count: int = 10) -> None:
    """Say how many verdicts differ after restarts at random points."""
    sent = [_parsed(doc) for doc in docs]
    settings = DeduplicateSettings(max_documents=8192)
    undisturbed = Deduplicator(settings).decide(sent)
    stage, logged = Deduplicator(settings), list[Verdict]()
    for cut in [*sorted(random.Random(11).sample(range(len(sent)), count)), len(sent)]:
        logged += stage.decide(sent[len(logged) : cut])
        stage, before = Deduplicator(settings), stage
        stage.restore([Verdict.model_validate_json(verdict.to_json()) for verdict in logged], before.item_states(logged))
    differ = sum(one != other for one, other in zip(logged, undisturbed, strict=True))
    say(f"\n{count} restarts at random points of synth: {differ} of {len(sent):,} verdicts differ.\n")


def languages(path: Path, say: Callable[[str], None]) -> None:
    """Print what becomes of versions and copies made from the long texts of each language."""
    texts: dict[str, dict[str, None]] = {}
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        if row["id"].startswith("d-long"):
            texts.setdefault(row["lang"], {})[row["text"]] = None
    say("## Languages\n\n| language | documents | versions lost | copies dropped | story F1 |\n|---|---|---|---|---|")
    for language, found in sorted(texts.items()):
        if len(found) < LEAST_TEXTS:
            continue
        sent = stream(list(found))
        batch = [
            make(
                one.text,
                at=one.at,
                number=place,
                provider=f"agency{place % 4}",
                item_id=f"{place}",
                headline=list(found)[one.story][:40],
            )
            for place, one in enumerate(sent)
        ]
        measured = figures(sent, Deduplicator(DeduplicateSettings(max_documents=8192)).decide(batch))
        counts = f"{measured.lost} of {measured.versions} | {measured.dropped} of {measured.copies} | {measured.story_f1:.3f}"
        say(f"| {language} | {measured.documents} | {counts} |")


# ---- cost


def costs(docs: dict[str, list[Doc]], sizes: list[int], baseline: int, say: Callable[[str], None]) -> Deduplicator:
    """Time and memory with a window of each size, and datasketch's; returns the stage with the last size."""
    texts = [doc for doc in docs["natural"] if 190 <= len(doc["text"].split()) <= 210][:SAMPLE]
    parsed = [_parsed(doc).dispatch for doc in texts]
    say(
        f"\n## Cost\n\nFingerprint of 200 words: {_each(fingerprint, parsed):.0f} µs. "
        f"Exact hash of them: {_each(_exact_key, texts):.0f} µs.\n"
    )
    say(
        "| index | documents | keys of a text µs | query and insert µs | decision and insert µs | its median µs "
        "| keys, query and insert µs | keys, decision and insert µs | decisions/s | bytes a document | start-up s a million |\n"
        f"{'|---' * 11}|"
    )
    pool = background(docs)
    means, with_keys = {}, 0.0
    for size in sizes:
        room = MOST_SENT if size == sizes[-1] else SAMPLE + 16
        before = _resident()
        stage = Deduplicator(DeduplicateSettings(max_documents=max(1024, size + room)))
        index: Index = stage._known.texts  # noqa: SLF001
        spent = 0.0
        for record, dispatch in zip(pool.records(size), _ids(), strict=False):
            started = time.process_time()
            index.insert(record, dispatch, dispatch, START, opens=True)
            spent += time.process_time() - started
        held = (_resident() - before) / size
        keys, query, whole, median = _decisions(index, pool, size)
        means[size], with_keys = whole, keys + whole
        say(
            f"| wirefeed | {size:,} | {keys:.0f} | {query:.0f} | {whole:.0f} | {median:.0f} "
            f"| {keys + query:.0f} | {keys + whole:.0f} "
            f"| {1e6 / (keys + whole):,.0f} | {held:,.0f} | {spent * 1e6 / size:.0f} |"
        )
    sketch, theirs = _datasketch(pool, baseline, say)
    growth = means[sizes[-1]] / means[sizes[-2]] - 1 if len(sizes) > 1 else 0.0
    times = means[sizes[-1]] / theirs
    say(
        f"\nFrom {sizes[-2 % len(sizes)]:,} to {sizes[-1]:,} documents a decision grows by {growth:.0%}; "
        f"with {sizes[-1]:,} it takes {times:.1f} times as long as datasketch's query and insert with {baseline:,}. "
        f"Both leave out what a text is looked up by; with our keys and its MinHash a decision takes "
        f"{with_keys / (sketch + theirs):.1f} times as long. Neither includes reading the text: for us that is the fingerprint "
        "above, and datasketch is handed our shingles for free."
    )
    _stage(docs["natural"][:SAMPLE], say)
    return stage


def _decisions(index: Index, pool: Pool, size: int) -> tuple[float, float, float, float]:
    """Time, in µs, of the keys of a text, of query and insert, and of decision and insert, on average and in the median."""
    keys, query, whole = [], [], []
    for number, (record, dispatch) in enumerate(zip(list(pool.records(SAMPLE)), _ids(size), strict=False)):
        times = [time.process_time()]
        _ = record.keys
        times.append(time.process_time())
        if number % 2:
            index.compare(record, START, lambda _: True)
        else:
            window = index._window  # noqa: SLF001
            ranked(window, record, window.holders(record), START.timestamp() / 60)
        times.append(time.process_time())
        index.insert(record, dispatch, dispatch, START, opens=True)
        times.append(time.process_time())
        keys.append(times[1] - times[0])
        (whole if number % 2 else query).append(times[3] - times[1])
    means = [1e6 * statistics.fmean(one) for one in (keys, query, whole)]
    return means[0], means[1], means[2], 1e6 * statistics.median(whole)


def _datasketch(pool: Pool, size: int, say: Callable[[str], None]) -> tuple[float, float]:
    """Time, in µs, of the MinHash of a text, and of query and insert."""
    before = _resident()
    lsh = MinHashLSH(threshold=0.8, num_perm=128)
    for number, record in enumerate(pool.records(size)):
        lsh.insert(number, _of_record(record), check_duplication=False)
    held = (_resident() - before) / size
    made, taken = [], []
    for number, record in enumerate(pool.records(SAMPLE)):
        _ = record.shingles
        times = [time.process_time()]
        sketch = _of_record(record)
        times.append(time.process_time())
        lsh.query(sketch)
        lsh.insert(size + number, sketch, check_duplication=False)
        times.append(time.process_time())
        made.append(times[1] - times[0])
        taken.append(times[2] - times[1])
    keys, query = statistics.fmean(made) * 1e6, statistics.fmean(taken) * 1e6
    say(
        f"| datasketch MinHashLSH | {size:,} | {keys:.0f} (MinHash) | {query:.0f} | – | – | {keys + query:.0f} | – "
        f"| {1e6 / (keys + query):,.0f} | {held:,.0f} | – |"
    )
    return keys, query


def _stage(docs: list[Doc], say: Callable[[str], None]) -> None:
    stage = Deduplicator(DeduplicateSettings(max_documents=32_768))
    parsed = [_parsed(doc) for doc in docs]
    for one in parsed:
        one.fingerprint = fingerprint(one.dispatch)
    logged: list[Verdict] = []
    spent = _each(lambda one: logged.extend(stage.decide([one])), parsed)
    say(f"\nThe whole stage on real dispatches, verdict and log record included: {spent:.0f} µs.")
    log = [verdict.to_json() for verdict in logged]
    items = stage.item_states(logged)
    started = time.process_time()
    Deduplicator(DeduplicateSettings(max_documents=32_768)).restore(map(Verdict.model_validate_json, log), items)
    spent = (time.process_time() - started) / len(log) * 1e6
    say(f"Start-up from the log of verdicts and items, JSON included: {spent:.0f} s a million.")


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
    sketch.update_batch([key.to_bytes(8, "little") for key in record.shingles.tolist()])
    return sketch


def _exact_key(doc: Doc) -> bytes:
    return hashlib.sha256(" ".join(_words(doc["text"])).encode()).digest()


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
