"""Writing systems: which script a text is in, and the languages that a script gives away.

Codes are ISO 15924. Ranges follow the Unicode block list (``Blocks.txt``); only letters and combining marks count.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import Counter
from functools import lru_cache

_BLOCKS = sorted(
    [
        (0x41, 0x5A, "Latn"),
        (0x61, 0x7A, "Latn"),
        (0xAA, 0x2AF, "Latn"),
        (0x370, 0x3FF, "Grek"),
        (0x400, 0x52F, "Cyrl"),
        (0x531, 0x58F, "Armn"),
        (0x591, 0x5F4, "Hebr"),
        (0x600, 0x6FF, "Arab"),
        (0x750, 0x77F, "Arab"),
        (0x7C0, 0x7FF, "Nkoo"),
        (0x8A0, 0x8FF, "Arab"),
        (0x900, 0x97F, "Deva"),
        (0x980, 0x9FF, "Beng"),
        (0xA00, 0xA7F, "Guru"),
        (0xA80, 0xAFF, "Gujr"),
        (0xB00, 0xB7F, "Orya"),
        (0xB80, 0xBFF, "Taml"),
        (0xC00, 0xC7F, "Telu"),
        (0xC80, 0xCFF, "Knda"),
        (0xD00, 0xD7F, "Mlym"),
        (0xD80, 0xDFF, "Sinh"),
        (0xE00, 0xE7F, "Thai"),
        (0xE80, 0xEFF, "Laoo"),
        (0xF00, 0xFFF, "Tibt"),
        (0x1000, 0x109F, "Mymr"),
        (0x10A0, 0x10FF, "Geor"),
        (0x1100, 0x11FF, "Hang"),
        (0x1200, 0x139F, "Ethi"),
        (0x1780, 0x17FF, "Khmr"),
        (0x1800, 0x18AF, "Mong"),
        (0x1C50, 0x1C7F, "Olck"),
        (0x1C90, 0x1CBF, "Geor"),
        (0x1E00, 0x1EFF, "Latn"),
        (0x1F00, 0x1FFF, "Grek"),
        (0x2D30, 0x2D7F, "Tfng"),
        (0x3040, 0x30FF, "Kana"),
        (0x3130, 0x318F, "Hang"),
        (0x3400, 0x4DBF, "Hani"),
        (0x4E00, 0x9FFF, "Hani"),
        (0xAC00, 0xD7AF, "Hang"),
        (0xFB50, 0xFDFF, "Arab"),
        (0xFE70, 0xFEFF, "Arab"),
        (0xFF66, 0xFF9F, "Kana"),
        (0x20000, 0x2FA1F, "Hani"),
    ]
)
_STARTS = [block[0] for block in _BLOCKS]

#: Scripts that one language of the news uses; ``und`` where none of the supported languages does.
SCRIPT_LANGUAGE = {
    "Grek": "el",
    "Armn": "hy",
    "Geor": "ka",
    "Thai": "th",
    "Laoo": "lo",
    "Khmr": "km",
    "Mymr": "my",
    "Taml": "ta",
    "Telu": "te",
    "Knda": "kn",
    "Mlym": "ml",
    "Gujr": "gu",
    "Guru": "pa",
    "Orya": "or",
    "Sinh": "si",
    "Hang": "ko",
    "Tibt": "bo",
    "Nkoo": "und",
    "Olck": "und",
    "Tfng": "und",
}

#: A character of these says as much as several letters of an alphabet.
CHARACTER_WEIGHT = {"Hani": 3, "Kana": 2, "Hang": 2}

_JAPANESE_KANA_SHARE = 0.05


@lru_cache(maxsize=65536)
def script_of(character: str) -> str:
    """Name the script of a letter or mark; empty for anything else.

    >>> script_of("ж"), script_of("7")
    ('Cyrl', '')
    """
    point = ord(character)
    index = bisect_right(_STARTS, point) - 1
    if index < 0 or point > _BLOCKS[index][1] or unicodedata.category(character)[0] not in "LM":
        return ""
    return _BLOCKS[index][2]


def count_scripts(text: str) -> Counter[str]:
    """Count the letters of each script.

    >>> count_scripts("AFP: Киев")
    Counter({'Cyrl': 4, 'Latn': 3})
    """
    counts: Counter[str] = Counter()
    for character, number in Counter(text).items():
        if script := script_of(character):
            counts[script] += number
    return counts


def main_script(counts: Counter[str]) -> tuple[str, float]:
    """Pick the script that says most, with its share; Japanese is ``Jpan``, whatever its share of kanji.

    >>> main_script(count_scripts("東京で地震"))
    ('Jpan', 1.0)
    """
    weights = {script: number * CHARACTER_WEIGHT.get(script, 1) for script, number in counts.items()}
    kana, han = counts.get("Kana", 0), counts.get("Hani", 0)
    if kana and kana >= _JAPANESE_KANA_SHARE * (kana + han):
        weights["Jpan"] = weights.pop("Kana", 0) + weights.pop("Hani", 0)
    script = max(weights, key=lambda name: (weights[name], name))
    return script, weights[script] / sum(weights.values())
