"""Segment CRF with numpy: only runs of capitalised words, a fifth of a text, reach the model.

A word's own features and those it lends to its neighbours are summed once a word type; what is left for a text is a handful of
gathers and one batched Viterbi pass over its segments. The weights were trained with python-crfsuite, whose output this
reproduces (``tests/unit/entities/test_crf.py``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.entities.emissions import Emissions
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.span import Label, Span
from pipeline.stages.entities.weights import Floats, Weights

_IMPOSSIBLE = np.float32(-1e4)
#: Turns a margin between the best label and the next into a probability; fitted on the held-back split.
_MARGIN_SCALE = 0.35


class SegmentCrf:
    """Tags a reading."""

    def __init__(self, weights: Weights) -> None:
        self._outside = weights.labels.index("O")
        self._begins = np.array([label.startswith("B") for label in weights.labels])
        self._kinds = [Label.OTHER if label == "O" else Label(label[2:]) for label in weights.labels]
        inside = np.array([label.startswith("I") for label in weights.labels])
        kind = [label[2:] for label in weights.labels]
        self._transitions = weights.transitions.copy()
        for before, first in enumerate(weights.labels):
            for after in np.nonzero(inside)[0]:
                if first == "O" or kind[before] != kind[after]:
                    self._transitions[before, after] = _IMPOSSIBLE
        self._start = np.where(inside, _IMPOSSIBLE, np.float32(0)).astype(np.float32)
        self._emissions = Emissions(weights)

    def forget(self) -> None:
        """Forget every word type, as the lexicon does."""
        self._emissions.forget()

    def tag(self, reading: Reading) -> list[Span]:
        """Find the names of a text, in order; confidence comes from the margins between labels."""
        if not reading.segments:
            return []
        lengths = np.array([end - start for start, end in reading.segments])
        emissions = self._emissions(reading, lengths)
        best = self._decode(emissions, lengths)
        return self._spans(reading, best, lengths, self._confidence(emissions, lengths, best))

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
        active = [int(count) for count in len(lengths) - np.searchsorted(lengths[::-1], np.arange(lengths[0]), side="right")]
        scores = [emissions[starts] + self._start]
        for step in range(1, len(active)):
            paths = scores[-1][: active[step], :, None] + self._transitions
            scores.append(paths.max(axis=1) + emissions[starts[: active[step]] + step])
        label = np.zeros(0, np.int64)
        for step in range(len(active) - 1, -1, -1):
            going_on = scores[step][: len(label)] + self._transitions.T[label]
            label = np.concatenate([going_on.argmax(axis=1), scores[step][len(label) :].argmax(axis=1)])
            best[starts[: active[step]] + step] = label
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

    def _spans(self, reading: Reading, best: NDArray[np.int64], lengths: NDArray[np.int64], confidence: Floats) -> list[Span]:
        """Runs of labels that belong together; the least sure of its words says how sure a name is."""
        opens_segment = np.zeros(len(best), bool)
        ends = np.cumsum(lengths)
        opens_segment[ends - lengths] = True
        outside = best == self._outside
        opens = ~outside & (self._begins[best] | opens_segment | np.concatenate([[True], outside[:-1]]))
        first = np.flatnonzero(opens)
        if not len(first):
            return []
        breaks = np.append(np.flatnonzero(opens | outside | opens_segment), len(best))
        end = breaks[np.searchsorted(breaks, first, side="right")]
        edges = np.stack([first, end], axis=1).ravel()
        least = np.minimum.reduceat(np.append(confidence, np.float32(1)), edges)[::2]
        starts = np.array([start for start, _ in reading.segments])
        places = first + np.repeat(starts - ends + lengths, lengths)[first]
        labels = [self._kinds[label] for label in best[first].tolist()]
        return list(map(Span, places.tolist(), (places + end - first).tolist(), labels, least.tolist()))
