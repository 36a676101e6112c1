"""Estimate how likely py3langid's features are in text without accents: makes ``pipeline/stages/language/unaccented.npz``.

    python training/language/unaccented_likelihoods.py

No text is needed, only the model that py3langid ships: strings of bytes and, for each language, how likely they are in accented
text. What an accented string weighs goes to the plain string that it becomes. Run this again when py3langid gets another model.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

TARGET = Path(__file__).parents[2] / "pipeline/stages/language/unaccented.npz"

#: Letters without a canonical decomposition, as wires write them in ASCII.
PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ə": "e", "ħ": "h", "ŋ": "n"}
    | {"ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ʻ": "'", "ʼ": "'", "’": "'", "‘": "'"}
)
_ACCENTED = (range(0xC0, 0x180), (0x199, 0x219, 0x21B, 0x253, 0x257, 0x259), range(0x1EA0, 0x1EFA))
LETTERS = [letter for block in _ACCENTED for letter in map(chr, block) if letter.islower()]
#: Gains below this share of a likelihood are left out.
SMALLEST_GAIN = 0.2


def unaccented(text: str) -> bytes:
    """Drop accents; the result may still hold letters that are not ASCII."""
    letters = unicodedata.normalize("NFD", text.translate(PLAIN))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).encode()


def spell(identifier: LanguageIdentifier) -> dict[bytes, int]:
    """Spell the features: a feature is the shortest string after which the automaton reports it."""
    spelled = {0: b""}
    waiting = deque([0])
    while waiting:
        state = waiting.popleft()
        first = identifier.tk_row[state] << 8
        for letter, target in enumerate(identifier.tk_nextmove[first : first + 256]):
            if target not in spelled:
                spelled[target] = spelled[state] + bytes([letter])
                waiting.append(target)
    found: dict[int, bytes] = {}
    for state, string in spelled.items():  # shortest first
        if (feature := identifier.tk_output[state]) >= 0:
            found.setdefault(feature, string)
    return {string: feature for feature, string in found.items()}


def gains(features: dict[bytes, int], likelihoods: Any) -> Any:
    """Give what each plain feature gains from accented ones, by feature and language."""
    seen = likelihoods - likelihoods.min(axis=0)  # without the share of what a language never showed
    gained = np.zeros_like(likelihoods)
    letters = {letter: likelihoods[features[letter.encode()]] for letter in LETTERS if letter.encode() in features}
    for string, feature in features.items():
        if string.isascii():
            continue
        cut = next((place for place, byte in enumerate(string) if byte & 0xC0 != 0x80), len(string))
        try:
            rest = string[cut:].decode()
        except UnicodeDecodeError:  # ends within a letter: plain text has no such place
            continue
        if not cut:
            starts = {"": np.ones(1)}
        else:  # begins within a letter: stands for every letter with that ending, by what each weighs in the language
            starts = {letter: weight for letter, weight in letters.items() if letter.encode().endswith(string[:cut])}
        total = sum(starts.values())
        for start, weight in starts.items():
            if rest and (plain := features.get(unaccented(start + rest))) is not None:
                gained[plain] += seen[feature] * weight / total
    return gained


def spread(features: dict[bytes, int], likelihoods: Any, gained: Any) -> None:
    """Hand gains on to longer strings: the automaton reports the longest string that ends at a place, and plain ones are shorter.

    ``ələl`` takes six bytes and is no feature, ``elel`` takes four and is one: it gets its part of what ``el`` has gained.
    """
    usual = likelihoods.mean(axis=1)
    plain = sorted((string for string in features if string.isascii()), key=len)
    ending = {string: next((string[at:] for at in range(1, len(string)) if string[at:] in features), None) for string in plain}
    all_longer = np.zeros(len(usual))
    for string, short in ending.items():
        if short:
            all_longer[features[short]] += usual[features[string]]
    for string, short in ending.items():
        if short:
            feature, source = features[string], features[short]
            gained[feature] += gained[source] * usual[feature] / (all_longer[source] + usual[source])


def main() -> None:
    """Write the features that gain, with their log-likelihoods by class of the model."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    features, likelihoods = spell(identifier), np.exp(identifier.nb_ptc.astype(np.float32))
    gained = gains(features, likelihoods)
    spread(features, likelihoods, gained)
    small = gained < SMALLEST_GAIN * likelihoods
    rows, classes = np.nonzero(~small)
    values = np.log(likelihoods + gained)[rows, classes].astype(np.float16)
    changed = {"feature": rows.astype(np.int32), "column": classes.astype(np.uint8), "value": values}
    np.savez_compressed(TARGET, shape=np.array(likelihoods.shape), **changed)
    print(f"{TARGET.name}: {len(values)} likelihoods of {len(np.unique(rows))} features, of {len(features)}")


if __name__ == "__main__":
    main()
