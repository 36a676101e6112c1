"""A stream of copies, silent versions and additions made from the texts of one language."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.messages import Verdict
from tests.unit.deduplicate.edits import COPIES, VERSIONS


class Sent(NamedTuple):
    """One dispatch of the stream: when it comes, which story it is of, how it was made, and its text."""

    at: float
    story: int
    kind: str
    text: str


class Figures(NamedTuple):
    """What was measured of a language."""

    documents: int
    versions: int
    lost: int
    copies: int
    dropped: int
    story_f1: float


def stream(texts: Sequence[str], seed: int = 3) -> list[Sent]:
    """Each text, two edits of it in turn, and for every third a version that goes on with half of another text."""
    chance = random.Random(seed)
    edits = list((COPIES | VERSIONS).items())
    sent = []
    for number, text in enumerate(texts):
        at = chance.random() * 2000
        sent.append(Sent(at, number, "original", text))
        for step in range(2):
            kind, edit = edits[(2 * number + step) % len(edits)]
            edited = edit(text, chance)
            if edited is not None and edited != text:
                sent.append(Sent(at + 20 + 30 * step, number, kind, edited))
        if number % 3 == 0:
            more = texts[(number + 5) % len(texts)]
            sent.append(Sent(at + 100, number, "added", f"{text}\n\n{more[: len(more) // 2]}"))
    return sorted(sent)


def figures(sent: Sequence[Sent], verdicts: Sequence[Verdict]) -> Figures:
    """Count what became of a stream."""
    both = list(zip(sent, verdicts, strict=True))
    kept = [verdict for one, verdict in both if one.kind not in COPIES]
    copies = [verdict for one, verdict in both if one.kind in COPIES]
    gold = _pairs(Counter(one.story for one in sent))
    found = _pairs(Counter(verdict.story.id for verdict in verdicts))
    right = _pairs(Counter((one.story, verdict.story.id) for one, verdict in both))
    return Figures(
        documents=len(sent),
        versions=len(kept),
        lost=sum(verdict.story.relation == "duplicate" for verdict in kept),
        copies=len(copies),
        dropped=sum(verdict.story.relation == "duplicate" for verdict in copies),
        story_f1=2 * right / (gold + found),
    )


def _pairs(counts: Counter) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())
