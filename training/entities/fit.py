"""Fit a segment CRF with python-crfsuite's averaged perceptron and take its weights out."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pycrfsuite

from pipeline.stages.entities.crf import Weights
from pipeline.stages.entities.features import GROUPS, ContextFeatures
from pipeline.stages.entities.gazetteer import Gazetteer
from pipeline.stages.entities.lexicon import Lexicon
from pipeline.stages.entities.reading import Reading
from training.entities.corpora import Example

_TRANSITION = re.compile(r"\s+\(\d+\) (\S+) --> (\S+): (\S+)")
_STATE = re.compile(r"\s+\(\d+\) (.*) --> (\S+): (\S+)$")
_AS_OTHER = frozenset(("EVENT", "NAT"))


def examples_as_segments(
    examples: Iterable[Example], gazetteer: Gazetteer, casing: dict[str, int], *, elisions: bool
) -> Iterator[tuple[list[list[str]], list[str]]]:
    """Features and labels of every segment of every example."""
    lexicon = Lexicon(gazetteer, casing, elisions=elisions)
    context: ContextFeatures[list[str]] = ContextFeatures(lambda texts: texts)
    for example in examples:
        reading = Reading(example.text, lexicon)
        labels = labels_of(reading, example, gazetteer)
        features = iter(context(reading))
        for start, end in reading.segments:
            wanted = labels[start:end]
            if wanted[0].startswith("I"):
                wanted[0] = "B" + wanted[0][1:]
            context_of = [[text for _ in range(GROUPS) for text in next(features)] for _ in range(start, end)]
            yield [_all_features(reading, index, context_of[index - start]) for index in range(start, end)], wanted


def _all_features(reading: Reading, index: int, context: list[str]) -> list[str]:
    words, last = reading.words, len(reading.words) - 1
    features = [*words[index].own, *context]
    features += [f"-1{name}" for name in words[index - 1].near] if index else ["-1BOS"]
    features += [f"+1{name}" for name in words[index + 1].near] if index < last else ["+1EOS"]
    if index > 1:
        features += [f"-2{name}" for name in words[index - 2].far]
    if index + 1 < last:
        features += [f"+2{name}" for name in words[index + 2].far]
    return features


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
    segments: Iterable[tuple[list[list[str]], list[str]]], casing: dict[str, int], *, passes: int, least: float, least_seen: int
) -> Weights:
    """Train; weights below ``least`` of the largest one are dropped. Deterministic for the same segments in the same order."""
    trainer = pycrfsuite.Trainer(algorithm="ap", verbose=False)
    for features, labels in segments:
        trainer.append(features, labels)
    trainer.set_params({"max_iterations": passes, "feature.minfreq": least_seen, "feature.possible_transitions": True})
    with tempfile.TemporaryDirectory() as folder:
        model, dump = Path(folder) / "model", Path(folder) / "dump"
        trainer.train(str(model))
        tagger = pycrfsuite.Tagger()
        tagger.open(str(model))
        tagger.dump(str(dump))
        labels = ("O", *sorted(label for label in tagger.labels() if label != "O"))
        return read_dump(dump, labels, casing, least)


def read_dump(dump: Path, labels: tuple[str, ...], casing: dict[str, int], least: float) -> Weights:
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
    largest = max(abs(value) for row in states.values() for _, value in row)
    kept = {name: row for name, row in states.items() if max(abs(value) for _, value in row) >= least * largest}
    table = np.zeros((len(kept), len(labels)), np.float32)
    for index, row in enumerate(kept.values()):
        for label, value in row:
            table[index, label] = value
    return Weights(labels, {name: index for index, name in enumerate(kept)}, table, transitions, casing)
