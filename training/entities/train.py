"""Train one of the shipped models."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

from pipeline.stages.entities.gazetteer import gazetteer
from pipeline.stages.entities.taggers import Tagger
from pipeline.stages.entities.weights import Weights
from training.entities import corpora, fit, models
from training.entities.score import score

_LEAST_SEEN = 2


def train(name: str, folder: Path, out: Path) -> dict[str, object]:
    """Fit the model of that name to the corpora in a folder, write it and say what it was made from and how it scores.

    A process fits one model only (see ``fit.fit``), and none that is called ``__main__`` can be started for that.
    """
    recipe = next(recipe for recipe in models.RECIPES if recipe.name == name)
    print(f"{recipe.name}: training", file=sys.stderr)
    casing = models.learn_casing(recipe, folder)
    segments = fit.examples_as_segments(models.examples(recipe, folder), gazetteer(), casing, elisions=recipe.elisions)
    weights = fit.fit(
        segments, casing, rounds=recipe.rounds, passes=recipe.passes, least=recipe.least_weight, least_seen=_LEAST_SEEN
    )
    weights = replace(weights, elisions=recipe.elisions)
    packed = weights.pack()
    (out / f"{recipe.name}.crf").write_bytes(packed)
    tagger = Tagger(Weights.unpack(packed))
    scores = {source: score(tagger, held) for source, held in models.held_back(recipe, folder).items()}
    for source, result in scores.items():
        print(f"{recipe.name}: {source}: {result}", file=sys.stderr)
    return {
        "sha256": hashlib.sha256(packed).hexdigest(),
        "bytes": len(packed),
        "features": len(weights.features),
        "inputs": {
            corpus.file: {"sha256": corpora.digest(corpus, folder), "source": corpus.source, "licence": corpus.licence}
            for corpus in recipe.corpora
        },
        "wire_copy": recipe.wire_copy,
        "rounds": recipe.rounds,
        "held_back": scores,
    }
