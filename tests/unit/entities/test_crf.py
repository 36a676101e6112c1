"""Reading the weights with numpy gives what python-crfsuite gives, and packing them loses next to nothing."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.stages.entities.crf import SegmentCrf, Weights
from pipeline.stages.entities.gazetteer import gazetteer
from pipeline.stages.entities.lexicon import Lexicon
from pipeline.stages.entities.reading import Reading

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
    weights = fit.read_dump(folder / "dump", labels, {}, 0)
    unseen = list(wirecopy.write("en", 6, 2))
    segments = list(fit.examples_as_segments(unseen, gazetteer(), {}, elisions=False))
    return tagger, weights, unseen, segments


def labels_of(weights: Weights, text: str) -> list[str]:
    reading = Reading(text, Lexicon(gazetteer(), {}))
    labels = ["O"] * len(reading.words)
    for span in SegmentCrf(weights, Lexicon(gazetteer(), {})).tag(Reading(text, Lexicon(gazetteer(), {}))):
        labels[span.first : span.end] = [f"B-{span.label}", *[f"I-{span.label}"] * (span.end - span.first - 1)]
    return [label for start, end in reading.segments for label in labels[start:end]]


def test_numpy_decodes_as_crfsuite_does(trained):
    """Label by label, but for an inside label that nothing opened, which only crfsuite allows."""
    tagger, weights, unseen, segments = trained
    ours = [label for example in unseen for label in labels_of(weights, example.text)]
    theirs = [label for features, _ in segments for label in tagger.tag(features)]
    assert len(ours) == len(theirs) > 200
    assert sum(a != b for a, b in zip(ours, theirs, strict=True)) <= 0.01 * len(ours)


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
