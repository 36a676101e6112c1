"""Speed, memory, start-up and size of entity tagging: ``python benchmarks/bench_entities.py``.

Prose comes from ``$WIREFEED_CORPORA``; dispatches that are nearly all names, as results and market tables are, from the training
templates with a seed of their own. ``--spacy FOLDER`` measures a spaCy pipeline
from a local path through the same interface in the same run.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.messages import Dispatch, Event, Language, Source
from pipeline.settings import EntitiesSettings
from pipeline.stages.entities import gazetteer
from pipeline.stages.entities.stage import EntitiesStage
from training.entities import corpora, wirecopy

_WORDS = 600
_DATA = Path(gazetteer.__file__).parent / "data"


def dispatches(language: str, count: int) -> list[Event]:
    """Events of about 600 words each, all different."""
    texts: list[str] = []
    parts: list[str] = []
    for example in wirecopy.write(language, count * 12, seed=99):
        parts.append(example.text)
        if sum(len(part.split()) for part in parts) >= _WORDS:
            texts.append(" ".join("\n\n".join(parts).split(" ")[:_WORDS]))
            parts = []
    return [_event(text, language) for text in texts[:count]]


def prose(count: int) -> list[Event]:
    """Newswire of about 600 words each from the public-domain corpus, none where ``WIREFEED_CORPORA`` is not set."""
    folder = Path(os.environ.get("WIREFEED_CORPORA", "")) / "data" / "entities" / "train"
    if not folder.is_dir():
        return []
    words: list[str] = []
    for example in corpora.read(corpora.GMB, folder):
        words += example.text.replace("\n", " \n ").split(" ")
        if len(words) >= count * _WORDS:
            break
    return [_event(" ".join(words[at : at + _WORDS]), "en") for at in range(0, count * _WORDS, _WORDS)]


def _event(text: str, language: str) -> Event:
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


def measure(name: str, stage: EntitiesStage, events: list[Event]) -> None:
    """Print time and CPU a dispatch, on texts never seen before."""
    half = len(events) // 2
    stage.process(events[:half])
    wall, cpu = time.perf_counter(), time.process_time()
    stage.process(events[half:])
    count = len(events) - half
    wall, cpu = (time.perf_counter() - wall) / count * 1000, (time.process_time() - cpu) / count * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {name} | {wall:.2f} | {cpu:.2f} | {memory:.0f} |")


def start_up() -> float:
    """Seconds until a new process has its stage, imports included; best of three."""
    code = (
        "import time; t = time.perf_counter();"
        "from pipeline.settings import EntitiesSettings; from pipeline.stages.entities.stage import EntitiesStage;"
        "EntitiesStage(EntitiesSettings()); print(time.perf_counter() - t)"
    )
    root = Path(__file__).parents[1]
    return min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root).stdout)
        for _ in range(3)
    )


def main() -> None:
    """Run and print a table for ``results/entities.md``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spacy", type=Path, help="a spaCy pipeline to compare with")
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}\n")
    print(f"start-up {start_up():.2f} s")
    for path in sorted(_DATA.iterdir()):
        print(f"{path.name} {path.stat().st_size / 1e6:.2f} MB")
    print("\n| 600-word dispatches | ms | CPU ms | peak MB so far |\n|---|---|---|---|")
    stage = EntitiesStage(EntitiesSettings())
    if events := prose(options.count):
        measure("newswire prose, en", stage, events)
    for language in ("en", "es", "de", "fr"):
        measure(f"tables and headlines, {language}", stage, dispatches(language, options.count))
    if options.spacy:
        measure("spaCy, en", EntitiesStage(EntitiesSettings(spacy_model=options.spacy)), dispatches("en", options.count))


if __name__ == "__main__":
    main()
