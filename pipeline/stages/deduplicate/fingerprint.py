"""The fingerprint of a dispatch: what deduplication compares, computed beside parsing."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Sequence

from pipeline.messages import Dispatch, Fingerprint, Signal
from pipeline.stages.deduplicate.lexicon import LEXICON, NAME, NUMBER, body_marks, headline_marks, number_hash, number_hashes
from pipeline.stages.deduplicate.naming import headline_hashes, headline_words, sender, slug_hash, slug_key
from pipeline.stages.deduplicate.normalise import body, words

SCHEME = "words-1"
FLASH_WORDS = 12
"""A body of fewer words is read together with its headline: in a flash the headline is the news."""
MAX_WORDS = 4096
"""Words kept of a text; the longest dispatches have some 1,500."""
MAX_NUMBERS = 1024
MAX_TEXT = 16_384
"""Characters kept of a text, for comparing and showing what changed."""

#: A capital inside a sentence; what stands before it is looked at last, because ``re`` skips quickly to a first character alone.
_NAME = re.compile(
    r"[A-Z\u00c0-\u00de\u0391-\u03a9\u0401-\u042f]"
    r"(?<=[a-z\u00df-\u00f6\u00f8-\u00ff\u03ac-\u03ce\u0430-\u045f,] .)[\w'-]{2,}"
)


def fingerprint(dispatch: Dispatch) -> Fingerprint:
    """Compute what the text of a dispatch is compared by; depends on the dispatch alone."""
    text = body(dispatch.text)
    head = headline_words(dispatch.headline or "")
    tokens, numerals = words(text)
    if len(tokens) < FLASH_WORDS:
        numerals = [(place + len(head), numeral) for place, numeral in numerals]
        tokens = head + tokens
        text = " ".join(head) + ". " + text if head else text
    codes = [*map(LEXICON.__getitem__, tokens[:MAX_WORDS])]
    numbers = [(place, number) for place, code in enumerate(codes) if code & NUMBER for number in number_hashes(tokens[place])]
    names = {LEXICON[name] for name in _NAME.findall(text)}
    if not names.isdisjoint(codes):
        codes = [code | NAME if code in names else code for code in codes]
    numbers += [(place, number_hash(numeral)) for place, numeral in numerals if place < MAX_WORDS]
    numbers = numbers[:MAX_NUMBERS]
    marks = headline_marks(f"{dispatch.headline or ''} {dispatch.slugline or ''}") | body_marks(dispatch.text)
    if dispatch.signal is Signal.CORRECTION:
        marks.add("signal:correction")
    return Fingerprint(
        scheme=SCHEME,
        words=_packed("I", codes),
        numbers=_packed("I", [number for _, number in numbers]),
        number_places=_packed("H", [place for place, _ in numbers]),
        headline=_packed("I", headline_hashes(head).tolist()),
        marks=sorted(marks),
        text=base64.b64encode(zlib.compress(text[:MAX_TEXT].encode("utf-8", "surrogatepass"), 1)).decode("ascii"),
        names=_packed("I", [sender(dispatch), slug_hash(slug_key(dispatch.slugline or ""))]),
    )


def _packed(kind: str, values: Sequence[int]) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}{kind}", *values)).decode("ascii")
