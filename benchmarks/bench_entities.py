"""Quality, speed, memory, start-up and size of entity tagging beside a spaCy pipeline trained on the same data, in one run.

    WIREFEED_CORPORA=… python -m benchmarks.bench_entities [--spacy FOLDER] [--no-spacy] [--count N]

The spaCy pipeline (dependency group ``bench``) is trained first, on the examples of our ``en`` model and for four minutes of
processor time at most, unless ``--spacy`` names one that an earlier run saved. Each tagger is measured in a process of its own on
examples that were held back from both. Prose comes from ``$WIREFEED_CORPORA``; dispatches that are nearly all names, as results
and market tables are, from the training templates with a seed of their own.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.messages import Dispatch, Event, Language, Source
from pipeline.settings import EntitiesSettings
from pipeline.stages.entities import gazetteer
from training.entities import corpora, models, wirecopy
from training.entities.score import score_spans

_WORDS = 600
_DATA = Path(gazetteer.__file__).parent / "data"
_CORPORA = Path(os.environ.get("WIREFEED_CORPORA", "")) / "data" / "entities" / "train"
_EN = next(recipe for recipe in models.RECIPES if recipe.name == "en")
Spans = set[tuple[int, int, str]]


def tables(language: str, count: int) -> list[str]:
    """Texts of about 600 words each, all different, of headlines, results and market tables."""
    texts: list[str] = []
    parts: list[str] = []
    for example in wirecopy.write(language, count * 12, seed=99):
        parts.append(example.text)
        if sum(len(part.split()) for part in parts) >= _WORDS:
            texts.append(" ".join("\n\n".join(parts).split(" ")[:_WORDS]))
            parts = []
    return texts[:count]


def prose(count: int) -> list[str]:
    """Newswire of about 600 words each from the public-domain corpus."""
    words: list[str] = []
    for example in corpora.read(corpora.GMB, _CORPORA):
        words += example.text.replace("\n", " \n ").split(" ")
        if len(words) >= count * _WORDS:
            break
    return [" ".join(words[at : at + _WORDS]) for at in range(0, count * _WORDS, _WORDS)]


def event(text: str, language: str) -> Event:
    """Wrap a text as the pipeline would carry it."""
    dispatch = Dispatch(
        id=UUID(int=1),
        provider="bench",
        item_id="1",
        text=text,
        received_at=datetime(2026, 3, 1, tzinfo=UTC),
        format="plain",
        source=Source(feed="f", name="n", position="0"),
        raw_sha256="0" * 64,
    )
    return Event(receipt=UUID(int=2), dispatch=dispatch, language=Language(tag=language, confidence=1))


def load_ours(_: Path | None) -> tuple[Callable[[list[Event]], object], Callable[[str], Spans]]:
    """Load the stage with everything on, and the spans of its English tagger."""
    from pipeline.stages.entities.stage import EntitiesStage
    from pipeline.stages.entities.taggers import tagger

    stage = EntitiesStage(EntitiesSettings())

    def spans(text: str) -> Spans:
        reading, found = tagger("en").tag(text)
        return {(reading.starts[span.first], reading.ends[span.end - 1], str(span.label)) for span in found}

    return stage.process, spans


def load_spacy(folder: Path | None) -> tuple[Callable[[list[Event]], object], Callable[[str], Spans]]:
    """Load spaCy alone: names with their types, no joining, no linking, no ids."""
    import spacy

    nlp = spacy.load(folder)
    return (
        lambda events: [nlp(event.dispatch.text) for event in events],
        lambda text: {(entity.start_char, entity.end_char, entity.label_) for entity in nlp(text).ents},
    )


TAGGERS = {"entities stage": load_ours, "spaCy": load_spacy}


def write_texts(path: Path, count: int) -> None:
    """Write the texts of each kind, with their language, as JSON."""
    kinds = {f"tables and headlines, {language}": (language, tables(language, count)) for language in ("en", "es", "de", "fr")}
    path.write_text(json.dumps({"newswire prose, en": ("en", prose(count)), **kinds}), encoding="utf-8")


def probe(name: str, folder: Path | None, path: Path) -> None:
    """Measure one tagger in a process of its own and print one JSON document."""
    sets = {
        kind: [event(text, language) for text in texts]
        for kind, (language, texts) in json.loads(path.read_text(encoding="utf-8")).items()
        if language == "en" or name != "spaCy"
    }
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    process, spans = TAGGERS[name](folder)
    gc.freeze()  # a worker does not hold this benchmark's texts, which every collection would walk through
    times: dict[str, tuple[float, float]] = {}
    for kind, events in sets.items():
        half = len(events) // 2
        process(events[:half])
        wall, cpu = time.perf_counter(), time.process_time()
        process(events[half:])
        measured = len(events) - half
        times[kind] = ((time.perf_counter() - wall) / measured * 1000, (time.process_time() - cpu) / measured * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    quality = {source: score_spans(spans, examples) for source, examples in models.held_back(_EN, _CORPORA).items()}
    print(json.dumps({"times": times, "peak": peak / 1024, "more": (peak - before) / 1024, "quality": quality}))


def start_up(code: str) -> float:
    """Seconds until a new process is ready, imports included; best of three."""
    root = Path(__file__).parents[1]
    timed = f"import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
    return min(
        float(subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True, cwd=root).stdout)
        for _ in range(3)
    )


def report(found: dict[str, dict[str, Any]], sizes: dict[str, float], starts: dict[str, float]) -> None:
    """Print the tables for ``results/entities.md``."""
    print("| 600-word dispatches | tagger | ms | CPU ms |\n|---|---|---|---|")
    for name, figures in found.items():
        for kind, (wall, cpu) in figures["times"].items():
            print(f"| {kind} | {name} | {wall:.2f} | {cpu:.2f} |")
    print("\n| tagger | start-up, s | MB more at the peak | peak MB of the process | artefacts, MB |\n|---|---|---|---|---|")
    for name, figures in found.items():
        print(f"| {name} | {starts[name]:.2f} | {figures['more']:.0f} | {figures['peak']:.0f} | {sizes[name]:.1f} |")
    print("\n| F1 (P / R), held back | " + " | ".join(found) + " |\n" + "|---" * (len(found) + 1) + "|")
    for source in next(iter(found.values()))["quality"]:
        results = [figures["quality"][source] for figures in found.values()]
        print(f"| {source} | " + " | ".join(f"{r['all']} ({r['precision']} / {r['recall']})" for r in results) + " |")


def megabytes(folder: Path) -> float:
    """Size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spacy", type=Path, help="a pipeline that an earlier run trained")
    parser.add_argument("--no-spacy", action="store_true", help="measure ours alone")
    parser.add_argument("--passes", type=int, default=2, help="passes over the data when spaCy is trained")
    parser.add_argument("--seconds", type=float, default=240, help="CPU seconds after which spaCy's training ends")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--probe", choices=TAGGERS, help=argparse.SUPPRESS)
    parser.add_argument("--texts", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not _CORPORA.is_dir():
        sys.exit(f"no corpora in {_CORPORA}; set WIREFEED_CORPORA to the folder that holds data/entities/train")
    if options.probe:
        probe(options.probe, options.spacy, options.texts)
        return
    if options.texts:
        write_texts(options.texts, options.count)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.spacy or Path(temporary) / "spacy"
        if not options.no_spacy and options.spacy is None:
            asked = [str(_CORPORA), str(folder), str(options.passes), str(options.seconds)]
            # In a process of its own: one hands its peak of memory on to those that it starts.
            command = [sys.executable, "-m", "benchmarks.spacy_baseline", *asked]
            trained = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            seconds, passes = map(float, trained.split())
            print(f"spaCy trained in {seconds:.0f} CPU seconds, {passes:.1f} passes over the examples of our en model\n")
        codes = {
            "entities stage": "from pipeline.settings import EntitiesSettings; "
            "from pipeline.stages.entities.stage import EntitiesStage; EntitiesStage(EntitiesSettings())",
            "spaCy": f"import spacy; spacy.load({str(folder)!r})",
        }
        texts = Path(temporary) / "texts.json"  # in a process of its own, too, so that the taggers' have their memory alone
        subprocess.run(
            [sys.executable, "-m", "benchmarks.bench_entities", "--texts", str(texts), "--count", str(options.count)], check=True
        )
        names = ["entities stage"] if options.no_spacy else list(TAGGERS)
        found = {}
        for name in names:
            asked = ["--probe", name, "--texts", str(texts), "--spacy", str(folder)]
            command = [sys.executable, "-m", "benchmarks.bench_entities", *asked]
            found[name] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        sizes = {"entities stage": megabytes(_DATA)} | ({} if options.no_spacy else {"spaCy": megabytes(folder)})
        report(found, sizes, {name: start_up(codes[name]) for name in names})


if __name__ == "__main__":
    main()
