"""What the segment CRF sees of a word in its place, as texts: what it is trained with.

``pipeline.stages.entities.emissions`` sums the weights of the same features with numpy; ``tests/unit/entities/test_crf.py`` holds
the two together.
"""

from __future__ import annotations

from pipeline.stages.entities.emissions import FLAGS, LEAST_DATELINE, layout_features
from pipeline.stages.entities.lexicon import CLUES
from pipeline.stages.entities.reading import Reading


def features_of(reading: Reading) -> list[list[list[str]]]:
    """Texts of the features of every word of every segment."""
    small = {word.text for word in reading.words}
    return [
        [
            [
                *reading.words[index].attributes,
                *_beside(reading, index),
                *_flags(reading, index, start, end, small),
                *_lent(reading, index),
            ]
            for index in range(start, end)
        ]
        for start, end in reading.segments
    ]


def _beside(reading: Reading, index: int) -> list[str]:
    words, last = reading.words, len(reading.words) - 1
    shape = words[index].shape
    before = words[index - 1].shape if index else "^"
    after = words[index + 1].shape if index < last else "$"
    features = [f"c={before}|{shape}|{after}"]
    if index:
        features.append(f"cw={words[index - 1].lower}|{shape}")
    if index < last:
        features.append(f"cn={shape}|{words[index + 1].lower}")
    return features


def _flags(reading: Reading, index: int, start: int, end: int, small: set[str]) -> list[str]:
    word, written, layout = reading.words[index], reading.written[index], int(reading.layouts[index])
    clues, opens = int(reading.clues[index]), word.candidate and bool(reading.opens_sentence[index])
    flags = (
        not word.candidate,
        opens,
        opens and not clues & CLUES["C"],
        bool(reading.capitals and reading.capitals[index]),
        word.lower in small and word.text != word.lower,
        index == start,
        index == end - 1,
        end - start == 1,
    )
    features = ["b", *(name for name, holds in zip(FLAGS, flags, strict=True) if holds)]
    features += [f"d={clue}" for clue, bit in CLUES.items() if clues & bit]
    features += layout_features(layout, reading.sportiness, word.kinds, reading.names.get(index))
    if index == start and (index == 0 or reading.words[index - 1].is_line_end):
        if written != word.text:
            features.append("capB")
        if not layout and len(written) >= LEAST_DATELINE and written.isupper():
            features.append("dateline?")
    return features


def _lent(reading: Reading, index: int) -> list[str]:
    """What the neighbours lend to a word."""
    words, last = reading.words, len(reading.words) - 1
    features = [f"-1{name}" for name in words[index - 1].near] if index else ["-1BOS"]
    features += [f"+1{name}" for name in words[index + 1].near] if index < last else ["+1EOS"]
    if index > 1:
        features += [f"-2{name}" for name in words[index - 2].far]
    if index + 1 < last:
        features += [f"+2{name}" for name in words[index + 2].far]
    return features
