"""A spaCy pipeline trained from scratch on the data of the ``en`` model, for comparison only.

``python -m benchmarks.spacy_baseline CORPORA OUT PASSES SECONDS`` prints the CPU seconds and the passes that it took.
"""

from __future__ import annotations

import random
import sys
import time
import warnings
from collections.abc import Iterable
from pathlib import Path

import spacy
from spacy.training import Example as SpacyExample
from spacy.util import fix_random_seed, minibatch

from training.entities import models

_SEED = 2026
_DROPOUT = 0.1


def train(corpora: Path, out: Path, passes: int, seconds: float) -> tuple[float, float]:
    """Train spaCy's own small network (hashed embeddings, CNN, transitions) and save it.

    Training ends after so many passes or CPU seconds, whichever comes first. Returns the CPU seconds and the passes that it took.
    """
    warnings.simplefilter("ignore", UserWarning)  # a name whose edges are not those of tokens is left out, as for our model
    fix_random_seed(_SEED)
    random.seed(_SEED)
    recipe = next(recipe for recipe in models.RECIPES if recipe.name == "en")
    nlp = spacy.blank("en")
    recogniser = nlp.add_pipe("ner")
    examples = list(_examples(nlp, recipe, corpora))
    for example in examples:
        for entity in example.reference.ents:
            recogniser.add_label(entity.label_)
    started = time.process_time()
    optimizer = nlp.initialize(lambda: examples[:200])
    seen = 0
    for _ in range(passes):
        random.shuffle(examples)
        for batch in minibatch(examples, size=16):
            nlp.update(batch, sgd=optimizer, drop=_DROPOUT)
            seen += len(batch)
            if time.process_time() - started > seconds:
                break
        else:
            continue
        break
    with nlp.use_params(optimizer.averages):
        nlp.to_disk(out)
    return time.process_time() - started, seen / len(examples)


def _examples(nlp: spacy.Language, recipe: models.Recipe, corpora: Path) -> Iterable[SpacyExample]:
    for text, names in models.examples(recipe, corpora):
        doc = nlp.make_doc(text)
        spans = [doc.char_span(start, end, label=type_) for start, end, type_ in names]
        doc.ents = spacy.util.filter_spans([span for span in spans if span is not None])
        yield SpacyExample(nlp.make_doc(text), doc)


if __name__ == "__main__":
    print(*train(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
