"""Dispatches of our own in the manner of the agencies, labelled by hand before a model read them: to measure by, not to train from.

A language has several files, one a round of writing: what the tagger missed in one was mended before the next was written. A blank
line parts two dispatches; ``[ORG Bank of Zambia]`` is a name. Peoples and events are not labelled.
"""

from __future__ import annotations

import re
from pathlib import Path

from training.entities.corpora import Example

_NAME = re.compile(r"\[(PER|ORG|LOC) ([^\]]+)\]")


def read(language: str) -> dict[str, list[Example]]:
    """Labelled dispatches of a language, file by file; none where no file is."""
    files = sorted(Path(__file__).parent.glob(f"{language}*.txt"))
    return {file.stem: [_dispatch(marked) for marked in file.read_text(encoding="utf-8").strip().split("\n\n")] for file in files}


def _dispatch(marked: str) -> Example:
    text = ""
    names = []
    position = 0
    for name in _NAME.finditer(marked):
        text += marked[position : name.start()]
        names.append((len(text), len(text) + len(name[2]), name[1]))
        text += name[2]
        position = name.end()
    return Example(text + marked[position:], names)
