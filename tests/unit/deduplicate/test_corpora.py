"""The development sets: figures that must not fall, restarts that must not matter."""

from __future__ import annotations

import importlib.util
import json
import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid5

import pytest

from pipeline.messages import NAMESPACE, Dispatch, ParsedDispatch, Source, Verdict
from pipeline.settings import DeduplicateSettings
from pipeline.stages.deduplicate.stage import Deduplicator
from tests.unit.deduplicate.edits import COPIES, VERSIONS

CORPORA = Path(os.environ.get("WIREFEED_CORPORA", "/nowhere")) / "data"
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="development sets are absent: set WIREFEED_CORPORA to their folder")
START = datetime(2026, 1, 1, tzinfo=UTC)
LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "ru",
    "uk",
    "ar",
    "fa",
    "he",
    "el",
    "hi",
    "bn",
    "ta",
    "ka",
    "am",
    "zh",
    "ja",
    "ko",
    "th",
    "my",
    "km",
]


def parsed(identity: str, provider: str, text: str, headline: str, minutes: float) -> ParsedDispatch:
    dispatch = Dispatch(
        id=uuid5(NAMESPACE, identity), provider=provider, item_id=identity, headline=headline, text=text,
        received_at=START + timedelta(minutes=minutes), format="test", source=Source(feed="t", name="t", position=identity),
        raw_sha256="",
    )  # fmt: skip
    return ParsedDispatch(receipt=uuid5(NAMESPACE, f"receipt {identity}"), dispatch=dispatch)


def new_stage() -> Deduplicator:
    return Deduplicator(DeduplicateSettings(max_documents=8192))


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (CORPORA / name).read_text(encoding="utf-8").split("\n") if line]


def read(name: str) -> list[ParsedDispatch]:
    documents = rows(f"dedup/{name}.docs.jsonl")
    return [parsed(row["id"], row["agency"].lower(), row["text"], row["headline"], row["minutes"]) for row in documents]


def score(name: str, verdicts: list[Verdict]) -> dict[str, float]:
    spec = importlib.util.spec_from_file_location("evaluation", CORPORA / "dedup" / "eval.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ids = {verdict.dispatch_id: verdict.item_id for verdict in verdicts}
    links = {"duplicate": "duplicate_of", "update": "version_of"}
    found = [{"id": v.item_id, links.get(v.story.relation, "none"): ids.get(v.story.of)} for v in verdicts]
    return module.score(rows(f"dedup/{name}.gold.jsonl"), found)[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "story", "drop"), [("wikinews", 0.97, 0.94), ("natural_apr", 0.92, 0.98), ("synth", 0.97, 0.945)]
)  # fmt: skip
def test_quality(name, story, drop):
    """Stories and copies are told apart as well as measured before; nothing that carries news is dropped."""
    figures = score(name, new_stage().decide(read(name)))
    assert figures["story_f1"] >= story
    assert figures["drop_f1"] >= drop
    assert figures["lost_version"] + figures["lost_distinct"] == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_restarts_change_nothing():
    """Ten restarts at random points: verdicts and stories equal an undisturbed run's, without exception."""
    sent = read("synth")
    undisturbed = new_stage().decide(sent)
    cuts = [*sorted(random.Random(11).sample(range(len(sent)), 10)), len(sent)]
    stage, logged = new_stage(), []
    for cut in cuts:
        logged += stage.decide(sent[len(logged) : cut])
        stage, before = new_stage(), stage
        stage.restore([Verdict.model_validate_json(verdict.to_json()) for verdict in logged], before.item_states(logged))
    assert logged == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_languages(language):
    """In every language and script no version is lost, copies are dropped and stories hold together."""
    wanted = (row["text"] for row in rows("language/dev.jsonl") if row["lang"] == language and row["id"].startswith("d-long"))
    texts = list(dict.fromkeys(wanted))
    chance = random.Random(3)
    edits = list((COPIES | VERSIONS).items())
    sent = []
    for number, text in enumerate(texts):
        at = chance.random() * 2000
        sent.append((at, number, "original", text))
        for step in range(2):
            kind, edit = edits[(2 * number + step) % len(edits)]
            edited = edit(text, chance)
            if edited is not None and edited != text:
                sent.append((at + 20 + 30 * step, number, kind, edited))
        if number % 3 == 0:
            more = texts[(number + 5) % len(texts)]
            sent.append((at + 100, number, "added", f"{text}\n\n{more[: len(more) // 2]}"))
    sent.sort()
    batch = [
        parsed(f"{number}-{kind}", f"agency{place % 4}", text, texts[number][:40], at)
        for place, (at, number, kind, text) in enumerate(sent)
    ]
    verdicts = new_stage().decide(batch)
    relations = Counter((kind in COPIES, verdict.story.relation) for (_, _, kind, _), verdict in zip(sent, verdicts, strict=True))
    assert relations[False, "duplicate"] == 0
    copies = sum(count for (copy, _), count in relations.items() if copy)
    assert relations[True, "duplicate"] >= 0.98 * copies
    gold = Counter(number for _, number, _, _ in sent)
    found = Counter(verdict.story.id for verdict in verdicts)
    both = Counter((number, verdict.story.id) for (_, number, _, _), verdict in zip(sent, verdicts, strict=True))
    assert 2 * pairs(both) / (pairs(gold) + pairs(found)) >= 0.95


def pairs(counts: Counter) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())
