"""Fit the confidence of the language detector: prints ``COEFFICIENTS`` for ``pipeline/stages/language/calibration.py``.

    WIREFEED_CORPORA=/path/to/corpora python training/language/fit_calibration.py

Uses the even half of ``data/language/dev.jsonl`` (by CRC-32 of the row's id); the benchmark measures on the odd half. Texts
whose best guess is a language that both models have to agree on are left out.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path

import numpy as np

from pipeline.stages.language.passages import read
from pipeline.stages.language.tags import RARE, canonical

RARE_WEIGHT = 1.0
RIDGE = 1e-2


def main() -> None:
    """Fit by Newton's method and print."""
    features, right, weights = [], [], []
    path = Path(os.environ["WIREFEED_CORPORA"]) / "data/language/dev.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if zlib.crc32(row["id"].encode()) % 2 or row["setting"] == "bilingual":
            continue
        passages, _ = read("", row["text"], None)
        evidence = max(passages, key=lambda passage: passage.weight).guess if passages else None
        if evidence is None or evidence.evidence is None:
            continue
        if evidence.label in RARE:
            continue
        features.append(evidence.evidence.features())
        right.append(float(canonical(evidence.label) == row["lang"]))
        weights.append(RARE_WEIGHT if row["setting"] in {"oos", "nonling"} else 1.0)
    matrix, target, weight = np.array(features), np.array(right), np.array(weights)
    coefficients = np.zeros(matrix.shape[1])
    for _ in range(60):
        probability = 1 / (1 + np.exp(-matrix @ coefficients))
        gradient = matrix.T @ (weight * (target - probability)) - RIDGE * coefficients
        hessian = (matrix * (weight * probability * (1 - probability))[:, None]).T @ matrix + RIDGE * np.eye(matrix.shape[1])
        coefficients += np.linalg.solve(hessian, gradient)
    print("COEFFICIENTS =", tuple(round(float(value), 4) for value in coefficients), f"# {len(target)} rows")


if __name__ == "__main__":
    main()
