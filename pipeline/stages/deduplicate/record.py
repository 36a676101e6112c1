"""A fingerprint as the index works with it: numpy arrays."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.messages import Fingerprint
from pipeline.stages.deduplicate.lexicon import NAME, NEGATION
from pipeline.stages.deduplicate.shingles import Array32, Array64, codes, shingles_and_contexts

_FACT = np.uint32(NAME | NEGATION)
_U16, _U32 = np.dtype("<u2"), np.dtype("<u4")
SKETCH = 32
"""Smallest shingles of a text, by which candidates are found."""
_FIRST_CONTEXTS, _LAST_CONTEXTS = 8, 16
_MAX_FACTS = 64
_SIEVE_BITS = 13
_SIEVED = np.uint64(64 - _SIEVE_BITS)
_MAX_TEXT_BYTES = 65_536 + 16


class Keys(NamedTuple):
    """What a text is entered under."""

    all: Array64
    """Its smallest shingles, then hashes of the words around numbers, names and negations."""
    sketch: int
    """How many of them are shingles."""
    places: npt.NDArray[np.int64]
    """Which word each context is about."""


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

    @property
    def shingles(self) -> Array64:
        """Shingles, sorted, once each."""
        return self._hashes[0]

    @property
    def keys(self) -> Keys:
        """Keys to enter and find the text under."""
        return self._hashes[1]

    @cached_property
    def _hashes(self) -> tuple[Array64, Keys]:
        telling = self.words & _FACT
        if np.count_nonzero(telling) > _MAX_FACTS:
            telling[telling.nonzero()[0][_MAX_FACTS:]] = 0
        telling[self.number_places] = 1
        places = telling.nonzero()[0]
        if len(places) > _FIRST_CONTEXTS + _LAST_CONTEXTS:
            places = np.concatenate([places[:_FIRST_CONTEXTS], places[-_LAST_CONTEXTS:]])
        every, contexts = shingles_and_contexts(codes(self.words), places)
        every.sort()
        fresh = np.empty(len(every), np.bool_)
        fresh[0] = True
        np.not_equal(every[1:], every[:-1], out=fresh[1:])
        shingles = every[fresh]
        sketch = shingles[:SKETCH]
        return shingles, Keys(np.concatenate([sketch, contexts]), len(sketch), places)

    @cached_property
    def sieve(self) -> npt.NDArray[np.bool_]:
        """Whether any shingle has these first bits: most of an unrelated text's fall through."""
        sieve = np.zeros(1 << _SIEVE_BITS, np.bool_)
        sieve[sieved(self.shingles)] = True
        return sieve


def sieved(shingles: Array64) -> npt.NDArray[np.int64]:
    """Places of shingles in a ``Record.sieve``."""
    return (shingles >> _SIEVED).view(np.int64)


def unpack_text(packed: bytes) -> str:
    """Decompress a text of a fingerprint; never more than the fingerprint's limit, whatever it claims."""
    return zlib.decompressobj().decompress(packed, _MAX_TEXT_BYTES).decode("utf-8", "replace") if packed else ""


def _unpacked(packed: str, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.frombuffer(base64.b64decode(packed), kind)
