"""The development sets: figures that must not fall, restarts that must not matter."""

from __future__ import annotations

import importlib.util
import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid5

import pytest

from pipeline.messages import NAMESPACE, ParsedDispatch, Verdict
from pipeline.settings import DeduplicateSettings
from pipeline.stages.deduplicate.stage import Deduplicator
from tests.samples import new_dispatch
from tests.unit.deduplicate.languages import figures, stream

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
    dispatch = new_dispatch(
        id=uuid5(NAMESPACE, identity), provider=provider, item_id=identity, revision="", headline=headline, text=text,
        received_at=START + timedelta(minutes=minutes), position=identity,
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
    sent = stream(texts)
    batch = [
        parsed(f"{one.story}-{one.kind}", f"agency{place % 4}", one.text, texts[one.story][:40], one.at)
        for place, one in enumerate(sent)
    ]
    found = figures(sent, new_stage().decide(batch))
    assert found.lost == 0
    assert found.dropped >= 0.98 * found.copies
    assert found.story_f1 >= 0.95
