"""A fingerprint as the index works with it: numpy arrays."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.messages import Fingerprint
from pipeline.stages.deduplicate.lexicon import NAME, NEGATION
from pipeline.stages.deduplicate.shingles import Array32, Array64, contexts, shingles

_U16, _U32 = np.dtype("<u2"), np.dtype("<u4")
SKETCH = 32
"""Smallest shingles of a text, by which candidates are found."""
_FIRST_CONTEXTS, _LAST_CONTEXTS = 8, 16
_MAX_FACTS = 64
_MAX_TEXT_BYTES = 65_536 + 16


@dataclass(frozen=True)
class Keys:
    """What a text is entered under."""

    all: Array64
    """The sketch, then the contexts."""
    sketch: int
    """How many of them are the sketch."""
    rows: dict[int, int]
    """Place of a word whose context is a key → row of the key."""


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
    packed_text: bytes
    """Text without dateline and sign-off, compressed."""
    sender: int = 0
    """Hash of the agency; 0 where a fingerprint does not tell."""
    slug: int = 0
    """Hash of its slug; 0 where there is none."""

    @classmethod
    def of(cls, fingerprint: Fingerprint) -> Record:
        """Unpack a fingerprint."""
        names = [*_unpacked(fingerprint.names, _U32).tolist(), 0, 0]
        return cls(
            words=_unpacked(fingerprint.words, _U32),
            numbers=_unpacked(fingerprint.numbers, _U32),
            number_places=_unpacked(fingerprint.number_places, _U16),
            headline=_unpacked(fingerprint.headline, _U32),
            marks=frozenset(fingerprint.marks),
            packed_text=base64.b64decode(fingerprint.text),
            sender=names[0],
            slug=names[1],
        )

    @property
    def text_key(self) -> str:
        """Hash of headline and text, equal where a re-send is equal but for typography."""
        digest = hashlib.blake2b((self.words >> np.uint32(3)).tobytes(), digest_size=12)
        digest.update(b"\0" + self.headline.tobytes())
        return digest.hexdigest()

    @property
    def text(self) -> str:
        """Text without dateline and sign-off."""
        return unpack_text(self.packed_text)

    @cached_property
    def shingles(self) -> Array64:
        """Shingles, sorted, once each."""
        return np.unique(shingles(self.words))

    @cached_property
    def keys(self) -> Keys:
        """Keys to enter and find the text under."""
        sketch = self.shingles[:SKETCH]
        facts = np.flatnonzero(self.words & np.uint32(NAME | NEGATION))[:_MAX_FACTS].tolist()
        places = sorted({*self.number_places.tolist(), *facts})
        if len(places) > _FIRST_CONTEXTS + _LAST_CONTEXTS:
            places = places[:_FIRST_CONTEXTS] + places[-_LAST_CONTEXTS:]
        if not places:
            return Keys(sketch, len(sketch), {})
        rows = {place: len(sketch) + row for row, place in enumerate(places)}
        return Keys(np.concatenate([sketch, contexts(self.words, places)]), len(sketch), rows)


def unpack_text(packed: bytes) -> str:
    """Decompress a text of a fingerprint; never more than the fingerprint's limit, whatever it claims."""
    return zlib.decompressobj().decompress(packed, _MAX_TEXT_BYTES).decode("utf-8", "replace") if packed else ""


def _unpacked(packed: str, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.frombuffer(base64.b64decode(packed), kind)
