"""Strict score, span and type, of a tagger against examples: persons, organisations and places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from pipeline.stages.entities.taggers import Tagger
from training.entities.corpora import Example

_SCORED = ("PER", "ORG", "LOC")


def score(tagger: Tagger, examples: Iterable[Example]) -> dict[str, float]:
    """Score one of our taggers."""

    def spans(text: str) -> set[tuple[int, int, str]]:
        reading, found = tagger.tag(text)
        return {(reading.starts[span.first], reading.ends[span.end - 1], str(span.label)) for span in found}

    return score_spans(spans, examples)


def score_spans(find: Callable[[str], set[tuple[int, int, str]]], examples: Iterable[Example]) -> dict[str, float]:
    """Precision, recall and F1 over all, and F1 a type, in percent, of what finds (start, end, type) in a text."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for example in examples:
        found = find(example.text)
        wanted = set(example.names)
        right.update(type_ for *_, type_ in found & wanted)
        wrong.update(type_ for *_, type_ in found - wanted)
        missed.update(type_ for *_, type_ in wanted - found)
    result = {}
    for name, types in (("all", _SCORED), *((type_, (type_,)) for type_ in _SCORED)):
        hits, extra, lost = (sum(counter[type_] for type_ in types) for counter in (right, wrong, missed))
        precision, recall = hits / max(1, hits + extra), hits / max(1, hits + lost)
        result[name] = round(200 * precision * recall / max(1e-9, precision + recall), 1)
        if name == "all":
            result |= {"precision": round(100 * precision, 1), "recall": round(100 * recall, 1)}
    return result
