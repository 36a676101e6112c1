"""The stage: an event's headline and text in, its language out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.messages import Alternative, Dispatch, Event, Language, LanguagePart
from pipeline.settings import LanguageSettings
from pipeline.stages.language.detector import MODELS, Guess
from pipeline.stages.language.passages import Passage, read
from pipeline.stages.language.tags import NO_LANGUAGE, UNDETERMINED, bcp47, close_group, primary

_SMALLEST_PART = 0.12
_LIKELY_ALTERNATIVE = 0.05


class LanguageStage:
    """Detect the language of each dispatch, part by part.

    ``disagreements`` counts the dispatches whose declared language is not the detected one, by both labels.
    """

    name = "language"

    def __init__(self, settings: LanguageSettings) -> None:
        self._threshold = settings.threshold
        self.disagreements: Counter[tuple[str, str]] = Counter()

    def load(self) -> float:
        """Load the models, which the first text does otherwise; give the seconds that it took, once a process."""
        MODELS.load()
        return MODELS.load_seconds or 0.0

    def process(self, events: Sequence[Event]) -> list[Event]:
        """Fill ``language`` in a copy of each event."""
        return [event.model_copy(update={"language": self.detect(event.dispatch)}) for event in events]

    def detect(self, dispatch: Dispatch) -> Language:
        """Tell the language of headline and text; parts are offsets into the text."""
        declared = primary(dispatch.language) if dispatch.language else None
        passages, tagged = read(dispatch.headline or "", dispatch.text, declared)
        if not passages:
            tag = UNDETERMINED if tagged else NO_LANGUAGE
            return Language(tag=tag, confidence=0.0 if tagged else 1.0, declared=dispatch.language)
        label, guess = self._vote(passages)
        agrees = None
        if declared and label not in {UNDETERMINED, NO_LANGUAGE}:
            agrees = declared == label
            if not agrees:
                self.disagreements[declared, label] += 1
        return Language(
            tag=_tag(label, guess),
            confidence=guess.confidence,
            declared=dispatch.language,
            agrees=agrees,
            script=guess.script,
            alternatives=_alternatives(label, guess),
            parts=self._parts(passages),
        )

    def _label(self, guess: Guess) -> str:
        return guess.label if max(guess.confidence, guess.group_confidence) >= self._threshold else UNDETERMINED

    def _vote(self, passages: list[Passage]) -> tuple[str, Guess]:
        """Let letters times confidence vote; the winner speaks through its strongest passage."""
        votes: Counter[str] = Counter()
        for passage in passages:
            label = self._label(passage.guess)
            if label not in {UNDETERMINED, NO_LANGUAGE}:
                votes[label] += passage.weight * max(passage.guess.confidence, 0.01)  # type: ignore[assignment]
        if not votes:
            guess = max(passages, key=lambda passage: passage.weight).guess
            return (NO_LANGUAGE if guess.label == NO_LANGUAGE else UNDETERMINED), guess
        best = max(votes, key=lambda label: (sum(votes[other] for other in close_group(label)), votes[label]))
        passage = max((p for p in passages if self._label(p.guess) == best), key=lambda p: p.weight * p.guess.confidence)
        return best, passage.guess

    def _parts(self, passages: list[Passage]) -> list[LanguagePart]:
        total = sum(passage.weight for passage in passages if passage.start >= 0) or 1
        shares: Counter[str] = Counter()
        found: list[LanguagePart] = []
        for passage in passages:
            label = self._label(passage.guess)
            if passage.start < 0 or label in {UNDETERMINED, NO_LANGUAGE}:
                continue
            tag, share = _tag(label, passage.guess), min(1.0, passage.weight / total)
            shares[tag] += share  # type: ignore[assignment]
            if found and found[-1].tag == tag:
                share = min(1.0, found[-1].share + share)
                found[-1] = LanguagePart(tag=tag, start=found[-1].start, end=passage.end, share=share)
            else:
                found.append(LanguagePart(tag=tag, start=passage.start, end=passage.end, share=share))
        return [part for part in found if shares[part.tag] >= _SMALLEST_PART]


def _tag(label: str, guess: Guess) -> str:
    return label if label in {UNDETERMINED, NO_LANGUAGE} else bcp47(label, guess.script)


def _alternatives(label: str, guess: Guess) -> list[Alternative]:
    candidates = list(guess.runners_up)
    if label == UNDETERMINED and guess.label not in {UNDETERMINED, NO_LANGUAGE}:
        candidates.insert(0, (guess.label, guess.confidence))
    return [
        Alternative(tag=bcp47(other, guess.script), confidence=confidence)
        for other, confidence in candidates
        if confidence >= _LIKELY_ALTERNATIVE
    ]
