"""Accuracy, calibration and speed of the language stage beside other detectors, on the same rows in one run.

    WIREFEED_CORPORA=/path/to/corpora python -m benchmarks.bench_language [--limit N] [--no-others]

Beside langdetect, lingua and CLD2 alone (dependency group ``bench``), each in a process of its own, so that memory and start-up are
its own. A row is right when the primary language is; ``und`` and ``zxx`` are right where there is no supported language.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import platform
import resource
import subprocess
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.messages import Dispatch, Event, Language, Source, deterministic_id
from pipeline.settings import LanguageSettings
from pipeline.stages.language.stage import LanguageStage
from pipeline.stages.language.tags import canonical

NONE = {"und", "zxx"}
# Languages outside the supported ones that a detector may rightly name, by the rows' tags.
NAMED = {"ayr": "ay", "sag": "sg", "fij": "fj", "tpi": "tpi", "luo": "luo", "lus": "lus"}
Row = dict[str, Any]
Detector = Callable[[str], str]


def label(tag: str | None) -> str:
    """Reduce a tag to the label space of the development data."""
    return "und" if not tag or tag in NONE else canonical(tag.split("-")[0])


def event(text: str, headline: str | None = None) -> Event:
    """Wrap a text as the pipeline would carry it."""
    name = deterministic_id("bench", text, headline or "")
    dispatch = Dispatch(
        id=name,
        provider="bench",
        item_id="1",
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        headline=headline,
        text=text,
        format="json",
        source=Source(feed="bench", name="bench", position="0"),
        raw_sha256="",
    )
    return Event(receipt=name, dispatch=dispatch)


def right(row: Row, tag: str) -> bool:
    """Judge one answer."""
    if row["setting"] == "oos" and label(tag) == NAMED.get(row["tag"][:3]):
        return True
    return label(tag) == row["lang"]


def load_ours() -> Detector:
    """Give the stage as a function of a text."""
    stage = LanguageStage(LanguageSettings())
    stage.load()
    empty = event("").dispatch

    def ours(text: str) -> str:
        return stage.detect(empty.model_copy(update={"text": text})).tag

    return ours


def load_cld2() -> Detector:
    """Give CLD2 alone."""
    import pycld2

    def cld2(text: str) -> str:
        try:
            tag = str(pycld2.detect(text, isPlainText=True)[2][0][1])
        except pycld2.error:
            return "und"
        return "und" if tag == "un" else tag

    return cld2


def load_langdetect() -> Detector:
    """Give langdetect, made deterministic by its seed."""
    langdetect = importlib.import_module("langdetect")
    langdetect.DetectorFactory.seed = 0

    def by_langdetect(text: str) -> str:
        try:
            return str(langdetect.detect(text))
        except langdetect.LangDetectException:
            return "und"

    return by_langdetect


def load_lingua() -> Detector:
    """Give lingua with all its languages and its better model."""
    built = importlib.import_module("lingua").LanguageDetectorBuilder.from_all_languages().build()

    def by_lingua(text: str) -> str:
        answer = built.detect_language_of(text)
        return answer.iso_code_639_1.name.lower() if answer else "und"

    return by_lingua


DETECTORS = {"language stage": load_ours, "langdetect": load_langdetect, "lingua": load_lingua, "CLD2": load_cld2}


def probe(name: str, rows: list[Row]) -> None:
    """Measure one detector in a process of its own: answers, CPU seconds, memory and start-up, as one JSON document."""
    before = peak_mebibytes()
    started = time.perf_counter()
    detector = DETECTORS[name]()
    detector(rows[0]["text"])
    ready = time.perf_counter() - started
    gc.freeze()  # a worker does not hold this benchmark's rows, which every collection would walk through
    started = time.process_time()
    tags = [detector(row["text"]) for row in rows]
    seconds = {"rows": (time.process_time() - started) / len(rows)}
    for kind, texts in (("headlines", headlines(rows)), ("1,000 words", articles(rows))):
        started = time.process_time()
        for text in texts:
            detector(text)
        seconds[kind] = (time.process_time() - started) / len(texts)
    print(json.dumps({"tags": tags, "ready": ready, "memory": peak_mebibytes() - before, "seconds": seconds}))


def peak_mebibytes() -> float:
    """Peak resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compare(rows: list[Row], names: list[str], limit: int) -> None:
    """Print accuracy, speed, memory and start-up of each detector, each in a process of its own."""
    settings = list(dict.fromkeys(row["setting"] for row in rows if row["setting"] != "bilingual"))
    figures: list[str] = []
    print("| accuracy % | " + " | ".join(settings) + " | Serbian, Latin |\n" + "|---" * (len(settings) + 2) + "|")
    for name in names:
        command = [sys.executable, "-m", "benchmarks.bench_language", "--probe", name, "--limit", str(limit)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            print(f"{name} is not compared: {ran.stderr.strip().splitlines()[-1]}")
            continue
        found = json.loads(ran.stdout)
        total: Counter[str] = Counter()
        good: Counter[str] = Counter()
        for row, tag in zip(rows, found["tags"], strict=True):
            for setting in {row["setting"]} | ({"sr-Latn"} if row["tag"] == "sr-Latn" else set()):
                total[setting] += 1
                good[setting] += right(row, tag)
        cells = " | ".join(f"{100 * good[setting] / max(1, total[setting]):.2f}" for setting in [*settings, "sr-Latn"])
        print(f"| {name} | {cells} |", flush=True)
        rates = " | ".join(f"{1 / seconds:,.0f}" for seconds in found["seconds"].values())
        figures.append(f"| {name} | {rates} | {found['ready']:.2f} | {found['memory']:.0f} |")
    print("\n| calls a CPU second | these rows | headlines | texts of 1,000 words | start-up, s | memory, MiB |")
    print("|---|---|---|---|---|---|", *figures, sep="\n")


def headlines(rows: list[Row]) -> list[str]:
    """Give up to 5,000 headlines."""
    return [row["text"] for row in rows if row["setting"] == "headline"][:5000]


def articles(rows: list[Row]) -> list[str]:
    """Give texts of 1,000 words in paragraphs of about 50."""
    found = []
    for row in rows:
        if row["setting"] == "long" and row["tag"] in {"en", "fr", "es", "de", "pt", "it", "ru", "ar"}:
            words = (row["text"].split() * 20)[:1000]
            found.append("\n\n".join(" ".join(words[first : first + 50]) for first in range(0, 1000, 50)))
    return found


def print_reliability(rows: list[Row], answers: list[Language]) -> None:
    """Print the reliability table and the expected calibration error on rows that were not used for fitting."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for row, answer in zip(rows, answers, strict=True):
        if row["setting"] in {"bilingual", "oos", "nonling"} or zlib.crc32(row["id"].encode()) % 2 == 0:
            continue
        best = answer.tag if answer.tag not in NONE or not answer.alternatives else answer.alternatives[0].tag
        bins[min(9, int(answer.confidence * 10))].append((answer.confidence, right(row, best)))
    count = sum(map(len, bins.values()))
    error = 0.0
    print("\n| confidence | rows | mean confidence | right |\n|---|---|---|---|")
    for tenth, members in sorted(bins.items()):
        confidence = sum(member[0] for member in members) / len(members)
        share = sum(member[1] for member in members) / len(members)
        error += len(members) / count * abs(confidence - share)
        print(f"| {tenth / 10:.1f} to {(tenth + 1) / 10:.1f} | {len(members)} | {confidence:.3f} | {share:.3f} |")
    print(f"\nExpected calibration error on {count} rows not used for fitting: {error:.4f}")


def print_parts(rows: list[Row], answers: list[Language]) -> None:
    """Print recall of Serbian in Latin script, bilingual texts and close groups."""
    serbian = [label(answer.tag) == "sr" for row, answer in zip(rows, answers, strict=True) if row["tag"] == "sr-Latn"]
    print(f"\nSerbian in Latin script, recall: {100 * sum(serbian) / max(1, len(serbian)):.1f} % of {len(serbian)}")
    both = [
        {label(part.tag) for part in answer.parts} == set(row["langs"])
        for row, answer in zip(rows, answers, strict=True)
        if row["setting"] == "bilingual"
    ]
    print(f"Bilingual texts, both languages and no other in parts: {100 * sum(both) / max(1, len(both)):.1f} % of {len(both)}")
    print("Close groups, detected:")
    confusion: dict[str, Counter[str]] = defaultdict(Counter)
    for row, answer in zip(rows, answers, strict=True):
        if row["lang"] in {"hr", "bs", "sr", "id", "ms", "no", "da"}:
            confusion[row["lang"]][label(answer.tag)] += 1
    for language, taken in confusion.items():
        print(f"- {language}: " + ", ".join(f"{other} {number}" for other, number in taken.most_common(4)))


def read_rows(limit: int) -> list[Row]:
    """Read the development rows, all or some of each part of the file."""
    path = Path(os.environ["WIREFEED_CORPORA"]) / "data/language/dev.jsonl"
    rows: list[Row] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return rows[:: max(1, len(rows) // limit)] if limit else rows


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=0, help="rows to use, spread over the file; 0 for all")
    parser.add_argument("--no-others", action="store_true", help="leave out the other detectors")
    parser.add_argument("--probe", choices=DETECTORS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    rows = read_rows(options.limit)
    if options.probe:
        probe(options.probe, rows)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {len(rows)} rows\n")
    compare(rows, ["language stage"] if options.no_others else list(DETECTORS), options.limit)
    stage = LanguageStage(LanguageSettings())
    answers = [processed.language for processed in stage.process([event(row["text"]) for row in rows]) if processed.language]
    print_reliability(rows, answers)
    print_parts(rows, answers)


if __name__ == "__main__":
    main()
