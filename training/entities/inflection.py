"""Case forms of Russian and Ukrainian place names, by ending."""

from __future__ import annotations

_RUSSIAN = (
    ("ия", ("ии", "ию", "ией")),
    ("ья", ("ьи", "ье", "ью", "ьей")),
    ("га", ("ги", "ге", "гу", "гой")),
    ("ка", ("ки", "ке", "ку", "кой")),
    ("ша", ("ши", "ше", "шу", "шей")),
    ("а", ("ы", "е", "у", "ой")),
    ("я", ("и", "е", "ю", "ей")),
    ("ль", ("ля", "лю", "лем", "ле")),
    ("нь", ("ни", "нью", "ня", "ню", "не", "нем")),
    ("рь", ("ря", "рю", "рем", "ре", "ри", "рью")),
    ("ь", ("и", "ью")),
    ("ай", ("ая", "аю", "аем", "ае")),
    ("ей", ("ея", "ею", "еем", "ее")),
    ("й", ("я", "ю", "ем", "е")),
    ("ец", ("ца", "цу", "цом", "це")),
)
_UKRAINIAN = (
    ("ія", ("ії", "ію", "ією")),
    ("ка", ("ки", "ці", "ку", "кою")),
    ("га", ("ги", "зі", "гу", "гою")),
    ("ша", ("ші", "шу", "шею")),
    ("а", ("и", "і", "у", "ою")),
    ("я", ("і", "ю", "ею")),
    ("ь", ("я", "ю", "ем", "і")),
    ("їв", ("єва", "єву", "євом", "єві")),
    ("ів", ("ова", "ову", "овом", "ові")),
    ("й", ("я", "ю", "єм", "ї")),
)
_CONSONANTS = "бвгджзклмнпрстфхцчшщ"


def russian(name: str) -> set[str]:
    """Oblique forms of a name of one word; none for a word that does not decline.

    >>> sorted(russian("Москва"))
    ['Москве', 'Москвой', 'Москву', 'Москвы']
    """
    return _decline(name, _RUSSIAN, ("а", "у", "ом", "е"))


def ukrainian(name: str) -> set[str]:
    """Oblique forms of a Ukrainian name of one word.

    >>> "Києва" in ukrainian("Київ")
    True
    """
    return _decline(name, _UKRAINIAN, ("а", "у", "ом", "і"))


def _decline(name: str, endings: tuple[tuple[str, tuple[str, ...]], ...], bare: tuple[str, ...]) -> set[str]:
    if " " in name or "-" in name or len(name) < 4 or name.isupper():
        return set()
    for ending, forms in endings:
        if name.endswith(ending):
            return {name[: -len(ending)] + form for form in forms}
    return {name + form for form in bare} if name[-1] in _CONSONANTS else set()
