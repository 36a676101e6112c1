"""Fit a segment CRF with python-crfsuite's averaged perceptron and take its weights out."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pycrfsuite

from pipeline.stages.entities.gazetteer import Gazetteer
from pipeline.stages.entities.lexicon import Lexicon
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.weights import Weights
from training.entities.corpora import Example
from training.entities.features import features_of

_TRANSITION = re.compile(r"\s+\(\d+\) (\S+) --> (\S+): (\S+)")
_STATE = re.compile(r"\s+\(\d+\) (.*) --> (\S+): (\S+)$")
_AS_OTHER = frozenset(("EVENT", "NAT"))


def examples_as_segments(
    examples: Iterable[Example], gazetteer: Gazetteer, casing: dict[str, int], *, elisions: bool
) -> Iterator[tuple[list[list[str]], list[str]]]:
    """Features and labels of every segment of every example."""
    lexicon = Lexicon(gazetteer, casing, elisions=elisions)
    for example in examples:
        reading = Reading(example.text, lexicon)
        labels = labels_of(reading, example, gazetteer)
        for (start, end), features in zip(reading.segments, features_of(reading), strict=True):
            wanted = labels[start:end]
            if wanted[0].startswith("I"):
                wanted[0] = "B" + wanted[0][1:]
            yield features, wanted


def labels_of(reading: Reading, example: Example, gazetteer: Gazetteer) -> list[str]:
    """B, I and O labels; a name whose edges are not those of words is left out."""
    labels = ["O"] * len(reading.words)
    starts = {start: index for index, start in enumerate(reading.starts)}
    ends = {end: index for index, end in enumerate(reading.ends)}
    for start, end, written_type in example.names:
        first, last = starts.get(start), ends.get(end)
        if first is None or last is None:
            continue
        type_ = "MISC" if written_type in _AS_OTHER else written_type
        if all(word.text in gazetteer.peoples for word in reading.words[first : last + 1]):
            type_ = "NORP"
        labels[first] = f"B-{type_}"
        labels[first + 1 : last + 1] = [f"I-{type_}"] * (last - first)
    return labels


def fit(
    segments: Iterable[tuple[list[list[str]], list[str]]],
    casing: dict[str, int],
    *,
    rounds: int,
    passes: int,
    least: float,
    least_seen: int,
) -> Weights:
    """Train that many times and average; weights below ``least`` of the largest one are dropped.

    The perceptron goes through the segments in an order that it draws with the C library's ``rand``, and a small test set moves by
    two points with the order: hence the average. The draw starts anew with a process only, so a model's bytes are repeatable where
    it is fitted in a process of its own.
    """
    trainer = pycrfsuite.Trainer(algorithm="ap", verbose=False)
    for features, labels in segments:
        trainer.append(features, labels)
    trainer.set_params({"max_iterations": passes, "feature.minfreq": least_seen, "feature.possible_transitions": True})
    with tempfile.TemporaryDirectory() as folder:
        model, dump = Path(folder) / "model", Path(folder) / "dump"
        fitted = []
        for _ in range(rounds):
            trainer.train(str(model))
            tagger = pycrfsuite.Tagger()
            tagger.open(str(model))
            tagger.dump(str(dump))
            labels = ("O", *sorted(label for label in tagger.labels() if label != "O"))
            fitted.append(read_dump(dump, labels, casing))
    return prune(average(fitted), least)


def average(fitted: list[Weights]) -> Weights:
    """Mean of the weights of several fits to the same segments; a feature that one of them lacks counts as zero there."""
    features = {name: index for index, name in enumerate(sorted({name for weights in fitted for name in weights.features}))}
    states = np.zeros((len(features), len(fitted[0].labels)), np.float64)
    transitions = np.zeros_like(fitted[0].transitions, np.float64)
    for weights in fitted:
        states[[features[name] for name in weights.features]] += weights.states
        transitions += weights.transitions
    means = ((table / len(fitted)).astype(np.float32) for table in (states, transitions))
    return Weights(fitted[0].labels, features, *means, fitted[0].casing)


def prune(weights: Weights, least: float) -> Weights:
    """Drop features whose largest weight is below that share of the largest of all."""
    largest = np.abs(weights.states).max(axis=1)
    kept = [name for name, index in weights.features.items() if largest[index] >= least * largest.max()]
    states = weights.states[[weights.features[name] for name in kept]]
    return replace(weights, features={name: index for index, name in enumerate(kept)}, states=states)


def read_dump(dump: Path, labels: tuple[str, ...], casing: dict[str, int]) -> Weights:
    """Read the weights that python-crfsuite dumped."""
    place = {label: index for index, label in enumerate(labels)}
    transitions = np.zeros((len(labels), len(labels)), np.float32)
    states: dict[str, list[tuple[int, float]]] = {}
    section = ""
    with dump.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line[:1] not in " \t":
                section = line.split(" ")[0].strip()
            elif section == "TRANSITIONS" and (found := _TRANSITION.match(line)):
                transitions[place[found[1]], place[found[2]]] = float(found[3])
            elif section == "STATE_FEATURES" and (found := _STATE.match(line)):
                states.setdefault(found[1], []).append((place[found[2]], float(found[3])))
    table = np.zeros((len(states), len(labels)), np.float32)
    for index, row in enumerate(states.values()):
        for label, value in row:
            table[index, label] = value
    return Weights(labels, {name: index for index, name in enumerate(states)}, table, transitions, casing)
