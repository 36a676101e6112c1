"""Give a headline in capitals the letters that the body's own words have; every word keeps its length and so its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pipeline.stages.entities.gazetteer import Gazetteer

#: A line counts as set in capitals from three words of which seven in ten are.
_LEAST_WORDS, _CAPITAL_SHARE = 3, 0.7
#: From this class on a word is mostly written small (see ``training/entities/casing.py``).
_MOSTLY_SMALL = 2
_LONGEST_ACRONYM = 4
#: Endings of English headline verbs and plurals, and what the word is without each: "VETOES" is as small as "veto".
_ENDINGS = (("ies", "y"), ("es", ""), ("es", "e"), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"))
_LEAST_STEM = 3


class Cased(NamedTuple):
    """The words in their natural letters, and which of them stood in a line of capitals; None where no line did."""

    words: list[str]
    capitals: list[bool] | None


def lines_of(words: list[str]) -> list[tuple[int, int]]:
    """Ranges of words between line ends."""
    ends = [index for index, word in enumerate(words) if word[0] == "\n"]
    return list(zip((0, *(end + 1 for end in ends)), (*ends, len(words)), strict=True))


def true_case(words: list[str], gazetteer: Gazetteer, seen_small: Callable[[str], int | None]) -> Cased:
    """Restore the letters of lines in capitals.

    ``seen_small`` is the casing class of a lower-case word, None for an unknown one.
    """
    lines = lines_of(words)
    capital_lines = [line for line in lines if _in_capitals(words[slice(*line)])]
    if not capital_lines:
        return Cased(words, None)
    small, forms = _body_forms(words, lines, {start for start, _ in capital_lines})
    result, capitals = list(words), [False] * len(words)
    for start, end in capital_lines:
        title = [_capitalise(word) for word in words[start:end]]
        known = _known_names(title, gazetteer)
        for index in range(start, end):
            word = words[index]
            if index - start in known:
                capitals[index], result[index] = True, title[index - start]
            elif word.isupper() and word[0].isalpha():
                capitals[index] = True
                result[index] = _natural(word, small, forms, gazetteer, seen_small)
    return Cased(result, capitals)


def _in_capitals(words: list[str]) -> bool:
    if sum(map(str.isupper, words)) < _CAPITAL_SHARE * _LEAST_WORDS:  # most lines of prose are done here
        return False
    letters = [word for word in words if word[0].isalpha()]
    return len(letters) >= _LEAST_WORDS and sum(map(str.isupper, letters)) >= _CAPITAL_SHARE * len(letters)


def _body_forms(words: list[str], lines: list[tuple[int, int]], capital_starts: set[int]) -> tuple[set[str], dict[str, str]]:
    """Words of the lines that are not in capitals, and capital form → how the body first writes it inside a line."""
    body: set[str] = set()
    inside: dict[str, None] = {}  # in order, each once
    for start, end in lines:
        if start not in capital_starts:
            body.update(words[start:end])
            inside.update(dict.fromkeys(words[start + 1 : end]))
    forms: dict[str, str] = {}
    for word in inside:
        if word[0].isupper():
            forms.setdefault(word.upper(), word)
    return body, forms


def _capitalise(word: str) -> str:
    if not word.isupper() or "." in word or len(word) == 1:
        return word
    capital = "-".join(part.capitalize() for part in word.split("-"))
    return capital if len(capital) == len(word) else word


def _known_names(title: list[str], gazetteer: Gazetteer) -> set[int]:
    """Places in the line that belong to a name of several words."""
    found: set[int] = set()
    index = 0
    while index < len(title):
        step = 1
        for length in range(min(gazetteer.longest.get(title[index], 0), len(title) - index), 1, -1):
            if gazetteer.kinds(" ".join(title[index : index + length])):
                found.update(range(index, index + length))
                step = length
                break
        index += step
    return found


def _natural(
    word: str, small: set[str], forms: dict[str, str], gazetteer: Gazetteer, seen_small: Callable[[str], int | None]
) -> str:
    lower = word.lower()
    if word in forms and len(forms[word]) == len(word):
        return forms[word]
    if len(lower) != len(word) or "." in word:
        return word
    if lower in small:
        return lower
    capital = _capitalise(word)
    seen = seen_small(lower)
    if seen is not None and seen >= _MOSTLY_SMALL:
        return lower
    is_name = seen is None and _is_name(capital, gazetteer)
    if seen is None and not is_name and _is_form_of_small_word(lower, seen_small):
        return lower
    if len(word) <= _LONGEST_ACRONYM and seen is None and not is_name:
        return word
    return capital


def _is_form_of_small_word(lower: str, seen_small: Callable[[str], int | None]) -> bool:
    for ending, rest in _ENDINGS:
        if lower.endswith(ending) and len(lower) - len(ending) >= _LEAST_STEM:
            seen = seen_small(lower.removesuffix(ending) + rest)
            if seen is not None and seen >= _MOSTLY_SMALL:
                return True
    return False


def _is_name(word: str, gazetteer: Gazetteer) -> bool:
    return word in gazetteer.given or word in gazetteer.family or gazetteer.kinds(word) is not None or word in gazetteer.longest
