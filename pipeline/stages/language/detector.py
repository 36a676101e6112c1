"""One language for one stretch of text: script table, py3langid and CLD2 together.

py3langid's log-posteriors, restricted to languages of the news, plus half the logarithm of CLD2's share: each is right where the
other is not (docs/language.md has the measurement). Half, because CLD2's share is already near 0 or 1.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.stages.language import serbocroatian
from pipeline.stages.language.calibration import Evidence
from pipeline.stages.language.scripts import SCRIPT_LANGUAGE, main_script, script_of
from pipeline.stages.language.tags import DETECTED, NO_LANGUAGE, RARE, UNDETERMINED, canonical, close_group, related
from pipeline.stages.language.unaccented import with_unaccented

#: Characters that the models read; more makes no text clearer.
LONGEST = 1500

_FEWEST_LETTERS = 4
_FEWEST_IDEOGRAPHS = 2
_FEWEST_DISTINCT = 3
_CLEAR_SHARE = 0.5
_PURE_SHARE = 0.98
_CAPITALS_SHARE = 0.6

_CLD2_WEIGHT = 0.5
_CLD2_FLOOR = 1e-3
_WORST = -25.0
# Brings the log-odds of a marker to the size of py3langid's, which add up over letters that are not independent.
_MARKER_WEIGHT = 5.0
# A declared language is worth what a few letters of text are: it decides where the text does not.
_PRIOR = 2.0
# Within a close group a short text often does not tell: there the declared language weighs more.
_CLOSE_PRIOR = 8.0
# Turkish has no q and no x; Azerbaijani without its accents looks like Turkish otherwise.
_FOREIGN_TO_TURKISH = 3.0

_DOUBTED_CONFIDENCE = 0.3
# Log-odds by which a language that is not detected has to win; less turns short texts in capitals into und.
_OTHER_MARGIN = 3.0
_TABLE_CONFIDENCE = 0.99
_SHARED_SCRIPT_CONFIDENCE = 0.97


@dataclass(frozen=True, slots=True)
class Guess:
    """The best language of a text: a label of ``tags.DETECTED``, ``und`` or ``zxx``.

    ``confidence`` is for this label; ``group_confidence`` for its related languages (Croatian or Bosnian or Serbian).
    """

    label: str
    confidence: float
    script: str | None = None
    group_confidence: float = 0.0
    runners_up: tuple[tuple[str, float], ...] = ()
    evidence: Evidence | None = field(default=None, compare=False)


class Models:
    """py3langid and CLD2, loaded once at the first text; calls may come from several threads."""

    def __init__(self) -> None:
        self.load_seconds: float | None = None
        self._lock = threading.Lock()
        self._identifier: Any = None
        self._unaccented: Any = None
        self._cld2: Any = None

    def load(self) -> None:
        """Load the models unless they are; ``load_seconds`` says how long that took."""
        if self.load_seconds is not None:
            return
        with self._lock:
            if self._identifier is not None:
                return
            started = time.perf_counter()
            import pycld2
            from py3langid.langid import MODEL_FILE, LanguageIdentifier

            self._cld2 = pycld2
            self._identifier, self._unaccented = with_unaccented(LanguageIdentifier.from_model_file(MODEL_FILE))
            self.load_seconds = time.perf_counter() - started

    def posteriors(self, text: str, *, unaccented: bool = False) -> tuple[dict[str, float], bool]:
        """Rank with py3langid: log-posteriors against the best, down to ``_WORST``; ``zxx`` among them.

        ``unaccented`` reads the text as one that may have lost its accents.
        Say too whether a language that is not ``DETECTED`` fits clearly better than all of these.
        """
        self.load()
        identifier = self._unaccented if unaccented else self._identifier
        ranked = [(canonical(label), value) for label, value in identifier.rank(text)]
        known = [(label, value) for label, value in ranked if label in DETECTED or label == NO_LANGUAGE]
        best = known[0][1]
        scores: dict[str, float] = {}
        for label, value in known:
            if value - best < _WORST:
                break
            scores.setdefault(label, value - best)
        return scores, ranked[0][1] - best > _OTHER_MARGIN

    def shares(self, text: str) -> tuple[bool, dict[str, float]]:
        """Ask CLD2: whether it calls itself reliable, and the share of each language; empty where it refuses the text."""
        self.load()
        try:
            reliable, _, found = self._cld2.detect(text, isPlainText=True, bestEffort=True)
        except (self._cld2.error, ValueError):
            return False, {}
        shares: dict[str, float] = {}
        for _, label, percent, _ in found:
            if percent and label != "un":
                shares[canonical(label)] = shares.get(canonical(label), 0.0) + percent / 100
        return reliable, shares

    def is_traditional(self, text: str) -> bool:
        """Tell Chinese in traditional characters."""
        self.load()
        try:
            found = self._cld2.detect(text, isPlainText=True, bestEffort=True)[2]
        except (self._cld2.error, ValueError):
            return False
        return bool(found[0][1] == "zh-Hant")


MODELS = Models()


def detect(text: str, counts: Counter[str], prior: str | None = None) -> Guess:
    """Guess the language of a cleaned text whose letters are counted by script.

    ``prior`` is the declared language as a label; it moves the odds a little and never decides against a clear text.

    >>> from pipeline.stages.language.scripts import count_scripts
    >>> greek = "Σεισμός στην Αθήνα"
    >>> detect(greek, count_scripts(greek)).label
    'el'
    """
    text = text[:LONGEST]
    if not counts:
        return Guess(NO_LANGUAGE, _TABLE_CONFIDENCE)
    script, share = main_script(counts)
    letters = sum(counts.values())
    if letters < (_FEWEST_IDEOGRAPHS if script in {"Hani", "Jpan"} else _FEWEST_LETTERS):
        return Guess(UNDETERMINED, 0.0, script)
    if share > _CLEAR_SHARE and (guess := _by_script(text, script)):
        return guess
    if len(set(filter(script_of, set(text.casefold())))) < _FEWEST_DISTINCT:
        return Guess(UNDETERMINED, 0.0, script)
    if share < (_PURE_SHARE if script == "Latn" else 1.0):
        text = "".join(character for character in text if script_of(character) in {script, ""})
    return _by_models(text, script, letters, prior)


def _by_script(text: str, script: str) -> Guess | None:
    if script == "Jpan":
        return Guess("ja", _TABLE_CONFIDENCE, script, _TABLE_CONFIDENCE)
    if script == "Hani":
        script = "Hant" if MODELS.is_traditional(text) else "Hans"
        return Guess("zh", _TABLE_CONFIDENCE, script, _TABLE_CONFIDENCE)
    if label := SCRIPT_LANGUAGE.get(script):
        return Guess(label, 0.0 if label == UNDETERMINED else _TABLE_CONFIDENCE, "Kore" if script == "Hang" else script, 1.0)
    if script in {"Hebr", "Beng"}:
        yiddish = sum(text.count(letters) for letters in ("װ", "ױ", "ײ", "אַ", "אָ", "ייַ"))
        rare = yiddish * 50 > len(text) if script == "Hebr" else any(letter in text for letter in "ৰৱ")
        label = {("Hebr", False): "he", ("Hebr", True): "yi", ("Beng", False): "bn", ("Beng", True): "as"}[script, rare]
        return Guess(label, _SHARED_SCRIPT_CONFIDENCE, script, _SHARED_SCRIPT_CONFIDENCE)
    if script == "Ethi":
        _, shares = MODELS.shares(text)
        label = "ti" if shares.get("ti", 0.0) > shares.get("am", 0.0) else "am"
        return Guess(label, _SHARED_SCRIPT_CONFIDENCE, script, _SHARED_SCRIPT_CONFIDENCE)
    return None


def _by_models(text: str, script: str, letters: int, prior: str | None) -> Guess:
    capitals = sum(map(str.isupper, text)) > _CAPITALS_SHARE * letters
    if capitals:
        text = text.lower()
    posteriors, other_fits = MODELS.posteriors(text, unaccented=capitals and text.isascii())
    first = next(iter(posteriors))
    posteriors.pop(NO_LANGUAGE, None)
    _, shares = MODELS.shares(text)
    if script == "Latn":
        # CLD2 knows no Serbian in Latin script: what it gives to Croatian or Bosnian may be Serbian.
        shares["sr"] = max(shares.get("hr", 0.0), shares.get("bs", 0.0))
    for label in shares:
        if label in DETECTED:
            posteriors.setdefault(label, _WORST)
    if not posteriors:
        return Guess(UNDETERMINED, 0.0, script)
    scores = {label: value + _CLD2_WEIGHT * math.log(shares.get(label, 0.0) + _CLD2_FLOOR) for label, value in posteriors.items()}
    if prior in scores:
        scores[prior] += _PRIOR
    best = max(scores, key=scores.__getitem__)
    if best == "tr" and "az" in scores:
        scores["az"] += _FOREIGN_TO_TURKISH * (text.count("q") + text.count("x"))
        best = max(scores, key=scores.__getitem__)
    if script == "Latn" and best in {"hr", "bs", "sr"}:
        whole = scores[best]
        for label, odds in serbocroatian.weigh(text, scores).items():
            scores[label] = whole + _MARKER_WEIGHT * odds
    group = close_group(best)
    if prior in group and len(group) > 1:
        scores[prior] = scores.get(prior, _WORST) + _CLOSE_PRIOR
    best = max((label for label in group if label in scores), key=scores.__getitem__)
    guess = _weighed(best, scores, shares, script=script, letters=letters, first=first)
    if other_fits and shares.get(best, 0.0) < _CLEAR_SHARE:
        confidence, group_confidence = (min(value, _DOUBTED_CONFIDENCE) for value in (guess.confidence, guess.group_confidence))
        return replace(guess, confidence=confidence, group_confidence=group_confidence)
    return guess


def _weighed(best: str, scores: dict[str, float], shares: dict[str, float], *, script: str, letters: int, first: str) -> Guess:
    def evidence(group: frozenset[str]) -> Evidence:
        rest = max((value for label, value in scores.items() if label not in group), default=-math.inf)
        return Evidence(
            margin=max(scores[label] for label in group if label in scores) - rest,
            letters=letters,
            first_choice=first in group,
            cld2_agrees=bool(shares) and max(shares, key=shares.__getitem__) in group,
            share=sum(shares.get(label, 0.0) for label in group),
        )

    alone = evidence(frozenset({best}))
    confidence = alone.confidence()
    if best in RARE and not (alone.cld2_agrees and alone.first_choice):
        confidence = min(confidence, _DOUBTED_CONFIDENCE)
    group = related(best)
    whole = confidence if len(group) == 1 else max(confidence, evidence(group).confidence())
    others = sorted((label for label in scores if label != best), key=scores.__getitem__, reverse=True)[:3]
    weights = [math.exp(max(scores[label] - scores[best], _WORST) / 4) for label in others]
    left = (1 - confidence) / max(sum(weights), 1e-9)
    runners_up = tuple((label, min(confidence, weight * left)) for label, weight in zip(others, weights, strict=True))
    return Guess(best, confidence, script, whole, runners_up, alone)
