"""A trained model and how it is packed."""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """Trained model: ``states`` is (features, labels), ``transitions`` (labels, labels) from row to column."""

    labels: tuple[str, ...]
    features: dict[str, int]
    states: Floats
    transitions: Floats
    casing: dict[str, int]
    elisions: bool = False

    def pack(self) -> bytes:
        """Encode with states in eighths of a byte's range, feature names sorted, compressed."""
        scale = float(np.abs(self.states).max()) / 127 or 1.0
        names = sorted(self.features)
        rows = np.round(self.states[[self.features[name] for name in names]] / scale).astype(np.int8)
        head = {
            "labels": self.labels,
            "elisions": self.elisions,
            "scale": scale,
            "transitions": [[round(float(value), 4) for value in row] for row in self.transitions],
            "casing": " ".join(f"{word}:{seen}" for word, seen in sorted(self.casing.items())),
            "features": "\n".join(names),
        }
        encoded = json.dumps(head, ensure_ascii=False, sort_keys=True).encode()
        body = len(encoded).to_bytes(4, "little") + encoded + rows.T.tobytes()
        return lzma.compress(body, preset=9 | lzma.PRESET_EXTREME)

    @classmethod
    def unpack(cls, packed: bytes) -> Weights:
        """Decode what ``pack`` wrote."""
        body = lzma.decompress(packed)
        size = int.from_bytes(body[:4], "little")
        head = json.loads(body[4 : 4 + size])
        names = head["features"].split("\n")
        rows = np.frombuffer(body, np.int8, offset=4 + size).reshape(len(head["labels"]), len(names)).T
        casing = dict(item.rsplit(":", 1) for item in head["casing"].split(" ") if item)
        return cls(
            labels=tuple(head["labels"]),
            features={name: index for index, name in enumerate(names)},
            states=rows.astype(np.float32) * np.float32(head["scale"]),
            transitions=np.array(head["transitions"], np.float32),
            casing={word: int(seen) for word, seen in casing.items()},
            elisions=head["elisions"],
        )
