"""How a word is mostly written inside a sentence: the clue that "Reading" may be a town and "Will" a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline.stages.entities.tokens import tokenize

_LEAST_SEEN = 2


def learn(texts: Iterable[str], *, elisions: bool = False) -> dict[str, int]:
    """Lower-case word → how often it is written small: 0 hardly ever, 1 at times, 2 mostly, 3 nearly always."""
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for text in texts:
        first = True
        for word in tokenize(text, elisions=elisions).words:
            if word[0] == "\n":
                first = True
                continue
            if word[0].isalpha() and not first:
                if word.islower():
                    small[word] += 1
                elif not (word.isupper() and len(word) > 1):
                    capital[word.lower()] += 1
            if word[0].isalnum():
                first = False
            if word in ".!?":
                first = True
    found = {}
    for word in sorted(set(small) | set(capital)):
        seen = small[word] + capital[word]
        if seen >= _LEAST_SEEN:
            share = small[word] / seen
            found[word] = 3 if share > 0.95 else 2 if share > 0.7 else 1 if share > 0.3 else 0
    return found
