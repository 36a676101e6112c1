"""Language tags: what the detector can say, in BCP-47, and how tags are compared."""

from __future__ import annotations

from functools import lru_cache

import langcodes

from pipeline.stages.remembering import remembered

UNDETERMINED = "und"
NO_LANGUAGE = "zxx"

#: Languages that py3langid and CLD2 tell apart, in their own ISO 639-1 or 639-3 labels.
DETECTED = frozenset(
    """
    af am ar as az be bg bn bo bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu ha he hi hr ht hu hy id ig is it ja
    jv ka kk km kn ko ku ky la lb lg ln lo lt lv mg mk ml mn mr ms mt my ne nl no om or pa pcm pl ps pt rn ro ru rw sd si
    sk sl sn so sq sr st sv sw ta te tg th ti tk tl tr ug uk ur uz vi xh yi yo zh zu
    """.split()  # noqa: SIM905 - a list of labels is read as prose
)

#: Detected languages that also attract texts in languages which no model knows: both models have to agree on them.
RARE = frozenset(
    """
    bo eo ha ht ig jv ku la lb lg ln mg om pcm rn rw sn so st tk xh yo
    """.split()  # noqa: SIM905
)

#: Languages whose short texts are honestly open: the best is given with the others as alternatives.
CLOSE_GROUPS = (frozenset({"hr", "bs", "sr"}), frozenset({"id", "ms"}), frozenset({"no", "da"}))

_RELATED = (
    *CLOSE_GROUPS[:2],
    frozenset({"no", "da", "sv"}),
    frozenset({"cs", "sk"}),
    frozenset({"gl", "pt", "es"}),
    frozenset({"az", "tr", "uz"}),
    frozenset({"uk", "ru", "be"}),
    frozenset({"bg", "mk"}),
    frozenset({"kk", "ky"}),
)

_SAME = {
    **dict.fromkeys(("nn", "nb"), "no"),
    **dict.fromkeys(("wuu", "yue", "zh-Hant"), "zh"),
    **dict.fromkeys(("arz", "ary"), "ar"),
    **dict.fromkeys(("sdh", "ckb"), "ku"),
    "iw": "he",
    "jw": "jv",
    "fil": "tl",
    "uzs": "uz",
    "ltg": "lv",
    "mo": "ro",
    "sh": "sr",
    "un": UNDETERMINED,
}


def canonical(label: str) -> str:
    """Reduce a detector's label to one of ``DETECTED``; other labels stay as they are."""
    return _SAME.get(label, label)


def close_group(label: str) -> frozenset[str]:
    """Give the languages that are easily taken for this one, itself included."""
    return next((group for group in CLOSE_GROUPS if label in group), frozenset({label}))


def related(label: str) -> frozenset[str]:
    """Give the languages among which a wrong choice misleads a reader less than no answer, itself included."""
    return next((group for group in _RELATED if label in group), frozenset({label}))


@lru_cache(maxsize=1024)
def bcp47(label: str, script: str | None) -> str:
    """Write a label as BCP-47, with a script only where the language is written in two.

    >>> bcp47("sr", "Latn"), bcp47("zh", "Hant"), bcp47("tl", "Latn"), bcp47("sr", "Cyrl")
    ('sr-Latn', 'zh-Hant', 'fil', 'sr')
    """
    if (label == "sr" and script == "Latn") or (label == "zh" and script == "Hant"):
        label = f"{label}-{script}"
    return str(langcodes.standardize_tag(label))


@remembered(4096)
def primary(tag: str) -> str | None:
    """Reduce a declared tag to a label that can be compared; None where it says nothing or is not a tag.

    >>> primary("zh-TW"), primary("nb"), primary("english, please"), primary("mul")
    ('zh', 'no', None, None)
    """
    try:
        language = langcodes.get(tag.strip(), normalize=True)
        label = langcodes.standardize_tag(language.language or UNDETERMINED, macro=True).split("-")[0]
    except ValueError:
        return None
    return None if label in {UNDETERMINED, NO_LANGUAGE, "mul", "mis"} else canonical(label)


def supported_languages() -> list[str]:
    """List the BCP-47 tags that the stage can give, sorted; ``und`` and ``zxx`` come on top of them."""
    return sorted({bcp47(label, None) for label in DETECTED} | {"sr-Latn", "zh-Hant"})
