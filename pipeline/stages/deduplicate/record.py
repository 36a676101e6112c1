"""A fingerprint as the index works with it: numpy arrays."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.messages import Fingerprint

U16, U32 = np.dtype("<u2"), np.dtype("<u4")
Array32 = npt.NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Record:
    """What is compared of one dispatch."""

    words: Array32
    """Words in order: 29-bit hash above the class bits of ``lexicon``."""
    numbers: Array32
    """Numbers in order, as hashes."""
    number_places: npt.NDArray[np.uint16]
    """Place of each number's word."""
    headline: Array32
    """Headline words, sorted, once each; the lowest bit tells numbers."""
    marks: frozenset[str]
    text: bytes
    """Text without dateline and sign-off, compressed."""

    @classmethod
    def of(cls, fingerprint: Fingerprint) -> Record:
        """Unpack a fingerprint."""
        return cls(
            words=_unpacked(fingerprint.words, U32),
            numbers=_unpacked(fingerprint.numbers, U32),
            number_places=_unpacked(fingerprint.number_places, U16),
            headline=_unpacked(fingerprint.headline, U32),
            marks=frozenset(fingerprint.marks),
            text=base64.b64decode(fingerprint.text),
        )

    @property
    def text_key(self) -> str:
        """Hash of headline and text, equal where a re-send is equal but for typography."""
        digest = hashlib.blake2b((self.words >> 3).tobytes(), digest_size=12)
        digest.update(b"\0" + self.headline.tobytes())
        return digest.hexdigest()


def _unpacked(packed: str, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.frombuffer(base64.b64decode(packed), kind)
