"""Reading the weights with numpy gives what python-crfsuite gives, and packing them loses next to nothing."""

import os
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.stages.entities.crf import SegmentCrf
from pipeline.stages.entities.gazetteer import gazetteer
from pipeline.stages.entities.lexicon import Lexicon
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.weights import Weights

pycrfsuite = pytest.importorskip("pycrfsuite", reason="install the training dependencies")
pytest.importorskip("faker", reason="install the training dependencies")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory):
    """A small model of both kinds, and the examples it was not trained on."""
    from training.entities import fit, wirecopy

    folder: Path = tmp_path_factory.mktemp("crf")
    trainer = pycrfsuite.Trainer(algorithm="ap", verbose=False)
    for features, labels in fit.examples_as_segments(wirecopy.write("en", 40, 1), gazetteer(), {}, elisions=False):
        trainer.append(features, labels)
    trainer.set_params({"max_iterations": 5, "feature.possible_transitions": True})
    trainer.train(str(folder / "model"))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(folder / "model"))
    tagger.dump(str(folder / "dump"))
    labels = ("O", *sorted(label for label in tagger.labels() if label != "O"))
    weights = fit.read_dump(folder / "dump", labels, {})
    unseen = list(wirecopy.write("en", 6, 2))
    segments = list(fit.examples_as_segments(unseen, gazetteer(), {}, elisions=False))
    return tagger, weights, unseen, segments


def labels_of(weights: Weights, text: str) -> list[list[str]]:
    """Labels of every segment."""
    lexicon = Lexicon(gazetteer(), {})
    reading = Reading(text, lexicon)
    labels = ["O"] * len(reading.words)
    for span in SegmentCrf(weights).tag(reading):
        labels[span.first : span.end] = [f"B-{span.label}", *[f"I-{span.label}"] * (span.end - span.first - 1)]
    return [labels[start:end] for start, end in reading.segments]


def is_opened(labels: list[str]) -> bool:
    """Whether every inside label follows one of its type."""
    return all(after[0] != "I" or before[2:] == after[2:] for before, after in pairwise(["O", *labels]))


def test_numpy_decodes_as_crfsuite_does(trained):
    """Label by label, but for segments with an inside label that nothing opened, which only crfsuite allows."""
    tagger, weights, unseen, segments = trained
    ours = [labels for example in unseen for labels in labels_of(weights, example.text)]
    theirs = [tagger.tag(features) for features, _ in segments]
    assert len(ours) == len(theirs) > 100
    compared = [(a, b) for a, b in zip(ours, theirs, strict=True) if is_opened(b)]
    assert len(compared) > 0.9 * len(ours)
    assert all(a == b for a, b in compared)


def test_packing_keeps_the_weights(trained):
    """One byte a weight: off by at most half a step."""
    weights = trained[1]
    again = Weights.unpack(weights.pack())
    names = list(weights.features)
    before, after = (w.states[[w.features[name] for name in names]] for w in (weights, again))
    assert again.labels == weights.labels
    assert np.abs(before - after).max() <= np.abs(weights.states).max() / 127 * 0.51


def test_the_same_seed_writes_the_same_copy():
    """Training is repeatable."""
    from training.entities import wirecopy

    assert list(wirecopy.write("de", 5, 3)) == list(wirecopy.write("de", 5, 3))
    assert list(wirecopy.write("de", 5, 3)) != list(wirecopy.write("de", 5, 4))


@pytest.mark.parametrize("language", ["en", "es", "de", "fr", "pt", "it"])
def test_labels_of_wire_copy_are_names(language: str):
    """No empty name, none over a line's end, none that overlaps another."""
    from training.entities import wirecopy

    for example in wirecopy.write(language, 9, 5):
        end = 0
        for start, stop, _ in example.names:
            assert end <= start < stop
            assert "\n" not in example.text[start:stop]
            end = stop


def test_a_slot_inside_a_name_is_part_of_it():
    """`<ORG Universidad de {L1}>` is one organisation; the town in it is no place of its own."""
    from training.entities import wirecopy

    example = wirecopy._document(["<ORG Banco de {N1}>, {N1}"], wirecopy.Writer("es", random.Random(1)))
    (bank, first), (country, second) = [(example.text[start:end], type_) for start, end, type_ in example.names]
    assert (bank, first, second) == (f"Banco de {country}", "ORG", "LOC")


def test_own_dispatches_are_read_with_their_names():
    """Every labelled name stands where the text says it does, without its brackets."""
    from training.entities import samples

    for language in ("en", "es", "de"):
        for example in (example for labelled in samples.read(language).values() for example in labelled):
            assert "[" not in example.text
            assert all(example.text[start:end].strip() == example.text[start:end] != "" for start, end, _ in example.names)


def test_a_process_of_its_own_gives_the_same_model():
    """The order in which the perceptron sees its examples starts anew with a process, whatever the hash seed."""
    code = (
        "import hashlib, sys; from training.entities import fit, wirecopy; from pipeline.stages.entities.gazetteer import gazetteer;"
        "s = fit.examples_as_segments(wirecopy.write('en', 20, 1), gazetteer(), {}, elisions=False);"
        "w = fit.fit(s, {}, rounds=2, passes=2, least=0.01, least_seen=1); print(hashlib.sha256(w.pack()).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1
    assert len(hashes.pop().strip()) == 64
