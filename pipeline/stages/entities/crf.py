"""Segment CRF with numpy: only runs of capitalised words, a fifth of a text, reach the model.

A word's own features and those it lends to its neighbours are summed once a word type; what is left for a text is a handful of
gathers and one batched Viterbi pass over its segments. The weights were trained with python-crfsuite, whose output this
reproduces (``tests/unit/entities/test_crf.py``).
"""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.entities.features import GROUPS, ContextFeatures
from pipeline.stages.entities.lexicon import Lexicon, Word
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import Label, Span

Floats = NDArray[np.float32]
_IMPOSSIBLE = np.float32(-1e4)
_NEIGHBOURS = ("", "-1", "+1", "-2", "+2")
#: Turns a margin between the best label and the next into a probability; fitted on the held-back split.
_MARGIN_SCALE = 0.35


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


class SegmentCrf:
    """Tags a reading. Keeps sums a word type, which change no result."""

    def __init__(self, weights: Weights, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._labels = weights.labels
        # The last row is zero: it stands for features that carry no weight.
        self._states = np.vstack([weights.states, np.zeros((1, len(weights.labels)), np.float32)])
        self._nothing = len(weights.states)
        self._feature = weights.features.get
        inside = np.array([label.startswith("I") for label in weights.labels])
        kind = [label[2:] for label in weights.labels]
        self._transitions = weights.transitions.copy()
        for before, first in enumerate(weights.labels):
            for after in np.nonzero(inside)[0]:
                if first == "O" or kind[before] != kind[after]:
                    self._transitions[before, after] = _IMPOSSIBLE
        self._start = np.where(inside, _IMPOSSIBLE, np.float32(0)).astype(np.float32)
        self._groups = self._no_groups()
        self._context: ContextFeatures[int] = ContextFeatures(self._group)
        self.forget()

    def _no_groups(self) -> Floats:
        self._group_count = 1  # row 0 is never given out: a row has to be true
        return np.zeros((4096, len(self._labels)), np.float32)

    @property
    def is_full(self) -> bool:
        """Whether it remembers so much that it should forget."""
        return self._context.is_full

    def forget(self) -> None:
        """Forget every word type; what was read before must not be tagged after."""
        self._groups = self._no_groups()
        self._context.clear()
        self._sums = np.zeros((len(_NEIGHBOURS), 4096, len(self._labels)), np.float32)
        self._count = 0
        self._before = self._new_row(["-1BOS"], position=1)
        self._after = self._new_row(["+1EOS"], position=2)

    def _new_row(self, features: list[str], position: int) -> int:
        row = self._count
        self._count += 1
        self._sums[position, row] = self._sum(features)
        return row

    def _sum(self, features: list[str]) -> Floats:
        known = [index for index in map(self._feature, features) if index is not None]
        return np.asarray(self._states[known].sum(axis=0), np.float32)

    def _group(self, features: list[str]) -> int:
        """Sum the weights of features that always come together; give the row of the sum."""
        if self._group_count == len(self._groups):
            self._groups = np.concatenate([self._groups, np.zeros_like(self._groups)])
        row = self._group_count
        self._group_count += 1
        self._groups[row] = self._sum(features)
        return row

    def _row(self, word: Word) -> int:
        if self._count == self._sums.shape[1]:
            self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)], axis=1)
        row = word.row = self._count
        self._count += 1
        known: list[int] = []
        starts: list[int] = []
        for place, attributes in zip(_NEIGHBOURS, (word.own, word.near, word.near, word.far, word.far), strict=True):
            starts.append(len(known))
            known += [self._feature(place + attribute, self._nothing) for attribute in attributes]
        self._sums[:, row] = np.add.reduceat(self._states[known], starts, axis=0)
        word.own = word.near = word.far = ()  # summed: a long run would hold millions of them
        return row

    def tag(self, reading: Reading) -> list[Span]:
        """Find the names of a text, in order; confidence comes from the margins between labels."""
        if not reading.segments:
            return []
        emissions = self._emissions(reading)
        lengths = np.array([end - start for start, end in reading.segments])
        best = self._decode(emissions, lengths)
        return self._spans(reading, best, self._confidence(emissions, lengths, best))

    def _emissions(self, reading: Reading) -> Floats:
        rows = [word.row if word.row >= 0 else self._row(word) for word in reading.words]
        rows += [self._after, self._after, self._before, self._before]  # -1 and -2 wrap around to the start
        at = np.array(rows)
        places = np.array([index for start, end in reading.segments for index in range(start, end)])
        sums = self._sums
        emissions = sums[0, at[places]] + sums[1, at[places - 1]] + sums[2, at[places + 1]]
        emissions += sums[3, at[places - 2]] + sums[4, at[places + 2]]
        groups = np.array(self._context(reading)).reshape(-1, GROUPS)
        for column in groups.T:
            emissions += self._groups[column]
        return np.asarray(emissions, np.float32)

    def _decode(self, emissions: Floats, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Best label of every word: Viterbi over all segments at once, longest first."""
        starts = np.cumsum(lengths) - lengths
        best = np.zeros(len(emissions), np.int64)
        single = starts[lengths == 1]
        best[single] = (emissions[single] + self._start).argmax(axis=1)
        several = np.nonzero(lengths > 1)[0]
        if not len(several):
            return best
        several = several[np.argsort(-lengths[several], kind="stable")]
        lengths, starts = lengths[several], starts[several]
        scores = emissions[starts] + self._start
        final, back, active = np.empty_like(scores), [], len(several)
        for step in range(1, int(lengths[0])):
            still = int((lengths > step).sum())
            final[still:active], active = scores[still:active], still
            paths = scores[:active, :, None] + self._transitions[None]
            back.append(paths.argmax(axis=1))
            scores = paths.max(axis=1) + emissions[starts[:active] + step]
        final[:active] = scores[:active]
        label = final.argmax(axis=1)
        for step in range(int(lengths[0]) - 1, -1, -1):
            active = int((lengths > step).sum())
            best[starts[:active] + step] = label[:active]
            if step:
                rows = np.arange(active)
                label[:active] = back[step - 1][rows, label[:active]]
        return best

    def _confidence(self, emissions: Floats, lengths: NDArray[np.int64], best: NDArray[np.int64]) -> Floats:
        """Probability of each word's label against the next best, its neighbours' labels held."""
        ends = np.cumsum(lengths)
        first = np.zeros(len(best), bool)
        first[ends - lengths] = True
        last = np.zeros(len(best), bool)
        last[ends - 1] = True
        before = np.where(first[:, None], self._start, self._transitions[np.roll(best, 1)])
        after = np.where(last[:, None], np.float32(0), self._transitions[:, np.roll(best, -1)].T)
        scores = emissions + before + after
        rows = np.arange(len(best))
        chosen = scores[rows, best]
        scores[rows, best] = -np.inf
        margin = chosen - scores.max(axis=1)
        return np.asarray(1 / (1 + np.exp(-np.clip(margin * _MARGIN_SCALE, -30, 30))), np.float32)

    def _spans(self, reading: Reading, best: NDArray[np.int64], confidence: Floats) -> list[Span]:
        spans: list[Span] = []
        labels, sure = [self._labels[label] for label in best.tolist()], confidence.tolist()
        place = 0
        for start, end in reading.segments:
            current: Span | None = None
            for index in range(start, end):
                label = labels[place]
                if label == "O":
                    current = None
                elif label[0] == "B" or current is None:
                    current = Span(index, index + 1, Label(label[2:]), sure[place])
                    spans.append(current)
                else:
                    current.end = index + 1
                    current.confidence = min(current.confidence, sure[place])
                place += 1
        return spans
