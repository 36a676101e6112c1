"""Accuracy, calibration and speed of the language stage beside other detectors, on the same rows in one run.

    WIREFEED_CORPORA=/path/to/corpora python benchmarks/bench_language.py [--limit N] [--no-others]

langdetect and lingua are compared where they are installed, CLD2 always. A row is right when the primary language is; ``und`` and
``zxx`` are right where there is no supported language.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import platform
import resource
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


def others() -> dict[str, Callable[[str], str]]:
    """Give the other detectors that are installed."""
    import pycld2

    def cld2(text: str) -> str:
        try:
            return str(pycld2.detect(text, isPlainText=True)[2][0][1])
        except pycld2.error:
            return "und"

    found: dict[str, Callable[[str], str]] = {"CLD2": cld2}
    try:
        langdetect = importlib.import_module("langdetect")
        langdetect.DetectorFactory.seed = 0

        def by_langdetect(text: str) -> str:
            try:
                return str(langdetect.detect(text))
            except langdetect.LangDetectException:
                return "und"

        found["langdetect"] = by_langdetect
    except ImportError:
        print("langdetect is not installed: not compared")
    try:
        lingua = importlib.import_module("lingua")
        built = lingua.LanguageDetectorBuilder.from_all_languages().build()

        def by_lingua(text: str) -> str:
            answer = built.detect_language_of(text)
            return answer.iso_code_639_1.name.lower() if answer else "und"

        found["lingua"] = by_lingua
    except ImportError:
        print("lingua is not installed: not compared")
    return found


def print_accuracy(rows: list[Row], name: str, tags: list[str], seconds: float) -> None:
    """Print one line of the table."""
    total: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for row, tag in zip(rows, tags, strict=True):
        if row["setting"] != "bilingual":
            total[row["setting"]] += 1
            good[row["setting"]] += right(row, tag)
    cells = " | ".join(f"{100 * good[setting] / total[setting]:.2f}" for setting in total)
    print(f"| {name} | {cells} | {len(rows) / seconds:,.0f} |")


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


def print_speed(stage: LanguageStage, rows: list[Row]) -> None:
    """Print events a CPU second for headlines and for texts of 1,000 words in paragraphs of about 50."""
    headlines = [event("", row["text"]) for row in rows if row["setting"] == "headline"][:5000]
    articles = []
    for row in rows:
        if row["setting"] == "long" and row["tag"] in {"en", "fr", "es", "de", "pt", "it", "ru", "ar"}:
            words = (row["text"].split() * 20)[:1000]
            articles.append(event("\n\n".join(" ".join(words[first : first + 50]) for first in range(0, 1000, 50))))
    gc.freeze()  # a worker does not hold this benchmark's rows, which every collection would walk through
    for name, events in (("Headlines", headlines), ("Texts of 1,000 words", articles)):
        started = time.process_time()
        stage.process(events)
        print(f"{name}: {len(events) / (time.process_time() - started):,.0f} a CPU second ({len(events)} measured)")


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=0, help="rows to use, spread over the file; 0 for all")
    parser.add_argument("--no-others", action="store_true", help="leave out the other detectors")
    options = parser.parse_args()
    path = Path(os.environ["WIREFEED_CORPORA"]) / "data/language/dev.jsonl"
    rows: list[Row] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if options.limit:
        rows = rows[:: max(1, len(rows) // options.limit)]
    stage = LanguageStage(LanguageSettings())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    load_seconds = stage.load()
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {len(rows)} rows")
    print(f"Models loaded in {load_seconds:.2f} s, {memory:.0f} MiB more at the peak\n")
    events = [event(row["text"]) for row in rows]
    started = time.process_time()
    answers = [processed.language for processed in stage.process(events) if processed.language]
    seconds = time.process_time() - started
    settings = list(dict.fromkeys(row["setting"] for row in rows if row["setting"] != "bilingual"))
    print("| accuracy % | " + " | ".join(settings) + " | texts a CPU second |\n" + "|---" * (len(settings) + 2) + "|")
    print_accuracy(rows, "language stage", [answer.tag for answer in answers], seconds)
    for name, detector in ({} if options.no_others else others()).items():
        started = time.process_time()
        tags = [detector(row["text"]) for row in rows]
        print_accuracy(rows, name, tags, time.process_time() - started)
    print_reliability(rows, answers)
    print_parts(rows, answers)
    print()
    print_speed(stage, rows)


if __name__ == "__main__":
    main()
